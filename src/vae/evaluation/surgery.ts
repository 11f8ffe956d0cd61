import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import { InvalidArgumentError } from '../../errors';
import { Moments } from '../../math/moments';
import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { type Encodings, encode } from '../inference';
import type { Vae } from '../model';
import { checkSize } from '../networks';
import { checkNormal } from '../posteriors/check-normal';

/**
 * Parts of the ELBO's KL term over N images (Hoffman and Johnson, *ELBO surgery*, 2016):
 *
 *   1/N Σ_n KL(q(z|x_n) ‖ p) = I(n; z) + KL(q̄ ‖ p),   q̄(z) = 1/N Σ_n q(z|x_n).
 *
 * All numbers are in nats. They fulfil the identity exactly, because all three are averages over the same draws.
 *
 * @example
 * ```ts
 * import { type ElboSurgery, elboSurgery, intensities, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const images = intensities(syntheticDigits({ train: 20, test: 10, seed: 1 }).train);
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const parts: ElboSurgery = elboSurgery(model, images, { seed: 1 });
 * Math.abs(parts.kl - parts.mutualInformation - parts.marginalKl) < 1e-6; // true
 * model.dispose();
 * ```
 */
export interface ElboSurgery {
  /** Number N of images. */
  readonly images: number;
  /** Mean KL term over the images. */
  readonly kl: number;
  /** I(n; z), the information that a code has about which of the N images it belongs to: between 0 and ln N. */
  readonly mutualInformation: number;
  /** KL(q̄ ‖ p), the most that a better prior could save. */
  readonly marginalKl: number;
  /** Standard error of `marginalKl` over the draws of all images; null for one draw of one image. */
  readonly standardError: number | null;
}

/**
 * How many encodings and samples the parts of the ELBO are estimated from.
 *
 * @example
 * ```ts
 * import { elboSurgery, intensities, type SurgeryOptions, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const options: SurgeryOptions = { seed: 1, draws: 4 };
 * const images = intensities(syntheticDigits({ train: 20, test: 10, seed: 1 }).train);
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * elboSurgery(model, images, options).images; // 20
 * model.dispose();
 * ```
 */
export interface SurgeryOptions {
  readonly seed: number;
  /** Number of draws of z for each image. Default: 1. */
  readonly draws?: number;
}

/**
 * Returns the aggregated posterior q̄(z) = 1/N Σ_n q(z|x_n) of encoded images: a mixture with one component per image.
 *
 * @param encodings `[N, d]` means and standard deviations, as `encode` gives them
 * @param latent d
 * @throws InvalidArgumentError unless there are encodings of that many dimensions
 *
 * @example
 * ```ts
 * import { aggregatedPosterior } from 'gmm-vae';
 *
 * const codes = { means: Float32Array.of(-1, 0, 1, 0), stddevs: Float32Array.of(1, 1, 1, 1) };
 * const aggregated = aggregatedPosterior(codes, 2);
 * aggregated.components.length; // 2
 * aggregated.covarianceMatrix(); // [2, 0, 0, 1]
 * ```
 */
export function aggregatedPosterior({ means, stddevs }: Encodings, latent: number): GaussianMixture {
  checkSize('latent', latent);
  const count = means.length / latent;
  if (count === 0 || !Number.isInteger(count) || stddevs.length !== means.length) {
    const problem = `expected as many means as stddevs, a whole number of rows of ${latent} and at least one, got ${means.length} and ${stddevs.length}`;
    throw new InvalidArgumentError('encodings', problem);
  }
  const row = (values: Float32Array, n: number) => Float64Array.from(values.subarray(n * latent, (n + 1) * latent));
  return new GaussianMixture(
    new Float64Array(count).fill(1 / count),
    Array.from({ length: count }, (_, n) => MultivariateNormal.diagonal(row(means, n), row(stddevs, n))),
  );
}

/**
 * Measures the three terms of `ElboSurgery` for a model and N images.
 *
 * @param images `[N, D]` intensities in [0, 1], row-major
 * @throws InvalidArgumentError when the images do not fit the model, or its q(z|x) is no diagonal normal
 *
 * @example
 * ```ts
 * import { elboSurgery, intensities, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const images = intensities(syntheticDigits({ train: 20, test: 10, seed: 1 }).train);
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const { mutualInformation } = elboSurgery(model, images, { seed: 1, draws: 10 });
 * mutualInformation <= Math.log(20); // true
 * model.dispose();
 * ```
 */
export function elboSurgery(model: Vae, images: Float32Array, { seed, draws = 1 }: SurgeryOptions): ElboSurgery {
  checkSize('draws', draws);
  checkNormal(model);
  const { latent } = model;
  const aggregated = aggregatedPosterior(encode(model, images), latent);
  const { components } = aggregated;
  const count = components.length;
  const points = new Float64Array(count * draws * latent);
  const own = new Float64Array(count * draws); // ln q(z|x_n) of the image that z was drawn for
  const stream = RandomStream.of(seed, 'vae/elbo-surgery');
  components.forEach((component, n) => {
    for (let s = 0; s < draws; s++) {
      const at = n * draws + s;
      component.sampleInto(stream, points, at * latent);
      own[at] = component.logProbAt(points, at * latent);
    }
  });
  const all = aggregated.logProbs(points);
  const prior = model.prior.distribution().logProbs(points);
  const [kl, information, marginal] = [new Moments(), new Moments(), new Moments()];
  own.forEach((value, at) => {
    kl.push(value - nth(prior, at));
    information.push(value - nth(all, at));
    marginal.push(nth(all, at) - nth(prior, at));
  });
  return {
    images: count,
    kl: kl.mean,
    mutualInformation: information.mean,
    marginalKl: marginal.mean,
    standardError: marginal.standardError,
  };
}
