import type { ImageSet } from '../../data/dataset';
import type { GaussianMixture } from '../../distributions/gaussian-mixture';
import { InvalidArgumentError, UsageError } from '../../errors';
import { Moments } from '../../math/moments';
import { checkImages } from '../check-images';
import type { Vae } from '../model';
import { priorPart } from '../prior-part';
import { clusterAgreement } from './clusters';
import { type ImageScores, type ImportanceOptions, importanceScores } from './importance';

/** How good a model is on a set of images: means over the images in nats, and counts. */
export interface TestReport {
  /** −ln p(x), by importance weighting. */
  readonly nll: number;
  /** The standard error of `nll` over the images; null for a single image. */
  readonly standardError: number | null;
  /** `nll` in bits per number of an image: nll / (D ln 2). */
  readonly bitsPerDimension: number;
  readonly elbo: number;
  readonly kl: number;
  /** −E_q[ln p(x|z)]. */
  readonly reconstruction: number;
  /** Dimensions whose posterior mean varies between images (variance > 0.01). */
  readonly activeUnits: number;
  /** exp of the entropy of the prior's weights: 1 for one component, K for K equal ones. */
  readonly effectiveComponents: number;
  /** The accuracy of the images' most likely components against the labels, by optimal one-to-one assignment; null without labels. */
  readonly clusterAccuracy: number | null;
  /** The normalised mutual information of the same; null without labels. */
  readonly nmi: number | null;
}

/**
 * What held-out images say of a model: importance-weighted ln p(x) and its parts, in nats an image, and agreement with labels.
 *
 * @example
 * ```ts
 * import { evaluate, type Evaluation, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 100, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const { report, scores }: Evaluation = await evaluate(model, digits, { samples: 5, seed: 1, threads: 1 });
 * report.nll > 500; // true
 * scores.logLikelihood.length; // 100
 * model.dispose();
 * ```
 */
export interface Evaluation {
  readonly report: TestReport;
  /** Posterior collapse and empty components, with numbers; none where there is nothing to warn of. */
  readonly warnings: readonly string[];
  /** Image by image: with `pairedDifference`, how much better one model is than another on the same images. */
  readonly scores: ImageScores;
}

/**
 * The importance-weighted log-likelihood of a set, and what the latent space is used for. The same seed gives every model the
 * same pixels and the same noise.
 *
 * @throws InvalidArgumentError when the images do not fit the model, or labels are fewer or more than images; UsageError when the device is not there, or a
 *   log-likelihood is not finite
 *
 * @example
 * ```ts
 * import { evaluate, syntheticDigits, train, Vae } from 'gmm-vae';
 *
 * const { train: digits, test } = syntheticDigits({ train: 500, test: 100, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [16], prior: { kind: 'standard-normal' }, seed: 1 });
 * const before = (await evaluate(model, test, { samples: 10, seed: 1, threads: 1 })).report.nll;
 * await train(model, digits, { epochs: 2, seed: 1, threads: 1 });
 * const after = (await evaluate(model, test, { samples: 10, seed: 1, threads: 1 })).report.nll;
 * after < before; // true
 * model.dispose();
 * ```
 */
export async function evaluate(model: Vae, set: ImageSet, options: ImportanceOptions): Promise<Evaluation> {
  checkImages(model, set, 'data');
  if (set.labels && set.labels.length !== set.count) {
    throw new InvalidArgumentError('data.labels', `expected ${set.count} labels, got ${set.labels.length}`);
  }
  // First, since it takes no time and throws where the prior's parameters are no density.
  const density = model.prior.distribution();
  const scores = await importanceScores(model, set, options);
  const bad = scores.logLikelihood.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new UsageError(
      `the log-likelihood of image ${bad} of ${set.name} is ${scores.logLikelihood[bad]}: the model is broken; evaluate an earlier checkpoint (--which best)`,
    );
  }
  const [nll, kl, reconstruction] = [moments(scores.logLikelihood), moments(scores.kl), moments(scores.reconstruction)];
  const clusters = mostLikelyComponents(density, priorPart(model, scores.means));
  const agreement = set.labels && clusterAgreement(clusters, set.labels);
  const report: TestReport = {
    nll: -nll.mean,
    standardError: nll.standardError,
    bitsPerDimension: -nll.mean / (model.pixels * Math.LN2),
    elbo: -reconstruction.mean - kl.mean,
    kl: kl.mean,
    reconstruction: reconstruction.mean,
    activeUnits: countActive(scores.means, model.latent),
    effectiveComponents: perplexity(density.weights),
    clusterAccuracy: agreement?.accuracy ?? null,
    nmi: agreement?.nmi ?? null,
  };
  return { report, warnings: warningsOf(model, report, clusters), scores };
}

/** argmax_k π_k N(μ(x); μ_k, Σ_k) for each posterior mean. */
function mostLikelyComponents(density: GaussianMixture, means: Float32Array): Uint32Array {
  const d = density.dimension;
  return Uint32Array.from({ length: means.length / d }, (_, i) => {
    const responsibilities = density.responsibilities(means.subarray(i * d, (i + 1) * d));
    return responsibilities.indexOf(Math.max(...responsibilities));
  });
}

/** A latent dimension is active when the variance over images of its posterior mean is above this (Burda et al., 2016). */
const ACTIVE_VARIANCE = 0.01;

/** How many dimensions of the means `[n, d]` vary between images. */
function countActive(means: Float32Array, dimension: number): number {
  const moments = Array.from({ length: dimension }, () => new Moments());
  means.forEach((mean, i) => {
    moments[i % dimension]?.push(mean);
  });
  return moments.filter(({ variance }) => (variance ?? 0) > ACTIVE_VARIANCE).length;
}

/** exp H(π). */
function perplexity(weights: Float64Array): number {
  return Math.exp(-weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0));
}

/** The fewest images that tell: with fewer, a dimension may look constant; with fewer per component, some are nobody's most likely one by chance. */
const IMAGES_TO_TELL = 10;

function warningsOf(model: Vae, { activeUnits, kl }: TestReport, clusters: Uint32Array): string[] {
  const warnings: string[] = [];
  const { latent, prior } = model;
  if (clusters.length >= IMAGES_TO_TELL && activeUnits < latent) {
    warnings.push(
      `posterior collapse: ${latent - activeUnits} of ${latent} latent dimensions are inactive (variance of their posterior means ≤ 0.01); KL ${kl.toFixed(2)} nats`,
    );
  }
  const used = new Set(clusters).size;
  if (clusters.length >= IMAGES_TO_TELL * prior.components && used < prior.components) {
    warnings.push(
      `empty components: ${prior.components - used} of ${prior.components} are the most likely one of none of ${clusters.length} images`,
    );
  }
  return warnings;
}

function moments(values: Float64Array): Moments {
  const result = new Moments();
  for (const value of values) result.push(value);
  return result;
}
