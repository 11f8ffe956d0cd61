import { tf } from '../tensors';
import type { RealKind } from './real-likelihoods';
import { bernoulliLogProb, boundedLogVariance, diagonalNormalLogProb } from './tensor-math';

/**
 * p(x|z): `bernoulli` pixels with probability sigmoid(l); `gaussian` pixels N(sigmoid(l), σ²) with a bounded ln σ² of their
 * own, for intensities that are not binarised.
 */
export type UnitKind = 'bernoulli' | 'gaussian';

/** Names of likelihoods: of intensities in [0, 1], or of any numbers (see `realLikelihood`). */
export type LikelihoodKind = UnitKind | RealKind;

/** How the decoder's raw outputs `[…, outputs]` parameterise the pixels `[…, D]`. */
export interface Likelihood {
  /** Decoder outputs per pixel; those of one kind lie together: all logits l first. */
  readonly outputsPerPixel: number;
  /** What x may be: intensities in [0, 1], or any numbers. */
  readonly support: 'unit' | 'real';
  /** What the encoder is given for x. */
  standardise(x: tf.Tensor): tf.Tensor;
  /** ln p(x|z) in nats, summed over the pixels: `[…, D], […, outputs] → […]`; leading axes broadcast. */
  logProb(x: tf.Tensor, raw: tf.Tensor): tf.Tensor;
  /** E[x|z]: `[…, outputs] → […, D]`; in (0, 1) where x is in [0, 1]. */
  mean(raw: tf.Tensor): tf.Tensor;
}

const unit = { support: 'unit', standardise: (x: tf.Tensor) => x } as const;

export const LIKELIHOODS: { readonly [K in UnitKind]: Likelihood } = {
  bernoulli: {
    ...unit,
    outputsPerPixel: 1,
    logProb: bernoulliLogProb,
    mean: (raw) => tf.sigmoid(raw),
  },
  gaussian: {
    ...unit,
    outputsPerPixel: 2,
    logProb: (x, raw) => {
      const [logits, rawLogVariance] = halves(raw);
      return diagonalNormalLogProb(x, tf.sigmoid(logits), boundedLogVariance(rawLogVariance));
    },
    mean: (raw) => tf.sigmoid(halves(raw)[0]),
  },
};

function halves(raw: tf.Tensor): [tf.Tensor, tf.Tensor] {
  return tf.split(raw, 2, raw.rank - 1) as [tf.Tensor, tf.Tensor];
}
