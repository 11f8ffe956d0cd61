import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal, meanOf } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { checkSize } from '../networks';

/** A weight of zero has no logit: it becomes e^−30, small enough to stay out of every sum in float32. */
const SMALLEST_LOG_WEIGHT = -30;

/** The logits `[K]` and means `[K, d]` of a mixture, in float32. */
export function logitsAndMeans(mixture: GaussianMixture): { logits: Float32Array; means: Float32Array } {
  return {
    logits: Float32Array.from(mixture.logWeights, (w) => Math.max(w, SMALLEST_LOG_WEIGHT)),
    means: Float32Array.from(mixture.components.flatMap((component) => [...meanOf(component)])),
  };
}

/** Equal weights, means drawn from N(0, I), unit variances: a fair start when nothing is known of the latent space. */
export function randomMixture(components: number, dimension: number, stream: RandomStream): GaussianMixture {
  checkSize('components', components);
  checkSize('dimension', dimension);
  const ones = new Float64Array(dimension).fill(1);
  const normals = Array.from({ length: components }, () => {
    const mean = new Float64Array(dimension);
    stream.fillNormal(mean);
    return MultivariateNormal.diagonal(mean, ones);
  });
  return new GaussianMixture(Array(components).fill(1 / components), normals);
}

/** @throws InvalidArgumentError when K or d differ */
export function checkSameSize(mixture: GaussianMixture, prior: { components: number; dimension: number }): void {
  if (mixture.components.length === prior.components && mixture.dimension === prior.dimension) return;
  throw new InvalidArgumentError(
    'mixture',
    `expected ${prior.components} components of dimension ${prior.dimension}, got ${mixture.components.length} of ${mixture.dimension}`,
  );
}
