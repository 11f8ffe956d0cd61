import { pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { fitGaussianMixture } from '../distributions/fit-gaussian-mixture';
import { RandomStream } from '../math/random';
import type { Vae } from './model';
import { MixturePrior } from './priors/mixture-prior';
import { encode } from './use';

/** EM on more points than this changes the fit less than the encoder changes in one epoch. */
const MOST_POINTS = 2000;

/**
 * Replaces the mixture prior by one that EM fits to the aggregate posterior: one draw of q(z|x) for each of (at most 2,000)
 * images. A prior that is no mixture of free components (standard normal, VampPrior) stays as it is.
 */
export function fitPrior(model: Vae, data: ImageSet, { seed }: { seed: number }): void {
  const { prior, latent } = model;
  if (!(prior instanceof MixturePrior)) return;
  const count = Math.min(data.count, MOST_POINTS);
  const { means, stddevs } = encode(
    model,
    pixelRows(
      data,
      Uint32Array.from({ length: count }, (_, i) => i),
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
