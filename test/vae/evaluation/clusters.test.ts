import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optimalAssignment } from '../../../src/vae/evaluation/assignment';
import { clusterAgreement } from '../../../src/vae/evaluation/clusters';

/** The best total over all one-to-one assignments, one by one. */
function bestByTrying(gains: number[][], row = 0, taken: readonly number[] = []): number {
  if (row === gains.length) return 0;
  const columns = (gains[row] as number[]).map((_, j) => j).filter((j) => !taken.includes(j));
  const skipping = gains.length - row > columns.length ? bestByTrying(gains, row + 1, taken) : Number.NEGATIVE_INFINITY;
  return columns.reduce(
    (best, j) => Math.max(best, ((gains[row] as number[])[j] as number) + bestByTrying(gains, row + 1, [...taken, j])),
    skipping,
  );
}

describe('the optimal assignment', () => {
  it('gains what the best of all assignments gains, for tables of every form up to 5×5', () => {
    const tables = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([n, m]) =>
      fc.array(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: m, maxLength: m }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(tables, (gains) => {
        const [n, m] = [gains.length, (gains[0] as number[]).length];
        const assigned = optimalAssignment(gains.flat(), n, m);
        const columns = [...assigned].filter((j) => j >= 0);
        expect(columns).toHaveLength(Math.min(n, m));
        expect(new Set(columns).size).toBe(columns.length);
        const gained = [...assigned].reduce(
          (sum, j, i) => sum + (j < 0 ? 0 : ((gains[i] as number[])[j] as number)),
          0,
        );
        expect(gained).toBe(bestByTrying(gains));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('clusters against labels', () => {
  it('agree fully where they are the labels under other numbers', () => {
    expect(clusterAgreement([2, 2, 0, 0, 1], [0, 0, 1, 1, 2])).toEqual({ accuracy: 1, nmi: expect.closeTo(1, 12) });
  });

  it('agree as much whatever numbers name the classes, also ones with a billion between them', () => {
    const [clusters, labels] = [
      [0, 0, 1, 1, 2, 2, 2],
      [0, 0, 1, 0, 2, 2, 1],
    ];
    const names = Uint32Array.of(4_000_000_000, 17, 1_000_000);
    const named = Uint32Array.from(labels, (label) => names[label] as number);
    expect(clusterAgreement(clusters, named)).toEqual(clusterAgreement(clusters, labels));
  });

  it('have no more than 1 in common, whatever the frequencies round to', () => {
    for (let classes = 2; classes < 12; classes++) {
      for (let images = classes; images < 40; images++) {
        const labels = Array.from({ length: images }, (_, i) => i % classes);
        const { nmi } = clusterAgreement(
          labels.map((label) => classes - 1 - label),
          labels,
        );
        expect(nmi).toBeLessThanOrEqual(1);
        expect(nmi).toBeCloseTo(1, 12);
      }
    }
  });

  it('have the accuracy of the best matching, not of the largest share per cluster', () => {
    // Clusters 0 and 1 both hold mostly class 0: only one of them may be matched with it.
    const { accuracy } = clusterAgreement([0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 1]);
    expect(accuracy).toBeCloseTo(4 / 6, 12);
  });

  it('have the mutual information of the textbook formula', () => {
    // Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, table 16.2: NMI 0.36 for figure 16.4.
    const clusters = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2];
    const labels = [0, 0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 2, 0, 0, 2, 2, 2];
    expect(clusterAgreement(clusters, labels).nmi).toBeCloseTo(0.36, 2);
  });

  it('have none where all images are in one cluster', () => {
    expect(clusterAgreement([0, 0, 0, 0], [0, 1, 1, 2])).toEqual({ accuracy: 0.5, nmi: 0 });
  });
});
