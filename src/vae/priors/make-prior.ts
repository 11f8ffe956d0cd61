import { InvalidArgumentError } from '../../errors';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { tf } from '../../tensors';
import { checkIntensities } from '../check-images';
import { MODEL_OPTIONS, type ModelOptionValue } from '../model-table';
import { checkChoice, checkElements } from '../networks';
import { checkOption } from '../option';
import type { Posterior } from '../posterior';
import { GaussianMixturePrior } from './diagonal-mixture';
import { FullMixturePrior } from './full-mixture';
import type { Prior } from './prior';
import { StandardNormalPrior } from './standard-normal';
import { VampPrior } from './vamp';

/**
 * Which prior a model has: standard normal, mixture or VampPrior, with its sizes.
 *
 * @example
 * ```ts
 * import { type PriorOptions, samplePrior, Vae } from 'gmm-vae';
 *
 * const prior: PriorOptions = { kind: 'gaussian-mixture', components: 10, covariance: 'diagonal' };
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior, seed: 1 });
 * samplePrior(model, { count: 3, seed: 1, component: 9 }).latents.length; // 6
 * model.dispose();
 * ```
 */
export type PriorOptions =
  | {
      readonly kind: 'standard-normal';
      /** The KL term by samples, equation (11), although it has the closed form (9): a control for priors that have none. Default: false. */
      readonly sampledKl?: boolean | undefined;
    }
  | {
      readonly kind: 'gaussian-mixture';
      /** K. */
      readonly components: number;
      /** The form of each component's covariance. Default: `diagonal`. */
      readonly covariance?: ModelOptionValue<'covariance'> | undefined;
    }
  | {
      readonly kind: 'vamp';
      /** K, the number of pseudo-inputs. */
      readonly components: number;
      /** The first pseudo-inputs, `[K, D]` in [0, 1], for instance training images; default: the mean image with noise. */
      readonly pseudoInputs?: Float32Array;
    };

/** What priors may be made from besides their options. */
export interface PriorSurroundings {
  /** d. */
  readonly dimension: number;
  /** D. */
  readonly pixels: number;
  readonly encode: (x: tf.Tensor2D) => Posterior;
  readonly meanImage: ArrayLike<number> | undefined;
  readonly stream: RandomStream;
}

const PRIORS: {
  readonly [K in PriorOptions['kind']]: (
    options: Extract<PriorOptions, { kind: K }>,
    surroundings: PriorSurroundings,
  ) => Prior;
} = {
  'standard-normal': ({ sampledKl: sampled = false }, { dimension }) => new StandardNormalPrior(dimension, { sampled }),
  'gaussian-mixture': ({ components, covariance = MODEL_OPTIONS.covariance.default }, { dimension, stream }) => {
    checkOption(MODEL_OPTIONS.covariance, covariance, 'prior.covariance');
    return MIXTURES[covariance].random(components, dimension, stream);
  },
  vamp: ({ components, pseudoInputs }, { dimension, pixels, encode, meanImage, stream }) => {
    checkOption(MODEL_OPTIONS.components, components, 'components');
    checkElements('components', [components, pixels]);
    const start = pseudoInputs ?? noisyMeans(components, pixels, meanImage, stream);
    if (start.length !== components * pixels) {
      throw new InvalidArgumentError(
        'prior.pseudoInputs',
        `expected ${components} images of ${pixels} pixels, got ${start.length} numbers`,
      );
    }
    if (pseudoInputs) checkIntensities('prior.pseudoInputs', pseudoInputs);
    return new VampPrior(dimension, encode, start, pixels);
  },
};

const MIXTURES = { diagonal: GaussianMixturePrior, full: FullMixturePrior } as const satisfies Record<
  ModelOptionValue<'covariance'>,
  object
>;

/** @throws InvalidArgumentError on an unknown kind, or sizes that are no positive integers */
export function makePrior<K extends PriorOptions['kind']>(
  options: Extract<PriorOptions, { kind: K }>,
  surroundings: PriorSurroundings,
): Prior {
  checkChoice('prior.kind', options.kind, PRIORS);
  return PRIORS[options.kind as K](options, surroundings);
}

/** How far the first pseudo-inputs lie from the mean image: enough to tell them apart. */
const NOISE = 0.05;

function noisyMeans(
  components: number,
  pixels: number,
  meanImage: ArrayLike<number> | undefined,
  stream: RandomStream,
): Float32Array {
  return Float32Array.from(
    { length: components * pixels },
    (_, i) => (meanImage ? nth(meanImage, i % pixels) : 0.5) + NOISE * stream.normal(),
  );
}
