import { checkFinite } from '../data/numbers';
import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { tf } from '../tensors';
import { checkIntensities } from './check-images';
import type { Vae } from './model';
import { checkElements, checkSize } from './networks';

/** Rows per chunk: bounds the memory for activations, and changes no result. */
export const CHUNK = 500;

/** Mean and standard deviation of each coordinate of q(z|x), row-major `[n, d]` each. */
export interface Encodings {
  readonly means: Float32Array;
  readonly stddevs: Float32Array;
}

/**
 * Mean and standard deviation of q(z|x), of images given as rows `[n, D]`: intensities in [0, 1], or for `normal` and `student-t` numbers as
 * they are. With a flow, they are those of z behind its last
 * step, by a cubature rule of 2d points.
 *
 * @throws InvalidArgumentError on what is no whole number of such images
 *
 * @example
 * ```ts
 * import { encode, intensities, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 10, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * encode(model, intensities(digits)).means.length; // 20
 * model.dispose();
 * ```
 */
export function encode(model: Vae, images: Float32Array): Encodings {
  const d = model.latent;
  if (images.length % model.pixels !== 0) {
    throw new InvalidArgumentError('images', `expected rows of ${model.pixels} pixels, got ${images.length} numbers`);
  }
  if (model.likelihood.support !== 'real') checkIntensities('images', images);
  else checkFinite(images, 'images', model.pixels);
  const count = images.length / model.pixels;
  const means = new Float32Array(count * d);
  const stddevs = new Float32Array(count * d);
  inChunks(count, CHUNK, (start, end) => {
    const x = tf.tensor2d(images.subarray(start * model.pixels, end * model.pixels), [end - start, model.pixels]);
    const { mean, stddev } = model.moments(x);
    means.set(mean.dataSync(), start * d);
    stddevs.set(stddev.dataSync(), start * d);
  });
  return { means, stddevs };
}

/**
 * The mean images E[x|z], `[n, D]`, in [0, 1] where the images are intensities, of latent points `[n, d]`, row-major. For colours that depend on each other, in a `logistic-mixture`
 * of several channels, they are approximate: the means of the channels before stand for the channels.
 *
 * @throws InvalidArgumentError on what is no whole number of such points
 *
 * @example
 * ```ts
 * import { decode, Vae } from 'gmm-vae';
 *
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * decode(model, [0, 0, 1, 1]).length; // 1568
 * model.dispose();
 * ```
 */
export function decode(model: Vae, latents: ArrayLike<number>): Float32Array {
  const d = model.latent;
  if (latents.length % d !== 0) {
    throw new InvalidArgumentError('latents', `expected rows of ${d} coordinates, got ${latents.length} numbers`);
  }
  const count = latents.length / d;
  const images = new Float32Array(count * model.pixels);
  const points = Float32Array.from(latents);
  const bad = points.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    const problem = `expected a number that float32 can hold, got ${shown(latents[bad])}`;
    throw new InvalidArgumentError(`latents[${bad}]`, problem);
  }
  inChunks(count, CHUNK, (start, end) => {
    const z = tf.tensor2d(points.subarray(start * d, end * d), [end - start, d]);
    images.set(model.likelihood.mean(model.decode(z)).dataSync(), start * model.pixels);
  });
  return images;
}

/** Numbers of all images together: two gigabytes. */
export const MOST_NUMBERS: number = 2 ** 29;

export interface PriorSamples {
  /** `[count, d]`, row-major. */
  readonly latents: Float32Array;
  /** Their mean images, `[count, D]`, as `decode` makes them. */
  readonly images: Float32Array;
}

/**
 * Draws from the prior, or from one component of it (counted from 0), decoded.
 *
 * @throws InvalidArgumentError when there is no such component, or a count that is not a positive integer
 *
 * @example
 * ```ts
 * import { samplePrior, Vae } from 'gmm-vae';
 *
 * const model = new Vae({
 *   pixels: 784,
 *   latent: 2,
 *   hidden: [8],
 *   prior: { kind: 'gaussian-mixture', components: 3 },
 *   seed: 1,
 * });
 * samplePrior(model, { count: 4, seed: 1 }).images.length; // 3136
 * model.dispose();
 * ```
 */
export function samplePrior(
  model: Vae,
  { count, seed, component }: { count: number; seed: number; component?: number },
): PriorSamples {
  checkSize('count', count);
  checkElements('count', [count, Math.max(model.pixels, model.latent)], MOST_NUMBERS);
  const mixture = model.prior.distribution();
  const source = component === undefined ? mixture : mixture.components[component];
  if (!source) {
    throw new InvalidArgumentError('component', `expected 0 to ${mixture.components.length - 1}, got ${component}`);
  }
  const stream = RandomStream.of(seed, `vae/sample-prior/${component ?? 'all'}`);
  const points = new Float32Array(count * mixture.dimension);
  for (let i = 0; i < count; i++) points.set(source.sample(stream), i * mixture.dimension);
  const latents = completed(model, points, stream);
  return { latents, images: decode(model, latents) };
}

/** z of p(z₁|z₂) for points of the upper level, `[n, d₂]` to `[n, d]`; where there is one level, the points. */
function completed({ hierarchy, latent, prior }: Vae, points: Float32Array, stream: RandomStream): Float32Array {
  if (!hierarchy) return points;
  const [top, lower] = [prior.dimension, latent - prior.dimension];
  const count = points.length / top;
  const noise = new Float32Array(count * lower);
  stream.fillNormal(noise);
  return tf.tidy(() =>
    hierarchy.complete(tf.tensor2d(points, [count, top]), tf.tensor2d(noise, [count, lower])).dataSync<'float32'>(),
  );
}

/** Calls `visit` on consecutive ranges that cover `count` rows; tensors made inside are freed after each. */
export function inChunks(count: number, chunk: number, visit: (start: number, end: number) => void): void {
  for (let start = 0; start < count; start += chunk) {
    tf.tidy(() => visit(start, Math.min(start + chunk, count)));
  }
}
