import { InvalidArgumentError } from '../errors';
import { logRatio } from '../math/elementary';
import { logSoftmax } from '../math/log-sum-exp';
import { finiteNumber, shown, vector } from './validate';

/**
 * What the numbers given as weights are: probabilities that sum to 1, anything in proportion to them, or their logarithms up to a constant.
 *
 * @example
 * ```ts
 * import { GaussianMixture, Normal, type WeightScale } from 'gmm-vae';
 *
 * const scale: WeightScale = 'logits';
 * new GaussianMixture([0, 0], [new Normal(0, 1), new Normal(1, 1)], { weightsAre: scale }).weights; // [0.5, 0.5]
 * ```
 */
export type WeightScale = 'probabilities' | 'unnormalised' | 'logits';

/** π and ln π, and what they were made from. */
export interface MixtureWeights {
  readonly given: Float64Array;
  readonly weights: Float64Array;
  readonly logWeights: Float64Array;
}

/** How far from 1 probabilities may sum, so that float32 softmax output passes; they are then divided by their sum. */
const SUM_TOLERANCE = 1e-6;

const SCALES: { readonly [S in WeightScale]: (given: ArrayLike<number>) => MixtureWeights } = {
  probabilities: (values) => {
    const given = vector('weights', values, weight);
    const total = given.reduce((sum, w) => sum + w, 0);
    if (Math.abs(total - 1) > SUM_TOLERANCE) {
      throw new InvalidArgumentError(
        'weights',
        `expected a sum of 1 (within ${SUM_TOLERANCE}), got ${total}${total > 0 ? '; divide each by it' : ''}`,
      );
    }
    return { given, weights: given.map((w) => w / total), logWeights: logSoftmax(given.map(Math.log)) };
  },
  unnormalised: (values) => {
    const given = vector('weights', values, weight);
    // Divided by the largest first, so that the sum of huge ones does not overflow.
    const largest = Math.max(...given);
    if (largest === 0) throw new InvalidArgumentError('weights', 'expected a weight > 0, got zeros only');
    const parts = given.map((w) => w / largest);
    const total = parts.reduce((sum, w) => sum + w, 0);
    return {
      given,
      weights: parts.map((w) => w / total),
      logWeights: logSoftmax(given.map((w) => logRatio(w, largest))),
    };
  },
  logits: (values) => {
    const given = vector('logits', values, logit);
    const logWeights = logSoftmax(given);
    if (logWeights.every((log) => log === -Infinity)) {
      throw new InvalidArgumentError('logits', 'expected a finite number among them, got −Infinity only');
    }
    return { given, weights: logWeights.map(Math.exp), logWeights };
  },
};

/** @throws InvalidArgumentError naming the weight at fault. */
export function mixtureWeights(given: ArrayLike<number>, scale: WeightScale): MixtureWeights {
  if (Object.hasOwn(SCALES, scale)) return SCALES[scale](given);
  throw new InvalidArgumentError(
    'weightsAre',
    `expected one of ${Object.keys(SCALES).join(', ')}, got ${shown(scale)}`,
  );
}

function weight(argument: string, value: unknown): number {
  const w = finiteNumber(argument, value);
  if (w >= 0) return w;
  throw new InvalidArgumentError(argument, `expected a weight ≥ 0, got ${w}`);
}

function logit(argument: string, value: unknown): number {
  if (typeof value === 'number' && value < Infinity) return value;
  throw new InvalidArgumentError(argument, `expected a number below Infinity, got ${shown(value)}`);
}
