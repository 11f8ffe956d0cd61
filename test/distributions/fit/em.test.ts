import { describe, expect, it } from 'vitest';
import { type CovarianceType, fitGaussianMixture } from '../../../src/distributions/fit/fit-gaussian-mixture';
import { fitGaussianMixtureInParallel } from '../../../src/distributions/fit/fit-in-parallel';
import { GaussianMixture } from '../../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../../src/distributions/multivariate-normal';
import { RandomStream } from '../../../src/math/random';
import { emStep, meanLogLikelihood, type PlainMixture } from './em-reference';

/** Clusters of unit width whose centres are normal with standard deviation `spread`. */
function clustered(count: number, d: number, clusters: number, spread: number, seed = 1): number[][] {
  const stream = RandomStream.of(seed, 'test/em/clusters');
  const normal = () => stream.normal();
  const centres = Array.from({ length: clusters }, () => Array.from({ length: d }, () => spread * normal()));
  return Array.from({ length: count }, (_, n) => centres[n % clusters]!.map((c) => c + normal()));
}

/** Every 11th point as a mean, unit covariances. */
function start(points: readonly number[][], components: number): PlainMixture {
  const d = points[0]!.length;
  const identity = Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => (i === j ? 1 : 0)));
  return {
    weights: Array.from({ length: components }, (_, k) => (k + 1) / ((components * (components + 1)) / 2)),
    means: Array.from({ length: components }, (_, k) => [...points[11 * k]!]),
    covariances: Array.from({ length: components }, () => identity),
  };
}

const asMixture = ({ weights, means, covariances }: PlainMixture) =>
  new GaussianMixture(
    weights,
    means.map((mean, k) => MultivariateNormal.full(mean, covariances[k]!)),
  );

describe('EM', () => {
  // Odd and even d, d beyond one and two tiles, more and fewer points than whole blocks, clusters that overlap and clusters 2^−60 apart.
  const cases: [number, number, number, number, CovarianceType][] = [
    [150, 1, 3, 3, 'diagonal'],
    [200, 2, 4, 2, 'full'],
    [300, 5, 6, 1, 'diagonal'],
    [330, 9, 4, 8, 'full'],
    [256, 20, 5, 3, 'diagonal'],
    [390, 13, 3, 20, 'diagonal'],
    [400, 6, 5, 1, 'full'],
  ];
  it.each(cases)(
    'of %i points in %i dimensions, K = %i, spread %d, %s, takes the steps of the plain formulas',
    (count, d, components, spread, covarianceType) => {
      const points = clustered(count, d, components, spread);
      const weights = points.map((_, n) => 1 + (n % 3));
      let plain = start(points, components);
      const likelihoods = [meanLogLikelihood(points, weights, plain)];
      for (let i = 0; i < 4; i++) {
        plain = emStep(points, weights, plain, covarianceType === 'diagonal');
        likelihoods.push(meanLogLikelihood(points, weights, plain));
      }
      const options = { components, covarianceType, seed: 1, maxIterations: 4, tolerance: 0, covarianceFloor: 1e-12 };
      const fit = fitGaussianMixture(points, {
        ...options,
        pointWeights: weights,
        warmStart: asMixture(start(points, components)),
      });
      likelihoods.forEach((value, i) => {
        expect(fit.logLikelihoods[i]).toBeCloseTo(value, 10);
      });
      fit.mixture.components.forEach((component, k) => {
        expect(fit.mixture.weights[k]).toBeCloseTo(plain.weights[k]!, 11);
        component.meanVector().forEach((value, j) => {
          expect(value).toBeCloseTo(plain.means[k]![j]!, 9);
        });
        component.covarianceMatrix().forEach((value, at) => {
          expect(value).toBeCloseTo(plain.covariances[k]!.flat()[at]!, 9);
        });
      });
    },
  );

  it('gives the same fit, to the last bit, for any number of threads, also where threads share the points', async () => {
    const points = clustered(3000, 6, 7, 2);
    for (const covarianceType of ['diagonal', 'full'] as const) {
      const options = { components: 7, covarianceType, seed: 3, starts: 2, maxIterations: 6, tolerance: 0 };
      const alone = fitGaussianMixture(points, options);
      for (const threads of [1, 2, 3]) {
        const fit = await fitGaussianMixtureInParallel(points, { ...options, threads });
        expect(fit.logLikelihoods).toEqual(alone.logLikelihoods);
        expect(fit.mixture.weights).toEqual(alone.mixture.weights);
        expect(fit.mixture.components).toEqual(alone.mixture.components);
      }
    }
  });

  it('counts a point of weight 2 as two points', () => {
    const points = clustered(120, 3, 3, 4);
    const doubled = [...points, ...points.filter((_, n) => n % 2 === 0)];
    const warmStart = asMixture(start(points, 3));
    const options = { components: 3, covarianceType: 'full', seed: 1, warmStart, maxIterations: 10 } as const;
    const weighted = fitGaussianMixture(points, { ...options, pointWeights: points.map((_, n) => 2 - (n % 2)) });
    const repeated = fitGaussianMixture(doubled, options);
    expect(weighted.logLikelihoods.at(-1)).toBeCloseTo(repeated.logLikelihoods.at(-1)!, 11);
    expect(weighted.bic).toBeCloseTo(repeated.bic, 8);
  });

  it('begins each start from the points as they were given: more starts leave the first ones as they are, and the best is kept', () => {
    const points = clustered(500, 2, 12, 2);
    const options = { components: 12, covarianceType: 'diagonal', seed: 5 } as const;
    const two = fitGaussianMixture(points, { ...options, starts: 2 });
    const five = fitGaussianMixture(points, { ...options, starts: 5 });
    const ends = five.starts.map((each) => each.logLikelihood);
    expect(ends.slice(0, 2)).toEqual(two.starts.map((each) => each.logLikelihood));
    expect(new Set(ends).size).toBeGreaterThan(1);
    expect(five.logLikelihoods.at(-1)).toBe(Math.max(...ends));
    expect(five.starts.filter(({ best }) => best)).toHaveLength(1);
  });

  it('never loses likelihood, and counts parameters for AIC and BIC', () => {
    const points = clustered(600, 4, 5, 1);
    const { logLikelihoods, parameters, aic, bic } = fitGaussianMixture(points, {
      components: 5,
      covarianceType: 'full',
      seed: 2,
    });
    for (let i = 1; i < logLikelihoods.length; i++) {
      // Rounding of a mean of 600 terms of some 10 nats.
      expect(logLikelihoods[i]).toBeGreaterThanOrEqual(logLikelihoods[i - 1]! - 1e-12);
    }
    // 4 weights, 5 means of 4, 5 covariances of 10.
    expect(parameters).toBe(4 + 20 + 50);
    expect(aic).toBeCloseTo(2 * 74 - 2 * 600 * logLikelihoods.at(-1)!, 8);
    expect(bic).toBeCloseTo(74 * Math.log(600) - 2 * 600 * logLikelihoods.at(-1)!, 8);
  });

  it('keeps a component that has lost every point where it was, with weight 0', () => {
    const points = clustered(100, 2, 2, 1);
    const far = [1e6, 1e6];
    const plain = start(points, 2);
    const warmStart = asMixture({ ...plain, means: [plain.means[0]!, far] });
    const { mixture } = fitGaussianMixture(points, {
      components: 2,
      covarianceType: 'full',
      seed: 1,
      warmStart,
      maxIterations: 3,
      tolerance: 0,
    });
    expect(mixture.weights[1]).toBe(0);
    // The coordinates of the fit are the data's, moved and scaled.
    mixture.components[1]!.meanVector().forEach((value) => {
      expect(value / 1e6).toBeCloseTo(1, 12);
    });
  });

  it('goes on from a warm start of another shape, which the first iteration may fall below, to a maximum of its own shape', () => {
    // Two crossing needles, which no diagonal covariance fits as well.
    const stream = RandomStream.of(3, 'test/em/needles');
    const points = Array.from({ length: 600 }, (_, n) => {
      const along = stream.normal();
      return [along + 3 * (n % 2), (n % 2 === 0 ? along : -along) + 0.1 * stream.normal()];
    });
    const warmStart = fitGaussianMixture(points, { components: 2, covarianceType: 'full', seed: 1 }).mixture;
    for (const covarianceType of ['tied', 'diagonal', 'spherical'] as const) {
      const { mixture, logLikelihoods, converged } = fitGaussianMixture(points, {
        components: 2,
        covarianceType,
        seed: 1,
        warmStart,
      });
      expect(converged).toBe(true);
      expect(logLikelihoods[1]).toBeLessThan(logLikelihoods[0]! - 0.1);
      const again = fitGaussianMixture(points, { components: 2, covarianceType, seed: 1, warmStart: mixture });
      expect(again.logLikelihoods.at(-1)! - logLikelihoods.at(-1)!).toBeLessThan(1e-6);
      if (covarianceType !== 'diagonal') continue;
      let plain: PlainMixture = {
        weights: [...warmStart.weights],
        means: warmStart.components.map((each) => [...each.meanVector()]),
        covariances: warmStart.components.map((each) => {
          const [a, b, c, e] = each.covarianceMatrix();
          return [
            [a!, b!],
            [c!, e!],
          ];
        }),
      };
      const weights = points.map(() => 1);
      for (let i = 0; i < 300; i++) plain = emStep(points, weights, plain, true);
      expect(logLikelihoods.at(-1)).toBeCloseTo(meanLogLikelihood(points, weights, plain), 4);
    }
  });

  it("ends with the signal's reason", async () => {
    const points = clustered(2000, 8, 10, 1);
    const controller = new AbortController();
    const onProgress = ({ iteration }: { iteration: number | null }) => {
      if (iteration === 2) controller.abort(new Error('enough'));
    };
    const options = { components: 10, covarianceType: 'full', seed: 1, tolerance: 0, maxIterations: 10_000 } as const;
    const running = fitGaussianMixtureInParallel(points, { ...options, onProgress, signal: controller.signal });
    await expect(running).rejects.toThrow('enough');
  });
});
