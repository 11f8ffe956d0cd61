import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { logProbsInParallel } from '../../src/distributions/log-probs-in-parallel';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { logSumExp } from '../../src/math/log-sum-exp';
import { RandomStream } from '../../src/math/random';

const stream = RandomStream.of(1, 'test');
const numbers = (count: number, scale = 1): number[] => Array.from({ length: count }, () => scale * stream.normal());

describe('GaussianMixture.logProbs', () => {
  // K around the four lanes it works in, an odd number of points, far and near modes, a zero weight.
  it.each([
    [1, 3, 1],
    [5, 1, 3],
    [32, 16, 3],
    [7, 2, 0.1],
    [4, 3, 60],
  ])('%d components in %d dimensions: what each point gives by itself, and the sum over components', (K, d, spread) => {
    const components = Array.from({ length: K }, () =>
      MultivariateNormal.diagonal(
        numbers(d, spread),
        numbers(d).map((x) => Math.exp(0.3 * x)),
      ),
    );
    const weights = components.map((_, k) => (k === 1 ? 0 : 1 / (K > 1 ? K - 1 : 1)));
    const mixture = new GaussianMixture(weights, components);
    const points = Float64Array.from(numbers(101 * d, spread));
    const batch = mixture.logProbs(points);
    for (let i = 0; i < 101; i++) {
      const z = points.subarray(i * d, (i + 1) * d);
      expect(batch[i]).toBe(mixture.logProb(z));
      const reference = logSumExp(components.map((component, k) => Math.log(weights[k]!) + component.logProb(z)));
      expect(Math.abs(batch[i]! - reference)).toBeLessThan(1e-12 * Math.max(1, Math.abs(reference)));
    }
  });

  it('takes full covariances and scalars, and fills the array it is given', () => {
    const full = new GaussianMixture(
      [0.5, 0.5],
      [MultivariateNormal.full([0, 1], [1, 0.5, 0.5, 2]), MultivariateNormal.diagonal([1, 0], [1, 2])],
    );
    expect(full.logProbs(Float64Array.of(0, 0, 1, 2))[1]).toBe(full.logProb([1, 2]));
    const scalar = new GaussianMixture([0.5, 0.5], [new Normal(0, 1), new Normal(3, 2)]);
    const out = new Float64Array(3);
    expect(scalar.logProbs(Float64Array.of(-1, 0, 5), out)).toBe(out);
    expect(out[2]).toBe(scalar.logProb(5));
  });

  it.each([1, 2, 3, 4, 5])('is −∞ at infinite points, like logProb, for %d components', (K) => {
    const components = Array.from({ length: K }, (_, k) => MultivariateNormal.diagonal([k, -k], [1, 2]));
    const mixture = new GaussianMixture(new Array(K).fill(1 / K), components);
    const points = [
      [Infinity, 0],
      [0, -Infinity],
      [-Infinity, Infinity],
    ];
    expect([...mixture.logProbs(Float64Array.from(points.flat()))]).toEqual(points.map((z) => mixture.logProb(z)));
    expect(mixture.logProb(points[0]!)).toBe(-Infinity);
  });

  it('refuses NaN by its place, like logProb, whatever the covariances', () => {
    const kinds = [MultivariateNormal.diagonal([0, 0], [1, 1]), MultivariateNormal.full([0, 0], [1, 0.5, 0.5, 1])];
    for (const component of kinds) {
      const mixture = new GaussianMixture([1], [component]);
      expect(() => mixture.logProbs(Float64Array.of(0, 0, 1, Number.NaN))).toThrow('points[3]: expected a number, got');
    }
  });

  it('refuses points that are no whole rows, and an array of another length', () => {
    const mixture = new GaussianMixture([1], [MultivariateNormal.diagonal([0, 0], [1, 1])]);
    expect(() => mixture.logProbs(new Float64Array(3))).toThrow('points: expected');
    expect(() => mixture.logProbs(new Float64Array(4), new Float64Array(3))).toThrow('points: expected 6 entries');
  });
});

describe('logProbsInParallel', () => {
  const bytes = (numbers: Float64Array): Buffer => Buffer.from(numbers.buffer);
  const K = 5;
  const components = Array.from({ length: K }, (_, k) => MultivariateNormal.diagonal([k, -k], [1, 0.5 + 0.1 * k]));
  // Weights as a float32 softmax gives them: they sum to 1 within 1e-7 only.
  const diagonal = new GaussianMixture([0.2, 0.2, 0.2, 0.2, 0.2000001], components);
  const full = new GaussianMixture(
    [0.3, 0.7],
    [MultivariateNormal.full([0, 1], [1, 0.5, 0.5, 2]), MultivariateNormal.full([1, 0], [2, 0.1, 0.1, 1])],
  );
  const scalar = new GaussianMixture([0.5, 0.5], [new Normal(0, 1), new Normal(3, 2)]);

  it.each([
    ['diagonal', diagonal, 300_001],
    ['full', full, 50_000],
    ['scalar', scalar, 50_000],
  ] as const)('is logProbs to the last bit, whatever the number of threads: %s', async (_, mixture, count) => {
    const points = new Float64Array(count * mixture.dimension);
    for (let i = 0; i < points.length; i++) points[i] = ((i * 7919) % 1009) / 100 - 5;
    const alone = mixture.logProbs(points);
    const out = new Float64Array(count);
    expect(await logProbsInParallel(mixture, points, { threads: 2, out })).toBe(out);
    expect(bytes(out).equals(bytes(alone))).toBe(true);
    expect(bytes(await logProbsInParallel(mixture, points, { threads: 1 })).equals(bytes(alone))).toBe(true);
    expect(bytes(await logProbsInParallel(mixture, points)).equals(bytes(alone))).toBe(true);
    // The points stay the caller's.
    expect(points.length).toBe(count * mixture.dimension);
  });

  it('ends with the signal’s reason', async () => {
    const points = new Float64Array(2_000_000);
    for (const threads of [1, 2]) {
      const abort = new AbortController();
      const run = logProbsInParallel(diagonal, points, { threads, signal: abort.signal });
      abort.abort(new Error('stopped by hand'));
      await expect(run).rejects.toThrow('stopped by hand');
    }
  });

  it('refuses what logProbs refuses, and numbers of threads that are none', async () => {
    await expect(logProbsInParallel(diagonal, new Float64Array(3), { out: new Float64Array(2) })).rejects.toThrow(
      'points: expected 4 entries',
    );
    await expect(logProbsInParallel(diagonal, Float64Array.of(0, Number.NaN))).rejects.toThrow('points[1]: expected');
    await expect(logProbsInParallel(diagonal, new Float64Array(2), { threads: 0 })).rejects.toThrow(
      'threads: expected',
    );
  });
});
