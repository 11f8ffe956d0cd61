import { describe, expect, it } from 'vitest';
import { type CovarianceType, fitGaussianMixture } from '../../../src/distributions/fit/fit-gaussian-mixture';
import { GaussianMixture } from '../../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../../src/distributions/multivariate-normal';
import { Normal } from '../../../src/distributions/normal';
import { symmetricEigen } from '../../../src/math/linear-algebra';
import { RandomStream } from '../../../src/math/random';

const TYPES: readonly CovarianceType[] = ['full', 'tied', 'diagonal', 'spherical'];

const truth = new GaussianMixture(
  [0.5, 0.3, 0.2],
  [
    MultivariateNormal.full(
      [-4, 0],
      [
        [1, 0.6],
        [0.6, 0.8],
      ],
    ),
    MultivariateNormal.full(
      [4, 3],
      [
        [0.5, -0.2],
        [-0.2, 0.4],
      ],
    ),
    MultivariateNormal.full(
      [3, -5],
      [
        [0.3, 0],
        [0, 1.2],
      ],
    ),
  ],
);

function draw(count: number, seed: number): Float64Array[] {
  const stream = RandomStream.of(seed, 'test/em');
  return Array.from({ length: count }, () => truth.sample(stream));
}

describe('fitGaussianMixture', () => {
  it('with one component is the sample mean and the sample covariance (divisor n), whatever the start', () => {
    const data = [
      [1, 2],
      [3, 5],
      [2, 0],
      [6, 1],
    ];
    const { mixture, converged } = fitGaussianMixture(data, { components: 1, covarianceType: 'full', seed: 1 });
    expect(converged).toBe(true);
    expect([...mixture.components[0]!.meanVector()]).toEqual([3, 2]);
    // Centred: (−2, 0), (0, 3), (−1, −2), (3, −1): Σx² = 14, Σxy = 2 − 3 = −1, Σy² = 14, each over 4.
    [3.5, -0.25, -0.25, 3.5].forEach((entry, i) => {
      expect(mixture.components[0]!.covarianceMatrix()[i]).toBeCloseTo(entry, 12);
    });
  });

  it('recovers well-separated components from samples of them', () => {
    const { mixture } = fitGaussianMixture(draw(4000, 3), { components: 3, covarianceType: 'full', seed: 1 });
    const order = [0, 1, 2].sort((a, b) => mixture.weights[b]! - mixture.weights[a]!);
    order.forEach((from, k) => {
      const [fitted, known] = [mixture.components[from]!, truth.components[k]!];
      // Standard errors at n ≥ 800 are below 0.04 for the means, 0.06 for variances and 0.008 for weights; 4 of them here.
      expect(Math.abs(mixture.weights[from]! - truth.weights[k]!)).toBeLessThan(0.032);
      fitted.meanVector().forEach((value, j) => {
        expect(Math.abs(value - known.meanVector()[j]!)).toBeLessThan(0.16);
      });
      fitted.covarianceMatrix().forEach((value, j) => {
        expect(Math.abs(value - known.covarianceMatrix()[j]!)).toBeLessThan(0.24);
      });
    });
  });

  it.each(TYPES)('never lowers the likelihood (%s), also where the floor binds', (covarianceType) => {
    for (const covarianceFloor of [1e-6, 0.7]) {
      const options = { components: 5, covarianceType, seed: 2, covarianceFloor, tolerance: 1e-9, maxIterations: 60 };
      const { logLikelihoods } = fitGaussianMixture(draw(300, 5), options);
      expect(logLikelihoods.length).toBeGreaterThan(3);
      logLikelihoods.slice(1).forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(logLikelihoods[i]! - 1e-12);
      });
    }
  });

  it('reports the likelihood that the mixture it returns really has', () => {
    const data = draw(200, 6);
    const { mixture, logLikelihoods } = fitGaussianMixture(data, { components: 3, covarianceType: 'tied', seed: 1 });
    const mean = data.reduce((sum, z) => sum + mixture.logProb(z), 0) / data.length;
    expect(logLikelihoods.at(-1)).toBeCloseTo(mean, 12);
  });

  it('gives each covariance type its shape', () => {
    const run = (covarianceType: CovarianceType) =>
      fitGaussianMixture(draw(400, 7), { components: 3, covarianceType, seed: 1 }).mixture.components.map((it) => [
        ...it.covarianceMatrix(),
      ]);
    expect(new Set(run('tied').map(String)).size).toBe(1);
    expect(run('diagonal').every(([, b, c]) => b === 0 && c === 0)).toBe(true);
    expect(run('spherical').every(([a, b, , d]) => a === d && b === 0)).toBe(true);
    expect(new Set(run('full').map(String)).size).toBe(3);
  });

  it('keeps every eigenvalue at or above the floor, even for points on a line', () => {
    const line = Array.from({ length: 40 }, (_, i) => [i / 10, i / 5]);
    for (const covarianceType of TYPES) {
      const options = { components: 2, covarianceType, seed: 1, covarianceFloor: 0.05 };
      for (const component of fitGaussianMixture(line, options).mixture.components) {
        const { values } = symmetricEigen(component.covarianceMatrix(), 2);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0.05 * (1 - 1e-12));
      }
    }
  });

  it('fits numbers with scalar normals', () => {
    const data = [-1, -1.2, -0.8, 5, 5.1, 4.9];
    const { mixture } = fitGaussianMixture(data, { components: 2, covarianceType: 'diagonal', seed: 4 });
    expect(mixture.eventShape).toEqual([]);
    expect(mixture.components.every((it) => it instanceof Normal)).toBe(true);
    const means = mixture.components.map((it) => it.meanVector()[0]!).sort((a, b) => a - b);
    expect(means[0]).toBeCloseTo(-1, 9);
    expect(means[1]).toBeCloseTo(5, 9);
  });

  it('is the same for the same seed', () => {
    const run = () => fitGaussianMixture(draw(200, 8), { components: 4, covarianceType: 'full', seed: 9 });
    expect(run().logLikelihoods).toEqual(run().logLikelihoods);
  });

  it('does not depend on the units of the data: dimensions scaled by 1e-8 and 1e5 give the same fit, scaled', () => {
    const scale = [1e-8, 1e5];
    const data = draw(500, 10);
    const options = { components: 3, covarianceType: 'full', seed: 1 } as const;
    const plain = fitGaussianMixture(data, options).mixture;
    const scaled = fitGaussianMixture(
      data.map((z) => z.map((x, j) => x * scale[j]!)),
      options,
    ).mixture;
    scaled.components.forEach((component, k) => {
      expect(scaled.weights[k]).toBeCloseTo(plain.weights[k]!, 6);
      plain.components[k]!.covarianceMatrix().forEach((entry, i) => {
        const expected = entry * scale[Math.floor(i / 2)]! * scale[i % 2]!;
        expect(Math.abs(component.covarianceMatrix()[i]! / expected - 1)).toBeLessThan(1e-4);
      });
    });
  });

  it.each([1e-165, 1e-150, 1e150, 1e154])('finds two clusters in six points, in units of %d', (unit) => {
    const options = { components: 2, covarianceType: 'diagonal', seed: 1, tolerance: 1e-12 } as const;
    const clusters = (u: number) =>
      fitGaussianMixture(
        [-2, -1.9, -2.1, 3, 3.1, 2.9].map((x) => x * u),
        options,
      ).mixture;
    const [here, there] = [clusters(1), clusters(unit)];
    there.components.forEach((component, k) => {
      expect(there.weights[k]).toBeCloseTo(here.weights[k]!, 10);
      expect(component.meanVector()[0]! / unit).toBeCloseTo(here.components[k]!.meanVector()[0]!, 10);
    });
    expect([...there.weights]).toEqual([0.5, 0.5]);
  });

  it('moves with a shift and a turn of the data by right angles, and does not see the order of the points', () => {
    const data = draw(300, 11);
    const options = { components: 3, covarianceType: 'full', seed: 1, tolerance: 1e-11 } as const;
    const likelihood = (points: number[][]) => fitGaussianMixture(points, options).logLikelihoods.at(-1)!;
    const here = likelihood(data.map((z) => [...z]));
    expect(likelihood(data.map(([x, y]) => [x! + 1024, y! - 2048]))).toBeCloseTo(here, 8);
    expect(likelihood(data.map(([x, y]) => [-x!, y!]))).toBeCloseTo(here, 8);
    // Another order draws other starts; all of them end in the one maximum of three clusters apart.
    expect(likelihood(data.map((z) => [...z]).toReversed())).toBeCloseTo(here, 5);
  });

  it('says what is wrong with data or options', () => {
    const options = { components: 2, covarianceType: 'full', seed: 1 } as const;
    expect(() => fitGaussianMixture([], options)).toThrow('data: expected at least one point');
    expect(() => fitGaussianMixture([[1, 2], [3]], options)).toThrow(
      'data[1]: expected 2 numbers as in data[0], got 1',
    );
    expect(() => fitGaussianMixture([[1], [Number.NaN]], options)).toThrow('data[1][0]: expected a finite number');
    expect(() => fitGaussianMixture([1, 1, 1], options)).toThrow('data: expected at least 2 different points, got 1');
    expect(() => fitGaussianMixture([1, 2], { ...options, components: 0 })).toThrow('components: expected a positive');
    const wrong = 'round' as CovarianceType;
    expect(() => fitGaussianMixture([1, 2], { ...options, covarianceType: wrong })).toThrow(
      'covarianceType: expected one of full',
    );
  });
});
