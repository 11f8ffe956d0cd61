import { type Binarisation, pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { fitGaussianMixture } from '../distributions/fit-gaussian-mixture';
import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import type { Vae } from './model';
import { MixturePrior } from './priors/mixture-prior';
import { encode } from './use';

/** EM on more points than this changes the fit less than the encoder changes in one epoch. */
const MOST_POINTS = 2000;

/** @throws InvalidArgumentError where EM would have fewer points than components, before a training finds out epochs later */
export function checkFitPrior({ prior }: Vae, { count }: ImageSet): void {
  const points = Math.min(count, MOST_POINTS);
  if (prior instanceof MixturePrior && prior.components > points) {
    throw new InvalidArgumentError(
      'fitPriorAfter',
      `EM places at most ${points} components (one draw of q(z|x) for each of ${points} images), the prior has ${prior.components}`,
    );
  }
}

/**
 * Replaces the mixture prior by one that EM fits to the aggregate posterior: one draw of q(z|x) for each of (at most 2,000)
 * images, with pixels as they are in training. A prior that is no mixture of free components (standard normal, VampPrior) stays as it is.
 */
export function fitPrior(
  model: Vae,
  data: ImageSet,
  { seed, binarisation }: { seed: number; binarisation: Binarisation },
): void {
  const { prior, latent } = model;
  if (!(prior instanceof MixturePrior)) return;
  const count = Math.min(data.count, MOST_POINTS);
  const { means, stddevs } = encode(
    model,
    pixelRows(
      data,
      Uint32Array.from({ length: count }, (_, i) => i),
      { binarisation: binarisation === 'none' ? 'none' : 'fixed', seed },
    ),
  );
  const noise = new Float32Array(means.length);
  RandomStream.of(seed, 'vae/fit-prior/noise').fillNormal(noise);
  const draws = Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: latent }, (_, j) => {
      const at = i * latent + j;
      return (means[at] as number) + (stddevs[at] as number) * (noise[at] as number);
    }),
  );
  prior.assign(
    fitGaussianMixture(draws, { components: prior.components, covarianceType: prior.covariance, seed }).mixture,
  );
}
