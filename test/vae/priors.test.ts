import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { GaussianMixturePrior } from '../../src/vae/priors/diagonal-mixture';
import type { Prior } from '../../src/vae/priors/prior';
import { StandardNormalPrior } from '../../src/vae/priors/standard-normal';
import { expectClose, numericalGradient } from './gradients';

const diagonal = MultivariateNormal.diagonal;
const logProb = (prior: Prior, z: number[]): number =>
  tf.tidy(() => prior.logProb(tf.tensor1d(z)).dataSync()[0] as number);
const gradient = (prior: Prior, z: number[]) =>
  tf.tidy(() =>
    tf
      .grad((x: tf.Tensor) => prior.logProb(x))(tf.tensor1d(z))
      .dataSync(),
  );

/** Everything in float32, so that both sides start from the same numbers. */
const mixture = new GaussianMixture(
  [0.5, 0.25, 0.25],
  [diagonal([1, -0.5], [0.5, 2]), diagonal([-2, 0.75], [1, 0.25]), diagonal([0, 3], [1.5, 1.5])],
);
const points = [
  [0, 0],
  [1, -0.5],
  [-2.25, 0.5],
  [4, 4],
  [-10, 12],
];

describe('the Gaussian mixture prior', () => {
  it('has the float64 log density of equation (10) and its gradient, to 1e-5', () => {
    const prior = new GaussianMixturePrior(mixture);
    for (const z of points) {
      expectClose([logProb(prior, z)], [mixture.logProb(z)]);
      expectClose(
        gradient(prior, z),
        numericalGradient((x) => mixture.logProb(x), z),
      );
    }
  });

  it('has the gradients of its own parameters that the float64 density has, to 1e-5', () => {
    const prior = new GaussianMixturePrior(mixture);
    const z = [0.5, 1];
    const { grads } = tf.variableGrads(() => prior.logProb(tf.tensor1d(z)) as tf.Scalar, [...prior.variables.values()]);
    const slopes = (name: string) => [...(grads[prior.variables.get(name)?.name ?? ''] as tf.Tensor).dataSync()];
    const responsibilities = mixture.responsibilities(z);
    // ∂ ln p/∂logit_k = r_k − π_k; ∂ ln p/∂μ_k = r_k (z − μ_k)/σ_k²; ∂ ln p/∂ln σ_k² = r_k ½((z − μ_k)²/σ_k² − 1).
    expectClose(
      slopes('prior/logits'),
      mixture.weights.map((w, k) => (responsibilities[k] as number) - w),
    );
    const entries = mixture.components.flatMap((component, k) =>
      z.map((x, j) => {
        const variance = component.covarianceMatrix()[j * 3] as number;
        return { r: responsibilities[k] as number, u: x - (component.meanVector()[j] as number), variance };
      }),
    );
    expectClose(
      slopes('prior/means'),
      entries.map(({ r, u, variance }) => (r * u) / variance),
    );
    // The chain rule through ln σ² = B tanh(raw/B): slope 1 − (ln σ²/B)².
    const bound = (variance: number) => 1 - (Math.log(variance) / 10) ** 2;
    const expected = entries.map(({ r, u, variance }) => r * 0.5 * ((u * u) / variance - 1) * bound(variance));
    expectClose(slopes('prior/raw-log-variances'), expected);
  });

  it('gives −19.84 between two modes, not −3.22: dimensions are summed before components', () => {
    const twoModes = new GaussianMixture([0.5, 0.5], [diagonal([3, 3], [1, 1]), diagonal([-3, -3], [1, 1])]);
    expect(logProb(new GaussianMixturePrior(twoModes), [3, -3])).toBeCloseTo(-19.84, 2);
  });

  it('stays finite and exact with components 60 σ apart, on either and between them', () => {
    const apart = new GaussianMixture([0.5, 0.5], [diagonal([-30], [1]), diagonal([30], [1])]);
    const prior = new GaussianMixturePrior(apart);
    for (const z of [[-30], [0], [30]]) expectClose([logProb(prior, z)], [apart.logProb(z)], 1e-6);
    for (const slope of [...gradient(prior, [0]), ...gradient(prior, [29])]) expect(Number.isFinite(slope)).toBe(true);
  });

  it('does not change when components are permuted, doubled or given weight zero', () => {
    const [a, b, c] = mixture.components as [
      (typeof mixture.components)[0],
      (typeof mixture.components)[0],
      (typeof mixture.components)[0],
    ];
    const same = [
      new GaussianMixture([0.25, 0.5, 0.25], [c, a, b]),
      new GaussianMixture([0.25, 0.25, 0.25, 0.25], [a, a, b, c]),
      new GaussianMixture([0.5, 0.25, 0.25, 0], [a, b, c, diagonal([0, 0], [1, 1])]),
    ];
    for (const other of same) {
      for (const z of points) expectClose([logProb(new GaussianMixturePrior(other), z)], [mixture.logProb(z)]);
    }
  });

  it('is the standard normal prior when its one component is N(0, I)', () => {
    const standard = new StandardNormalPrior(2);
    const one = new GaussianMixturePrior(standard.distribution());
    for (const z of points) {
      expectClose([logProb(one, z)], [logProb(standard, z)], 1e-6);
      expectClose([logProb(standard, z)], [standard.distribution().logProb(z)]);
    }
  });

  it('comes back as the float64 mixture that it was made from', () => {
    const prior = GaussianMixturePrior.random(3, 2, RandomStream.of(1, 'prior'));
    expectClose(prior.distribution().weights, [1 / 3, 1 / 3, 1 / 3], 1e-15);
    prior.assign(mixture);
    const back = prior.distribution();
    expectClose(back.weights, mixture.weights, 1e-6);
    back.components.forEach((component, k) => {
      expectClose(component.meanVector(), mixture.components[k]?.meanVector() ?? [], 1e-6);
      expectClose(component.covarianceMatrix(), mixture.components[k]?.covarianceMatrix() ?? [], 1e-6);
    });
  });

  it('refuses a mixture of another size or with full covariances, and no components at all', () => {
    const prior = GaussianMixturePrior.random(2, 2, RandomStream.of(1, 'prior'));
    expect(() => prior.assign(mixture)).toThrow('mixture: expected 2 components of dimension 2, got 3 of 2');
    const full = MultivariateNormal.full(
      [0, 0],
      [
        [1, 0.5],
        [0.5, 1],
      ],
    );
    expect(() => prior.assign(new GaussianMixture([0.5, 0.5], [diagonal([0, 0], [1, 1]), full]))).toThrow(
      'mixture.components[1]: expected a diagonal covariance',
    );
    expect(() => GaussianMixturePrior.random(0, 2, RandomStream.of(1, 'prior'))).toThrow(
      'components: expected a positive integer, got 0',
    );
  });
});
