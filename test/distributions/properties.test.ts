import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cdf, quantile } from '../../src/distributions/cumulative-distribution';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { conditional, marginal } from '../../src/distributions/marginal';
import { type Gaussian, MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';

// Means and points are multiples of 1/8 and units powers of two: what is given is exact after every shift and unit.
const eighth = fc.integer({ min: -40, max: 40 }).map((n) => n / 8);
const width = fc.constantFrom(0.25, 0.5, 1, 2);
const scalar = fc.record({ weight: fc.integer({ min: 1, max: 9 }), mean: eighth, stddev: width });
const scalars = fc.array(scalar, { minLength: 1, maxLength: 4 });
const unit = fc.integer({ min: -900, max: 900 }).map((n) => 2 ** n);
const shift = fc.integer({ min: -(2 ** 46), max: 2 ** 46 });

type Scalar = { readonly weight: number; readonly mean: number; readonly stddev: number };
const line = (parts: readonly Scalar[], u = 1, by = 0): GaussianMixture =>
  new GaussianMixture(
    parts.map(({ weight }) => weight),
    parts.map(({ mean, stddev }) => new Normal(u * (mean + by), u * stddev)),
    { weightsAre: 'unnormalised' },
  );
const near = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThanOrEqual(allowed);
  }
};

describe('in one dimension, after any shift and unit,', () => {
  it('a log density loses ln(unit), and responsibilities, probabilities and quantiles are the same', () => {
    fc.assert(
      fc.property(scalars, eighth, unit, shift, fc.double({ min: 1e-9, max: 1, noNaN: true }), (parts, z, u, by, p) => {
        const [here, there] = [line(parts), line(parts, u, by)];
        const at = u * (z + by);
        near([there.logProb(at) + Math.log(u)], [here.logProb(z)], 1e-12);
        near(there.responsibilities(at), here.responsibilities(z), 1e-12);
        expect(cdf(there, at)).toBe(cdf(here, z));
        expect(cdf(there, at, { tail: 'upper' })).toBe(cdf(here, z, { tail: 'upper' }));
        // The quantile is rounded to what floats there are beside the shift.
        const found = quantile(there, p) / u - by;
        const room = 2 ** -50 * Math.abs(by);
        expect(cdf(here, found - room - 1e-12)).toBeLessThanOrEqual(p + 1e-11);
        expect(cdf(here, found + room + 1e-12)).toBeGreaterThanOrEqual(p - 1e-11);
      }),
      { seed: 91, numRuns: 200 },
    );
  });

  it('the order of components, copies and weights of zero change nothing', () => {
    fc.assert(
      fc.property(scalars, scalar, eighth, fc.double({ min: 1e-9, max: 1, noNaN: true }), (parts, extra, z, p) => {
        const [here, there] = [line(parts), line([{ ...extra, weight: 0 }, ...parts.toReversed(), ...parts])];
        near([there.logProb(z), cdf(there, z)], [here.logProb(z), cdf(here, z)], 1e-13);
        near([cdf(here, quantile(there, p))], [p], 1e-12);
        near([there.meanVector()[0]!], [here.meanVector()[0]!], 1e-13);
        near(there.covarianceMatrix(), here.covarianceMatrix(), 1e-12);
      }),
      { seed: 92, numRuns: 200 },
    );
  });
});

describe('over vectors', () => {
  const part = fc.record({
    weight: fc.integer({ min: 1, max: 9 }),
    mean: fc.tuple(eighth, eighth, eighth),
    /** Below the diagonal of L, whose diagonal is 1. */
    below: fc.tuple(eighth, eighth, eighth),
  });
  const parts = fc.array(part, { minLength: 1, maxLength: 3 });
  type Part = { readonly weight: number; readonly mean: readonly number[]; readonly below: readonly number[] };
  const normal = ({ mean, below: [a, b, c] }: Part, u: number, by: number): Gaussian => {
    const root = [
      [1, 0, 0],
      [a!, 1, 0],
      [b!, c!, 1],
    ];
    const covariance = root.map((x) => root.map((y) => u * u * x.reduce((sum, value, k) => sum + value * y[k]!, 0)));
    return MultivariateNormal.full(
      mean.map((m) => u * (m + by)),
      covariance,
    );
  };
  const space = (all: readonly Part[], u = 1, by = 0): GaussianMixture =>
    new GaussianMixture(
      all.map(({ weight }) => weight),
      all.map((one) => normal(one, u, by)),
      { weightsAre: 'unnormalised' },
    );
  const point = fc.tuple(eighth, eighth, eighth);
  const half = fc.integer({ min: -450, max: 450 }).map((n) => 2 ** n);

  it('the joint density is the marginal times the conditional, in any order of the coordinates, unit and place', () => {
    fc.assert(
      fc.property(
        parts,
        point,
        half,
        shift,
        fc.constantFrom([0], [1], [2], [0, 1], [2, 0], [1, 2]),
        (all, z, u, by, at) => {
          const mixture = space(all, u, by);
          const moved = z.map((x) => u * (x + by));
          const known = moved.map((x, j) => ((at as readonly number[]).includes(j) ? x : null));
          const free = moved.filter((_, j) => !(at as readonly number[]).includes(j));
          const outer = marginal(mixture, at).logProb(at.map((j) => moved[j]!));
          const joint = mixture.logProb(moved);
          // A conditional mean is rounded to what floats there are beside the shift.
          const room = 1e-9 + 2 ** -44 * Math.abs(by);
          const inner = conditional(mixture, known).logProb(free);
          expect(Math.abs(inner + outer - joint)).toBeLessThanOrEqual(room * Math.max(10, Math.abs(joint)));
        },
      ),
      { seed: 93, numRuns: 150 },
    );
  });

  it('the order of the components and copies change neither densities nor responsibilities', () => {
    fc.assert(
      fc.property(parts, point, (all, z) => {
        const [here, there] = [space(all), space([...all.toReversed(), ...all])];
        near([there.logProb(z)], [here.logProb(z)], 1e-12);
        const shares = here.responsibilities(z);
        const doubled = there.responsibilities(z);
        near(
          shares.map((_, k) => doubled[all.length + k]! + doubled[all.length - 1 - k]!),
          shares,
          1e-12,
        );
      }),
      { seed: 94, numRuns: 150 },
    );
  });
});
