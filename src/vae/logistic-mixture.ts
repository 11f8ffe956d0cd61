import { nth } from '../nth';
import { tf } from '../tensors';
import type { Likelihood } from './likelihoods';
import { boundedLogVariance, logSumExp, softplus } from './tensor-math';

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
 * Outputs of each kind lie together, place after place: K logits of the weights, then the m_j of each component, the ln s_j (bounded), and the raw
 * c_ij (tanh). So every pass over all of them runs along the places, the longest axis.
 */
export function logisticMixture({ pixels, channels, mixtures }: LogisticMixtureOptions): Likelihood {
  const places = pixels / channels;
  const pairs = (channels * (channels - 1)) / 2;
  const outputsOfPlace = mixtures * (1 + 2 * channels + pairs);
  const sizes = [mixtures * places, mixtures * pixels, mixtures * pixels, mixtures * pairs * places];
  /** `[…, outputs]` as weights `[…, K, places]` and, of every channel, `[…, K, channels, places]`. */
  const partsOf = (raw: tf.Tensor) => {
    const lead = raw.shape.slice(0, -1);
    const [weights, locations, scales, coefficients] = tf.split(raw, pairs > 0 ? sizes : sizes.slice(0, 3), -1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor | undefined,
    ];
    const shaped = (t: tf.Tensor, width: number): tf.Tensor => tf.reshape(t, [...lead, mixtures, width, places]);
    return {
      weights: tf.reshape(weights, [...lead, mixtures, places]),
      locations: shaped(locations, channels),
      logScales: boundedLogVariance(shaped(scales, channels)),
      coefficients: coefficients && tf.tanh(shaped(coefficients, pairs)),
    };
  };
  return {
    kinds: Array<number>(outputsOfPlace).fill(1),
    support: 'bytes',
    variables: new Map(),
    standardise: (x) => x,
    start: (meanImage) => {
      const outputs = new Float32Array(places * outputsOfPlace);
      const middle = Float32Array.from({ length: pixels }, (_, i) => {
        const [channel, place] = [Math.floor(i / places), i % places];
        return 2 * nth(meanImage, place * channels + channel) - 1;
      });
      for (let k = 0; k < mixtures; k++) outputs.set(middle, nth(sizes, 0) + k * pixels);
      return outputs;
    },
    logProb: (x, raw) => {
      const { weights, locations, logScales, coefficients } = partsOf(raw);
      const colours = lastTwoSwapped(tf.reshape(x, [...x.shape.slice(0, -1), 1, places, channels]));
      const values = tf.sub(tf.mul(colours, 2), 1);
      const distances = tf.sub(conditional(locations, coefficients, values), values);
      const perComponent = logisticLogProb(distances, logScales, edgesOf(values));
      return tf.sum(tf.sub(logSumExp(tf.add(weights, perComponent), -2), logSumExp(weights, -2)), -1);
    },
    mean: (raw) => {
      const { weights, locations, logScales, coefficients } = partsOf(raw);
      const means = clampedMeans(locations, logScales, coefficients);
      const shares = tf.expandDims(tf.exp(tf.sub(weights, tf.expandDims(logSumExp(weights, -2), -2))), -2);
      const mean = lastTwoSwapped(tf.sum(tf.mul(shares, means), -3));
      // Rounding goes beyond black and white, where no encoder takes an image.
      const intensities = tf.clipByValue(tf.mul(tf.add(mean, 1), 0.5), 0, 1);
      return tf.reshape(intensities, [...raw.shape.slice(0, -1), pixels]);
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
  return tf.concat([whole, ...others], -2);
}

/** `[…, c, places]` as c times `[…, 1, places]`. */
function channelsOf(x: tf.Tensor): tf.Tensor[] {
  const channels = nth(x.shape, -2);
  return channels === 1 ? [x] : tf.split(x, channels, x.rank - 2);
}

/** Where a number's interval ends, above it and below it. */
interface Edges {
  readonly above: tf.Tensor;
  readonly below: tf.Tensor;
}

/** So far from black and white that no logistic has anything beyond it: at the largest scale, e^10, an e^−450 of it. */
const FAR = 1e7;

function edgesOf(values: tf.Tensor): Edges {
  const farWhere = (isEdge: tf.Tensor): tf.Tensor => tf.add(tf.mul(tf.cast(isEdge, 'float32'), FAR), HALF);
  return { above: farWhere(tf.greater(values, 1 - HALF)), below: farWhere(tf.less(values, HALF - 1)) };
}

/**
 * ln of what a logistic of scale s has in the interval around each value, summed over the channels: `[…, K, channels, places] → […, K, places]`.
 * With u = (m − x − above)/s and l = (x − m − below)/s it is σ(−l) − σ(u) = σ(−u) · σ(−l) · (1 − e^{−v}), v = (above + below)/s: nothing is
 * subtracted that is nearly equal, which the published code avoids by a threshold. 1 − e^{−v} is 2t/(1 + t), t = tanh(v/2), to the last digits.
 *
 * Values and gradients are written out, each in as few passes as there can be: these are the largest tensors of a step.
 */
function logisticLogProb(distances: tf.Tensor, logScales: tf.Tensor, { above, below }: Edges): tf.Tensor {
  return tf.customGrad((...args) => {
    const [distance, logScale, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const precision = tf.exp(tf.neg(logScale));
    const upper = tf.mul(tf.sub(distance, above), precision);
    const lower = tf.neg(tf.mul(tf.add(distance, below), precision));
    const halfWidth = tf.mul(tf.mul(tf.add(above, below), 0.5), precision);
    const t = tf.tanh(halfWidth);
    const [one, other] = [logisticOf(upper), logisticOf(lower)];
    const inside = tf.div(t, tf.mul(tf.add(t, 1), tf.mul(one.whole, other.whole)));
    const linear = tf.sum(tf.add(one.linear, other.linear), -2);
    save([upper, lower, precision, halfWidth, t, one.part, one.whole, other.part, other.whole]);
    return { value: tf.sub(logProduct(tf.mul(inside, 2)), linear), gradFunc: gradientsOfLogistic };
  })(distances, logScales);
}

/** Factors that are multiplied before a logarithm is taken: each is above 1e-8, and the product of four a float32. */
const MOST_FACTORS = 4;

/** Σ ln f over the channels, `[…, channels, places] → […, places]`. A logarithm takes longer than what else is done with a number. */
function logProduct(factors: tf.Tensor): tf.Tensor {
  const channels = channelsOf(factors);
  const groups = Array.from({ length: Math.ceil(channels.length / MOST_FACTORS) }, (_, i) =>
    channels.slice(i * MOST_FACTORS, (i + 1) * MOST_FACTORS).reduce((product, factor) => tf.mul(product, factor)),
  );
  const logs = groups.map((group) => tf.log(group)).reduce((sum, log) => tf.add(sum, log));
  return tf.squeeze(logs, [logs.rank - 2]);
}

/** ln(1 + e^x) = linear + ln whole, and σ(x) = part/whole, with whole = part + e^{−linear} between 1 and 2. */
function logisticOf(x: tf.Tensor): { readonly linear: tf.Tensor; readonly part: tf.Tensor; readonly whole: tf.Tensor } {
  const linear = tf.relu(x);
  const part = tf.exp(tf.minimum(x, 0));
  return { linear, part, whole: tf.add(part, tf.exp(tf.neg(linear))) };
}

function gradientsOfLogistic(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [upper, lower, precision, halfWidth, t, ...parts] = saved as Nine;
  const [onePart, oneWhole, otherPart, otherWhole] = parts;
  const outer = tf.expandDims(dy, -2);
  const [one, other] = [tf.div(onePart, oneWhole), tf.div(otherPart, otherWhole)];
  // By ln s of ln(1 − e^{−v}): −v/(e^v − 1), of which e^v is (1 + t)/(1 − t).
  const width = tf.div(tf.mul(halfWidth, tf.sub(1, t)), t);
  const byScale = tf.sub(tf.add(tf.mul(one, upper), tf.mul(other, lower)), width);
  return [tf.mul(tf.mul(tf.sub(other, one), precision), outer), tf.mul(byScale, outer)];
}

type Five = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
type Nine = [...Five, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/**
 * The mean of each channel of each component, channel after channel with the means of those before. Of the logistic kept in [−1, 1] it is
 * −1 + s·(ln(1 + e^{(m + 1)/s}) − ln(1 + e^{(m − 1)/s})): that of the 256 values to within half a step for the first channel. For the others, the
 * expectation is taken inside that function, which bends where it nears black or white.
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
  return means.length === 1 ? nth(means, 0) : tf.concat(means, -2);
}
