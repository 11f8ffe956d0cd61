import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { klBounds } from '../../src/kl/bounds';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { quadratureKl } from '../../src/kl/quadrature';

const WEIGHTS = [0.2, 0.5, 0.3];
const components = [new Normal(-3, 0.4), new Normal(0.5, 1), new Normal(2, 0.7)];
const p = new GaussianMixture(WEIGHTS, components);
const q = new Normal(0.3, 0.8);

/** All that is said about KL(q‖p) for a mixture p. */
function answers(first: Normal, second: GaussianMixture): number[] {
  const { lower, upper } = klBounds(first, second);
  return [lower, upper, quadratureKl(first, second), monteCarloKl(first, second, { samples: 500, seed: 1 }).value];
}

function expectSame(actual: number[], expected: number[]): void {
  actual.forEach((value, i) => {
    expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-9);
  });
}

describe('every estimate and bound (rule 6)', () => {
  const expected = answers(q, p);

  it('does not care about the order of the components', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
        const shuffled = new GaussianMixture(
          order.map((k) => WEIGHTS[k]!),
          order.map((k) => components[k]!),
        );
        expectSame(answers(q, shuffled), expected);
      }),
      { numRuns: 6, seed: 1 },
    );
  });

  it('does not care about a component split in two, or one of weight zero', () => {
    const split = new GaussianMixture(
      [0.2, 0.1, 0.4, 0.3],
      [components[0]!, components[1]!, components[1]!, components[2]!],
    );
    expectSame(answers(q, split), expected);
    expectSame(answers(q, new GaussianMixture([...WEIGHTS, 0], [...components, new Normal(0, 1e-8)])), expected);
  });

  it('does not change under a shift and a scale of both', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 100, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (shift, scale) => {
          const moved = (g: Normal): Normal => new Normal(shift + scale * g.mean, scale * g.stddev);
          expectSame(answers(moved(q), new GaussianMixture(WEIGHTS, components.map(moved))), expected);
        },
      ),
      { numRuns: 10, seed: 2 },
    );
  });
});
