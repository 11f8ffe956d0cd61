import { nth } from '../nth';
import { tf } from '../tensors';

export const LOG_TWO_PI: number = Math.log(2 * Math.PI);

/** Half the width of the interval that log variances are kept in: σ between e^−5 = 0.0067 and e^5 = 148. */
export const LOG_VARIANCE_BOUND = 10;

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * The log variance ln σ² = B·tanh(r/B), B = 10, of an unbounded network output or parameter r: the identity to within
 * r³/300 near zero, smooth and strictly inside (−B, B) everywhere, with a gradient that fades instead of breaking off. Made once
 * and the same value used for sampling, ln q, ln p and KL (numerical rule 5).
 */
export function boundedLogVariance<R extends tf.Rank>(raw: tf.Tensor<R>): tf.Tensor<R> {
  return tf.mul(tf.tanh(tf.div(raw, LOG_VARIANCE_BOUND)), LOG_VARIANCE_BOUND);
}

/** `boundedLogVariance` of one number, in float64. */
export function boundedLogVariance64(raw: number): number {
  return LOG_VARIANCE_BOUND * Math.tanh(raw / LOG_VARIANCE_BOUND);
}

/** The r of `boundedLogVariance` for a wanted ln σ², which is first brought within 99 % of the bound. */
export function unboundedLogVariance(logVariance: number): number {
  const share = Math.min(Math.max(logVariance / LOG_VARIANCE_BOUND, -0.99), 0.99);
  return LOG_VARIANCE_BOUND * Math.atanh(share);
}

/**
 * ln Σ_k exp(x_k) over an axis counted from the end, by default the last (numerical rule 2). The maximum is kept finite, so that a row of −∞
 * gives −∞ and not the NaN of −∞ − (−∞).
 */
export function logSumExp(x: tf.Tensor, fromEnd = -1): tf.Tensor {
  const axis = x.rank + fromEnd;
  const largest = tf.maximum(tf.max(x, axis, true), -LARGEST_FLOAT32);
  const sum = tf.sum(tf.exp(tf.sub(x, largest)), axis);
  return tf.add(tf.log(sum), tf.squeeze(largest, [axis]));
}

/** ln softmax over the last axis. */
export function logSoftmax(logits: tf.Tensor): tf.Tensor {
  return tf.sub(logits, tf.expandDims(logSumExp(logits), -1));
}

/**
 * ln N(z; μ, diag σ²) = −½ Σ_j (ln 2π + ln σ_j² + (z_j − μ_j)²/σ_j²), summed over the last axis; shapes broadcast. The
 * difference is squared as it stands, never expanded (numerical rule 3).
 */
export function diagonalNormalLogProb(z: tf.Tensor, mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const squares = tf.mul(tf.square(tf.sub(z, mean)), tf.exp(tf.neg(logVariance)));
  return tf.mul(tf.sum(tf.add(tf.add(squares, logVariance), LOG_TWO_PI), -1), -0.5);
}

/** The largest `[K, N, d]` that `componentLogProbs` makes in one piece. */
const LARGEST_PIECE = 1 << 19;
/** And what it makes of a larger one: pieces of 1 MiB, which stay in a core's cache. */
const PIECE = 1 << 18;

/**
 * ln N(z; μ_k, diag σ_k²) of every component: `[…, d]` with `[K, d]` twice gives `[…, K]`. The same sum as
 * `diagonalNormalLogProb`, with the largest tensor `[K, N, d]` read and written as seldom as can be: what does not depend on z
 * is added afterwards, and the weighted sum of the squares is a matrix product. Many components for many points, as in
 * importance weighting, are taken some at a time.
 */
export function componentLogProbs(z: tf.Tensor, means: tf.Tensor, logVariances: tf.Tensor): tf.Tensor {
  const k = nth(means.shape, 0);
  const elements = z.size * k;
  if (elements <= LARGEST_PIECE) return logProbsInOnePiece(z, means, logVariances);
  const each = Math.max(1, Math.floor((k * PIECE) / elements));
  const sizes = Array.from({ length: Math.ceil(k / each) }, (_, i) => Math.min(each, k - i * each));
  const [meansOf, logVariancesOf] = [tf.split(means, sizes), tf.split(logVariances, sizes)];
  const pieces = meansOf.map((some, i) => logProbsInOnePiece(z, some, nth(logVariancesOf, i)));
  return tf.concat(pieces, -1);
}

function logProbsInOnePiece(z: tf.Tensor, means: tf.Tensor, logVariances: tf.Tensor): tf.Tensor {
  const [k, d] = means.shape as [number, number];
  const squares = weightedSquares(tf.reshape(z, [-1, d]), means, tf.exp(tf.neg(logVariances))); // [K, N]
  const constants = tf.sum(tf.add(logVariances, LOG_TWO_PI), -1, true); // [K, 1]
  const logProbs = tf.mul(tf.transpose(tf.add(squares, constants)), -0.5); // [N, K]
  return tf.reshape(logProbs, [...z.shape.slice(0, -1), k]);
}

/**
 * s_kn = Σ_j p_kj (z_nj − μ_kj)²: `[N, d]` with `[K, d]` twice gives `[K, N]`. The square is of the difference as it stands
 * (numerical rule 3). Its gradient is linear in the difference and may be taken apart,
 * Σ_k g_kn p_kj (z_nj − μ_kj) = z_nj Σ_k g_kn p_kj − Σ_k g_kn p_kj μ_kj: the error is that of z changed in its last place, and two
 * small matrix products replace four passes over `[K, N, d]`, the largest tensor.
 */
const weightedSquares = (z: tf.Tensor, means: tf.Tensor, precisions: tf.Tensor): tf.Tensor =>
  tf.customGrad((...args) => {
    const [points, centres, weights, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const squares = tf.square(tf.sub(tf.expandDims(points, 0), tf.expandDims(centres, 1))); // [K, N, d]
    save([points, centres, weights, squares]);
    const value = tf.squeeze(tf.matMul(squares, tf.expandDims(weights, -1)), [-1]); // [K, N]
    return { value, gradFunc: gradientsOfWeightedSquares };
  })(z, means, precisions);

function gradientsOfWeightedSquares(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [z, means, precisions, squares] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const twice = tf.mul(dy, 2); // [K, N]
  const [slopes, offsets] = [precisions, tf.mul(precisions, means)].map((of) => tf.matMul(twice, of, true)); // [N, d] each
  const sums = tf.sum(twice, 1, true); // [K, 1]
  return [
    tf.sub(tf.mul(z, slopes as tf.Tensor), offsets as tf.Tensor),
    tf.mul(precisions, tf.sub(tf.mul(sums, means), tf.matMul(twice, z))),
    tf.squeeze(tf.matMul(tf.expandDims(dy, 1), squares), [1]),
  ];
}

/**
 * Equation (9) summed over the last axis: KL(N(μ, diag σ²) ‖ N(0, I)) = ½ Σ_j (μ_j² + σ_j² − 1 − ln σ_j²), in nats. With
 * expm1, since near the prior σ² − 1 and ln σ² cancel.
 */
export function klToStandardNormal(mean: tf.Tensor, logVariance: tf.Tensor): tf.Tensor {
  const terms = tf.add(tf.square(mean), tf.sub(tf.expm1(logVariance), logVariance));
  return tf.mul(tf.sum(terms, -1), 0.5);
}

/**
 * ln p(x) of independent Bernoulli pixels with the given logits l: Σ_i x_i l_i − ln(1 + exp l_i), over the last axis. Right for
 * intensities in [0, 1] too (then it is the negative cross-entropy), and finite for any finite logit. x is data: no gradient flows to it.
 *
 * ln(1 + exp l) = max(l, 0) + ln(1 + exp(−|l|)), and the sum of the latter is the logarithm of a product: one logarithm for some hundred
 * pixels, at the error of 6e-8 nats a pixel that the logarithm of each would have. The rest, x·l − max(l, 0), is taken pixel by pixel, because
 * Σ x·l and Σ max(l, 0) are thousands of nats that cancel.
 */
export function bernoulliLogProb(x: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.customGrad((...args) => {
    const [l, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    save([x, l]);
    const value = tf.sub(tf.sum(tf.sub(tf.mul(x, l), tf.relu(l)), -1), logProduct(softFactors(l)));
    return { value, gradFunc: gradientOfBernoulli };
  })(logits);
}

function gradientOfBernoulli(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor {
  const [x, l] = saved as [tf.Tensor, tf.Tensor];
  return tf.mul(tf.expandDims(dy, -1), tf.sub(x, tf.sigmoid(l)));
}

/** 1 + exp(−|l|), between 1 and 2. */
const softFactors = (l: tf.Tensor): tf.Tensor => tf.add(tf.exp(tf.neg(tf.abs(l))), 1);

/** Factors of at most 2 in one product: 2^120 is a float32. */
const MOST_FACTORS = 120;

/** Σ ln f over the last axis, of factors between 1 and 2. */
function logProduct(factors: tf.Tensor): tf.Tensor {
  const shape = factors.shape;
  const size = shape.at(-1) as number;
  const together = largestDivisor(size, MOST_FACTORS);
  const products = tf.prod(tf.reshape(factors, [-1, together]), 1);
  const sums = tf.sum(tf.log(tf.reshape(products, [-1, size / together])), 1);
  return tf.reshape(sums, shape.slice(0, -1));
}

function largestDivisor(n: number, most: number): number {
  let divisor = Math.min(n, most);
  while (n % divisor !== 0) divisor--;
  return divisor;
}

/**
 * ln(1 + exp l) = max(l, 0) + ln(1 + exp(−|l|)) to 6e-8 nats, half a unit in the last place of 1 + exp(−|l|). `tf.softplus` keeps
 * every digit where exp l is small, at twice the price; in a sum over pixels of some tens of nats, whose own rounding is
 * larger, those digits are lost.
 */
export const softplus = (logits: tf.Tensor): tf.Tensor =>
  tf.customGrad((...args) => {
    const [l, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    // Saved, since the logits may be an intermediate result that is freed before the gradient is asked for.
    save([l]);
    const value = tf.add(tf.relu(l), tf.log(tf.add(tf.exp(tf.neg(tf.abs(l))), 1)));
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.sigmoid(nth(saved, 0))) };
  })(logits);

/** x itself, of which no gradient flows back. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((value) => ({
    value: (value as tf.Tensor).clone(),
    gradFunc: (dy) => tf.zerosLike(dy),
  }))(x) as T;
}
