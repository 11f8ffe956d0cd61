import { type Binarisation, pixelRows, unchanging } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { fillNormal } from '../../data/random-kernels';
import type { FitProgress } from '../../distributions/fit/fit-gaussian-mixture';
import { fitGaussianMixtureInParallel } from '../../distributions/fit/fit-in-parallel';
import { InvalidArgumentError } from '../../errors';
import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import { CHUNK, encode, inChunks } from '../inference';
import type { Vae } from '../model';
import { priorPart } from '../prior-part';
import { MixturePrior } from '../priors/mixture-prior';

/** EM on more points than this changes the fit less than the encoder changes in one epoch. */
const MOST_POINTS = 2000;

/** Gradient descent goes on from there: the last digits of a maximum that moves with the encoder are not worth half a minute. */
const MOST_ITERATIONS = 100;

/** The best of so many starts is taken. */
const STARTS = 3;

export interface FitPriorOptions {
  readonly seed: number;
  readonly binarisation: Binarisation;
  readonly signal?: AbortSignal;
  readonly threads?: number | undefined;
  readonly onFitPrior?: (progress: FitProgress) => void;
}

/**
 * @throws InvalidArgumentError where EM would have too few points, before a training finds out epochs later: one for each
 *   component, and with full covariances d + 1, below which a component's own points span no volume
 */
export function checkFitPrior({ prior }: Vae, { count }: ImageSet): void {
  if (!(prior instanceof MixturePrior)) return;
  const points = Math.min(count, MOST_POINTS);
  const each = prior.covariance === 'full' ? prior.dimension + 1 : 1;
  const most = Math.floor(points / each);
  if (prior.components > most) {
    throw new InvalidArgumentError(
      'fitPriorAfter',
      `EM places at most ${most} components with ${prior.covariance} covariances (${points} draws of q(z|x), at least ${each} for each), the prior has ${prior.components}`,
    );
  }
}

/**
 * Replaces the mixture prior by one that EM fits to the aggregate posterior: one draw of q(z|x) for each of (at most 2,000)
 * images, with pixels as they are in training. A prior that is no mixture of free components (standard normal, VampPrior) stays as it is.
 * The fit depends on neither the number of threads nor on what was interrupted before.
 * @returns whether it came to its end: false, with the prior as it was, where the signal was aborted.
 */
export async function fitPrior(model: Vae, data: ImageSet, options: FitPriorOptions): Promise<boolean> {
  const { prior } = model;
  if (!(prior instanceof MixturePrior)) return true;
  const { seed, signal, threads = 'auto', onFitPrior = () => {} } = options;
  const { components, covariance: covarianceType } = prior;
  try {
    const { mixture } = await fitGaussianMixtureInParallel(draws(model, data, options), {
      components,
      covarianceType,
      seed,
      starts: STARTS,
      maxIterations: MOST_ITERATIONS,
      signal,
      threads,
      onProgress: onFitPrior,
    });
    prior.assign(mixture);
    return true;
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return false;
    throw error;
  }
}

/** One draw of q(z|x) for each image. */
function draws(model: Vae, data: ImageSet, { seed, binarisation }: FitPriorOptions): Float64Array[] {
  const { latent } = model;
  const count = Math.min(data.count, MOST_POINTS);
  const everything = Uint32Array.from({ length: count }, (_, i) => i);
  const rows = pixelRows(data, everything, { binarisation: unchanging(binarisation), seed });
  const noise = new Float32Array(count * latent);
  fillNormal(RandomStream.of(seed, 'vae/fit-prior/noise'), noise);
  if (model.family.kind !== 'normal') return drawn(model, rows, noise);
  const { means, stddevs } = encode(model, rows);
  return Array.from({ length: count }, (_, i) =>
    Float64Array.from({ length: latent }, (_, j) => {
      const at = i * latent + j;
      return nth(means, at) + nth(stddevs, at) * nth(noise, at);
    }),
  );
}

/** z of the noise, through whatever else q(z|x) is made of. */
function drawn(model: Vae, rows: Float32Array, noise: Float32Array): Float64Array[] {
  const { latent, pixels, family } = model;
  const points: Float64Array[] = [];
  inChunks(noise.length / latent, CHUNK, (start, end) => {
    const n = end - start;
    const x = tf.tensor2d(rows.subarray(start * pixels, end * pixels), [n, pixels]);
    const epsilon = tf.tensor3d(noise.subarray(start * latent, end * latent), [1, n, latent]);
    const z = family.draw(model.encode(x), epsilon).z.dataSync<'float32'>();
    const own = priorPart(model, z);
    const d = own.length / n;
    for (let i = 0; i < n; i++) points.push(Float64Array.from(own.subarray(i * d, (i + 1) * d)));
  });
  return points;
}
