import type * as Library from '../../src/browser';
import type { KlDistribution } from '../../src/kl/closed-form';

/** A distribution in plain JSON, as random tests draw it. */
export interface Drawn {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly stddevs: readonly (readonly number[])[];
}

export interface Problem {
  readonly q: Drawn;
  readonly p: Drawn;
  readonly seed: number;
}

/** What the library says about q and p, number by number, in the digits that name a float64; errors by their text. */
export function answers(library: typeof Library, { q: givenQ, p: givenP, seed }: Problem): string[] {
  const q = distributionOf(library, givenQ);
  const p = distributionOf(library, givenP);
  const stream = library.RandomStream.of(seed, 'points');
  const point = Array.from({ length: givenQ.means[0]!.length }, () => 3 * stream.normal());
  const asked: (() => unknown)[] = [
    () => [q.logProb(point), p.logProb(point)],
    () => library.klDivergence(q, p),
    () => library.klBounds(q, p),
    () => library.quadratureKl(q, p),
    ...library.KL_ESTIMATORS.map((estimator) => () => library.estimateKl(q, p, { estimator, samples: 256, seed })),
    () => library.estimateKl(q, p, { estimator: 'best', samples: 2000, seed }),
    () => library.quadratureKlGradient(q as Library.Normal, p),
    () => library.integrandFigure([{ label: 'q', q, p, kl: 0 }], { from: -5, to: 5 }).data,
  ];
  return asked.map((ask) => {
    try {
      return inDigits(ask());
    } catch (error) {
      return (error as Error).message;
    }
  });
}

function distributionOf(library: typeof Library, { weights, means, stddevs }: Drawn): KlDistribution {
  const components = means.map((mean, k) =>
    mean.length === 1
      ? new library.Normal(mean[0]!, stddevs[k]![0]!)
      : library.MultivariateNormal.diagonal(mean, stddevs[k]!),
  );
  return components.length === 1 ? components[0]! : new library.GaussianMixture(weights, components);
}

function inDigits(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number') return Object.is(part, -0) ? '-0' : String(part);
    return ArrayBuffer.isView(part) ? Array.from(part as Float64Array) : part;
  });
}
