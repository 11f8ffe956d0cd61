import { nth } from '../nth';
import { tf } from '../tensors';
import type { Likelihood } from './likelihoods';
import { boundedLogVariance, logSoftmax, logSumExp, softplus } from './tensor-math';

/** Half the distance of two of the 256 intensities when black is −1 and white 1. */
const HALF = 1 / 255;

export interface LogisticMixtureOptions {
  /** D. */
  readonly pixels: number;
  /** Numbers of one place: its colours. */
  readonly channels: number;
  /** K. */
  readonly mixtures: number;
}

/**
 * Discretised mixture of K logistics (Salimans et al., PixelCNN++, 2017) for the 256 intensities of a byte, black at −1 and white at 1: a place
 * of the image has one of K components for all its channels, and each channel j is logistic around m_j + Σ_{i<j} c_ij x_i, so that green depends on
 * red, and blue on both. A number's probability is what its logistic has between half a step below and half a step above; the first
 * takes all below, the last all above.
 *
 * Outputs for each place: K logits of the weights, then for each component the m_j, the ln s_j (bounded), and the raw c_ij (tanh), each for all places.
 */
export function logisticMixture({ pixels, channels, mixtures }: LogisticMixtureOptions): Likelihood {
  const places = pixels / channels;
  const pairs = (channels * (channels - 1)) / 2;
  const each = (count: number, width: number): number[] => Array<number>(count).fill(width);
  const kinds = [...each(mixtures, 1), ...each(2 * mixtures, channels), ...each(pairs > 0 ? mixtures : 0, pairs)];
  const sizes = [mixtures * places, mixtures * pixels, mixtures * pixels, mixtures * pairs * places];
  /** `[…, outputs]` as weights `[…, K, places]` and, of every channel, `[…, K, places, channels]`. */
  const partsOf = (raw: tf.Tensor) => {
    const lead = raw.shape.slice(0, -1);
    const [weights, locations, scales, coefficients] = tf.split(raw, pairs > 0 ? sizes : sizes.slice(0, 3), -1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor | undefined,
    ];
    const shaped = (t: tf.Tensor, width: number): tf.Tensor => tf.reshape(t, [...lead, mixtures, places, width]);
    return {
      weights: tf.reshape(weights, [...lead, mixtures, places]),
      locations: shaped(locations, channels),
      logScales: boundedLogVariance(shaped(scales, channels)),
      coefficients: coefficients && tf.tanh(shaped(coefficients, pairs)),
    };
  };
  return {
    kinds,
    support: 'bytes',
    variables: new Map(),
    standardise: (x) => x,
    start: (meanImage) => {
      const outputs = new Float32Array(places * kinds.reduce((sum, width) => sum + width, 0));
      const middle = meanImage.map((mean) => 2 * mean - 1);
      for (let k = 0; k < mixtures; k++) outputs.set(middle, nth(sizes, 0) + k * pixels);
      return outputs;
    },
    logProb: (x, raw) => {
      const { weights, locations, logScales, coefficients } = partsOf(raw);
      const values = tf.sub(tf.mul(tf.reshape(x, [...x.shape.slice(0, -1), 1, places, channels]), 2), 1);
      const centred = tf.sub(values, conditional(locations, coefficients, values));
      const perChannel = logisticLogProb(values, centred, logScales);
      const perComponent = tf.add(lastTwoSwapped(logSoftmax(lastTwoSwapped(weights))), tf.sum(perChannel, -1));
      return tf.sum(logSumExp(lastTwoSwapped(perComponent)), -1);
    },
    mean: (raw) => {
      const { weights, locations, logScales, coefficients } = partsOf(raw);
      const means = clampedMeans(locations, logScales, coefficients);
      const shares = tf.expandDims(lastTwoSwapped(tf.exp(logSoftmax(lastTwoSwapped(weights)))), -1);
      const mean = tf.sum(tf.mul(shares, means), -3);
      return tf.reshape(tf.mul(tf.add(mean, 1), 0.5), [...raw.shape.slice(0, -1), pixels]);
    },
  };
}

/** `[…, a, b]` as `[…, b, a]`. */
function lastTwoSwapped(x: tf.Tensor): tf.Tensor {
  const front = Array.from({ length: x.rank - 2 }, (_, axis) => axis);
  return tf.transpose(x, [...front, x.rank - 1, x.rank - 2]);
}

/** m_j + Σ_{i<j} c_ij x_i. */
function conditional(locations: tf.Tensor, coefficients: tf.Tensor | undefined, values: tf.Tensor): tf.Tensor {
  if (!coefficients) return locations;
  const own = channelsOf(locations);
  const given = channelsOf(values);
  const weights = channelsOf(coefficients);
  const shifted = own.map((location, j) =>
    given
      .slice(0, j)
      .reduce((sum, value, i) => tf.add(sum, tf.mul(nth(weights, (j * (j - 1)) / 2 + i), value)), location),
  );
  // The first channel depends on none, and so has no axes of the values that it lacks itself.
  const [first, ...others] = shifted as [tf.Tensor, ...tf.Tensor[]];
  const whole = tf.add(first, tf.zerosLike(nth(others, 0)));
  return tf.concat([whole, ...others], -1);
}

/** `[…, c]` as c times `[…, 1]`. */
function channelsOf(x: tf.Tensor): tf.Tensor[] {
  const channels = nth(x.shape, -1);
  return channels === 1 ? [x] : tf.split(x, channels, x.rank - 1);
}

/**
 * ln of what a logistic of scale s has within half a step of a value, given the value's distance from the location. With a = (x + ½ − m)/s and
 * b = (x − ½ − m)/s it is σ(a) − σ(b) = σ(a) · σ(−b) · (1 − e^{b − a}), where b − a is −2·½/s: nothing is subtracted that is nearly equal, which the
 * published code avoids by a threshold.
 */
function logisticLogProb(values: tf.Tensor, centred: tf.Tensor, logScales: tf.Tensor): tf.Tensor {
  const precision = tf.exp(tf.neg(logScales));
  const below = tf.cast(tf.greater(values, -1 + HALF), 'float32');
  const above = tf.cast(tf.less(values, 1 - HALF), 'float32');
  const logUpper = tf.neg(softplus(tf.mul(tf.neg(tf.add(centred, HALF)), precision)));
  const logLower = tf.neg(softplus(tf.mul(tf.sub(centred, HALF), precision)));
  const width = tf.log(tf.neg(tf.expm1(tf.mul(precision, -2 * HALF))));
  return tf.add(tf.add(tf.mul(above, logUpper), tf.mul(below, logLower)), tf.mul(tf.mul(above, below), width));
}

/**
 * The mean of each channel of each component, channel after channel with the means of those before. Of the logistic kept in [−1, 1] it is
 * −1 + s·(ln(1 + e^{(m + 1)/s}) − ln(1 + e^{(m − 1)/s})): that of the 256 values to within half a step.
 */
function clampedMeans(locations: tf.Tensor, logScales: tf.Tensor, coefficients: tf.Tensor | undefined): tf.Tensor {
  const [own, scales] = [channelsOf(locations), channelsOf(tf.exp(logScales))];
  const weights = coefficients ? channelsOf(coefficients) : [];
  const means: tf.Tensor[] = [];
  own.forEach((location, j) => {
    const at = means.reduce((sum, mean, i) => tf.add(sum, tf.mul(nth(weights, (j * (j - 1)) / 2 + i), mean)), location);
    const scale = nth(scales, j);
    const part = (edge: number): tf.Tensor => softplus(tf.div(tf.add(at, edge), scale));
    means.push(tf.sub(tf.mul(scale, tf.sub(part(1), part(-1))), 1));
  });
  return means.length === 1 ? nth(means, 0) : tf.concat(means, -1);
}
