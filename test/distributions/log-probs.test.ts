import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
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

  it('refuses points that are no whole rows, and an array of another length', () => {
    const mixture = new GaussianMixture([1], [MultivariateNormal.diagonal([0, 0], [1, 1])]);
    expect(() => mixture.logProbs(new Float64Array(3))).toThrow('points: expected');
    expect(() => mixture.logProbs(new Float64Array(4), new Float64Array(3))).toThrow('points: expected 6 entries');
  });
});
