import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import type { RandomStream } from '../../math/random';
import { checkElements, checkSize } from '../networks';

/** Numbers in all means: 100,000 components in 40 dimensions. */
const MOST_COORDINATES = 2 ** 22;

/** Equal weights, means drawn from N(0, I), unit variances: a fair start when nothing is known of the latent space. */
export function randomMixture(components: number, dimension: number, stream: RandomStream): GaussianMixture {
  checkSize('components', components);
  checkSize('dimension', dimension);
  checkElements('components', [components, dimension], MOST_COORDINATES);
  const ones = new Float64Array(dimension).fill(1);
  const normals = Array.from({ length: components }, () => {
    const mean = new Float64Array(dimension);
    stream.fillNormal(mean);
    return MultivariateNormal.diagonal(mean, ones);
  });
  return new GaussianMixture(Array(components).fill(1 / components), normals);
}
