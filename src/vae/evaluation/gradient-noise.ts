import { InvalidArgumentError } from '../../errors';
import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import { encode, inChunks } from '../inference';
import type { Vae } from '../model';
import { checkNormal } from '../posteriors/check-normal';

/**
 * Variances of one image's gradient with respect to the mean μ of q(z|x), taken from one draw, averaged over images and coordinates.
 *
 * @example
 * ```ts
 * import { type GradientNoise, gradientNoise, intensities, syntheticDigits, takeImages, Vae } from 'gmm-vae';
 *
 * const images = intensities(takeImages(syntheticDigits({ train: 20, test: 10, seed: 1 }).train, 5));
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const noise: GradientNoise = gradientNoise(model, images, { seed: 1, draws: 20 });
 * noise.loss > 0; // true
 * model.dispose();
 * ```
 */
export interface GradientNoise {
  /** Variance from −ln p(x|z), the reconstruction's part of the loss. */
  readonly reconstruction: number;
  /** Variance from the sampled KL term (11), reparameterised. The closed form (9) would have none. */
  readonly kl: number;
  /** Variance from the sampled KL term when sticking the landing. */
  readonly klSticking: number;
  /** Variance from both terms together, reparameterised. */
  readonly loss: number;
  /** Variance from both terms together when sticking the landing. */
  readonly lossSticking: number;
}

/** Draws times images decoded at a time. */
const ROWS = 4000;

/**
 * Measures how noisy a model's gradients of the loss are. With z = μ + σε, g = −∂ ln p(x|z)/∂z and h = −∂ ln p(z)/∂z, the
 * reparameterised gradient of the loss in μ is g + h, and sticking the landing gives g + h − ε/σ: zero for every draw where q(z|x) is
 * the true posterior p(z|x), since it is the derivative of ln q(z|x)/p(z|x).
 *
 * @param images `[n, D]` intensities in [0, 1], row-major
 * @throws InvalidArgumentError when there are no images or they do not fit the model, its q(z|x) is no diagonal normal, or `draws` is below 2
 *
 * @example
 * ```ts
 * import { gradientNoise, intensities, syntheticDigits, takeImages, Vae } from 'gmm-vae';
 *
 * const images = intensities(takeImages(syntheticDigits({ train: 20, test: 10, seed: 1 }).train, 5));
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const { kl, reconstruction } = gradientNoise(model, images, { seed: 1, draws: 50 });
 * kl > 0 && reconstruction > 0; // true
 * model.dispose();
 * ```
 */
export function gradientNoise(
  model: Vae,
  images: Float32Array,
  { seed, draws }: { readonly seed: number; readonly draws: number },
): GradientNoise {
  if (!Number.isSafeInteger(draws) || draws < 2)
    throw new InvalidArgumentError('draws', `expected an integer ≥ 2, got ${draws}`);
  checkNormal(model);
  const { latent: d, pixels } = model;
  const { means, stddevs } = encode(model, images);
  const count = means.length / d;
  if (count === 0) throw new InvalidArgumentError('images', 'expected at least one image, got none');
  const sums = { reconstruction: 0, kl: 0, klSticking: 0, loss: 0, lossSticking: 0 };
  const stream = RandomStream.of(seed, 'vae/gradient-noise');
  inChunks(count, Math.max(1, Math.floor(ROWS / draws)), (start, end) => {
    const n = end - start;
    const noise = new Float32Array(draws * n * d);
    stream.fillNormal(noise);
    const epsilon = tf.tensor(noise, [draws, n, d]);
    const sigma = tf.tensor(stddevs.subarray(start * d, end * d), [n, d]);
    const z = tf.add(tf.tensor(means.subarray(start * d, end * d), [n, d]), tf.mul(sigma, epsilon)) as tf.Tensor3D;
    const x = tf.tensor2d(images.subarray(start * pixels, end * pixels), [n, pixels]);
    const likelihood = (at: tf.Tensor): tf.Scalar => {
      const raw = tf.reshape(model.decode(tf.reshape(at, [draws * n, d])), [draws, n, -1]);
      return tf.neg(tf.sum(model.likelihood.logProb(x, raw as tf.Tensor3D))) as tf.Scalar;
    };
    const prior = (at: tf.Tensor): tf.Scalar => tf.neg(tf.sum(model.prior.logProb(at))) as tf.Scalar;
    const [g, h] = [tf.grad(likelihood)(z), tf.grad(prior)(z)];
    const score = tf.div(epsilon, sigma);
    const terms = {
      reconstruction: g,
      kl: h,
      klSticking: tf.sub(h, score),
      loss: tf.add(g, h),
      lossSticking: tf.sub(tf.add(g, h), score),
    };
    for (const [name, term] of Object.entries(terms) as [keyof GradientNoise, tf.Tensor][])
      sums[name] += nth(tf.sum(tf.moments(term, 0).variance).dataSync(), 0);
  });
  const scale = draws / (draws - 1) / (count * d); // divisor S − 1
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum * scale])) as unknown as GradientNoise;
}
