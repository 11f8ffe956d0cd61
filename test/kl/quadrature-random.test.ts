import { describe, expect, it } from 'vitest';
import { quadratureKl } from '../../src/kl/quadrature';
import { QuadratureError } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';
import { oracleKl } from './quadrature-oracle';
import { FAMILIES } from './quadrature-problems';
import { twoNormalsKl } from './two-normals-oracle';

/** The first few of the families of bench/quadrature.ts that take least. */
const COUNTS: { readonly [name: string]: number } = {
  '1-D mixtures': 40,
  'closed forms': 40,
  '2-D, independent coordinates, mixed': 4,
  '2-D, two normals at any angle': 3,
  '2-D, a common regression': 2,
  '2-D, clusters': 2,
  '3-D, two normals at any angle': 2,
  '3-D, a common regression': 1,
  '3-D, a plane and a line, mixed': 2,
  '3-D, axes of their own, wide': 2,
};

describe('the oracles', () => {
  it('agree where two of them apply: lines through the plane, and a line in the complex plane', () => {
    const wide = {
      weight: 1,
      mean: [0, 0],
      B: [
        [1, 0],
        [0, 1],
      ],
      s: [1, 0.5],
    };
    const turned = {
      weight: 0.75,
      mean: [0.25, 0.125],
      B: [
        [3, -2],
        [2, 3],
      ],
      s: [0.25, 2 ** -4],
    };
    const p = [{ ...wide, weight: 0.25 }, turned];
    expect(Math.abs(twoNormalsKl([wide], p) - oracleKl([wide], p, { lines: 60, angle: 0.4 }))).toBeLessThan(1e-11);
  });
});

describe('quadratureKl of random problems', () => {
  it.each(Object.entries(COUNTS))('keeps its promise or says that it cannot: %s, the first %i', (name, count) => {
    for (let i = 0; i < count; i++) {
      const { q, p, truth } = FAMILIES[name]!(RandomStream.of(i, `quadrature/${name}`));
      let value: number;
      try {
        value = quadratureKl(q, p);
      } catch (error) {
        expect(error, `problem ${i}`).toBeInstanceOf(QuadratureError);
        expect((error as Error).message).toContain('call estimateKl');
        continue;
      }
      const expected = truth();
      expect(Math.abs(value - expected), `problem ${i}: ${value} for ${expected}`).toBeLessThan(
        1e-8 * Math.max(1, expected),
      );
    }
  });
});
