import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { closestNormal } from '../../src/kl/closest-normal';
import { intervalCoverage, logRatioShape } from '../../src/kl/coverage';
import { replicateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { replicateMonteCarloKl } from '../../src/kl/replicates';
import { softplusExpectation } from '../../src/kl/softplus-normal';

// Units are powers of two and shifts whole, so that what is given is exact after a map.
const map = fc.record({
  unit: fc.integer({ min: -900, max: 900 }).map((n) => 2 ** n),
  shift: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
});
type Map = { readonly unit: number; readonly shift: number };
const HERE: Map = { unit: 1, shift: 0 };
const normal = (mean: number, stddev: number, { unit, shift }: Map) => new Normal(unit * (mean + shift), unit * stddev);
const mixture = (at: Map) => new GaussianMixture([0.25, 0.75], [normal(-1.5, 0.5, at), normal(1, 1, at)]);

function close(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  actual.forEach((value, i) => {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(value - expected[i]!), `entry ${i}: ${value} for ${expected[i]}`).toBeLessThanOrEqual(allowed);
  });
}

describe.each<[string, number, (at: Map) => readonly number[]]>([
  [
    'closestNormal, q to p',
    1e-6,
    (at) => {
      const { mean, stddev } = closestNormal(mixture(at), 'q to p', normal(1, 1, at));
      return [mean / at.unit - at.shift, stddev / at.unit];
    },
  ],
  ['logRatioShape', 1e-8, (at) => Object.values(logRatioShape(normal(0.5, 0.75, at), mixture(at)))],
  [
    'intervalCoverage',
    1e-9,
    (at) => {
      const options = { exact: 0.5, samples: 10, replications: 20, seed: 1 };
      return Object.values(intervalCoverage(normal(0, 1, at), normal(1, 1, at), options));
    },
  ],
  [
    'replicateMonteCarloKl',
    1e-9,
    (at) => {
      const options = { samples: 10, replications: 5, seed: 1 };
      return Array.from(replicateMonteCarloKl(normal(0, 1, at), mixture(at), options));
    },
  ],
  [
    'replicateKlGradient',
    1e-9,
    (at) => {
      const options = { estimator: 'reparameterised', samples: 4, replications: 5, seed: 1 } as const;
      const { average } = replicateKlGradient(normal(0, 1, at), mixture(at), options);
      return [average.mean[0]! * at.unit, average.stddev[0]! * at.unit];
    },
  ],
])('%s', (_, tolerance, of) => {
  it('is the same after any shift and unit', () => {
    const here = of(HERE);
    fc.assert(
      fc.property(map, (at) => {
        // What a mean may be rounded by beside the shift.
        close(of(at), here, tolerance + 2 ** -50 * Math.abs(at.shift));
      }),
      { seed: 9, numRuns: 5 },
    );
  });
});

describe('softplusExpectation', () => {
  it('loses a when a + bZ changes its sign, and does not see the sign of b', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (a, b) => {
          const here = softplusExpectation(a, b);
          close([softplusExpectation(-a, b) + a, softplusExpectation(a, -b)], [here, here], 1e-11);
        },
      ),
      { seed: 10, numRuns: 50 },
    );
  });
});
