import { type Binarisation, pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { Moments } from '../math/moments';
import { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { checkImages } from './check-images';
import { elboTerms } from './elbo';
import type { Vae } from './model';
import { checkSize } from './networks';
import { CHUNK, encode, inChunks } from './use';

/** A latent dimension is active when the variance over images of its posterior mean is above this (Burda et al., 2016). */
const ACTIVE_VARIANCE = 0.01;

export interface EvaluateOptions {
  /** Samples of z per image. Default: 10. */
  readonly samples?: number;
  readonly seed: number;
  /** Default: `fixed`, so that every model sees the same bits. */
  readonly binarisation?: Exclude<Binarisation, 'dynamic'>;
  /** Images at a time: bounds the memory and changes no result beyond rounding. Default: 500. */
  readonly chunk?: number;
}

/** Means over the images in nats, and counts. */
export interface Evaluation {
  readonly images: number;
  /** E_q[ln p(x|z)] − KL(q(z|x) ‖ p), a lower bound on ln p(x). */
  readonly elbo: number;
  /** Of the mean over images; null for a single image. */
  readonly standardError: number | null;
  /** The ELBO of each image: with `pairedDifference`, how much better one model is than another on the same images. */
  readonly elbos: Float64Array;
  /** −E_q[ln p(x|z)]. */
  readonly reconstruction: number;
  readonly kl: number;
  /** Dimensions whose posterior mean varies between images (variance > 0.01). */
  readonly activeUnits: number;
  /** exp of the entropy of the prior's weights: 1 for one component, K for K equal ones. */
  readonly effectiveComponents: number;
}

/**
 * How good a model is on a set. The same seed gives the same numbers.
 *
 * @throws InvalidArgumentError when the images do not fit the model, or on sizes that are no positive integers
 */
export function evaluate(model: Vae, set: ImageSet, options: EvaluateOptions): Evaluation {
  const { samples = 10, seed, binarisation = 'fixed', chunk = CHUNK } = options;
  checkImages(model, set, 'data');
  checkSize('samples', samples);
  checkSize('chunk', chunk);
  const rows = pixelRows(
    set,
    Uint32Array.from({ length: set.count }, (_, i) => i),
    { binarisation, seed },
  );
  const moments = { elbo: new Moments(), reconstruction: new Moments(), kl: new Moments() };
  const elbos = new Float64Array(set.count);
  const stream = RandomStream.of(seed, 'vae/evaluate/noise');
  inChunks(set.count, chunk, (start, end) => {
    const x = tf.tensor2d(rows.subarray(start * model.pixels, end * model.pixels), [end - start, model.pixels]);
    const terms = elboTerms(model, x, imageMajorNoise(stream, samples, end - start, model.latent));
    const [reconstruction, kl] = [terms.reconstruction.dataSync(), terms.kl.dataSync()];
    reconstruction.forEach((value, i) => {
      moments.reconstruction.push(value);
      moments.kl.push(kl[i] as number);
      elbos[start + i] = -value - (kl[i] as number);
      moments.elbo.push(elbos[start + i] as number);
    });
  });
  return {
    images: set.count,
    elbo: moments.elbo.mean,
    standardError: moments.elbo.standardError,
    elbos,
    reconstruction: moments.reconstruction.mean,
    kl: moments.kl.mean,
    activeUnits: countActive(encode(model, rows).means, model.latent),
    effectiveComponents: perplexity(model.prior.distribution().weights),
  };
}

/** `[samples, n, d]`, drawn image after image, so that chunks of any size give each image the same noise. */
function imageMajorNoise(stream: RandomStream, samples: number, n: number, d: number): tf.Tensor3D {
  const noise = new Float32Array(n * samples * d);
  stream.fillNormal(noise);
  return tf.transpose(tf.tensor3d(noise, [n, samples, d]), [1, 0, 2]);
}

/** How many dimensions of the means `[n, d]` vary between images. */
export function countActive(means: Float32Array, dimension: number): number {
  const moments = Array.from({ length: dimension }, () => new Moments());
  means.forEach((mean, i) => {
    moments[i % dimension]?.push(mean);
  });
  return moments.filter(({ variance }) => (variance ?? 0) > ACTIVE_VARIANCE).length;
}

/** exp H(π). */
export function perplexity(weights: Float64Array): number {
  return Math.exp(-weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0));
}
