import { tf } from '../tensors';
import type { Vae } from './model';
import { type Posterior, reparameterise } from './posterior';
import type { PriorDensity } from './priors/prior';
import { LOG_TWO_PI, logSumExp, stopGradient } from './tensor-math';
import type { TrainOptions } from './training/options';

/** What is minimised and its two parts, each a scalar: means over the batch, in nats per image. */
export interface Objective {
  /** `elbo`: reconstruction + β·kl; at β = 1 the negative ELBO. `iwae`: the negative importance-weighted bound. */
  readonly loss: tf.Scalar;
  /** −E_q[ln p(x|z)], by the samples. */
  readonly reconstruction: tf.Scalar;
  /** KL(q(z|x) ‖ p): equation (9) where the prior has it, else equation (11) with the samples. */
  readonly kl: tf.Scalar;
}

/** The parts of the ELBO image by image: `[n]` each, in nats. */
export interface ElboTerms {
  readonly reconstruction: tf.Tensor1D;
  readonly kl: tf.Tensor1D;
}

/** What one evaluation of the objective is a function of, besides the parameters. */
export interface ObjectiveInputs {
  /** `[n, D]`, in [0, 1]. */
  readonly x: tf.Tensor2D;
  /** ε ~ N(0, I), `[samples, n, d]`. */
  readonly noise: tf.Tensor3D;
  /** β, a scalar. */
  readonly klWeight: tf.Scalar;
}

/** The options of a training that say what is minimised. */
export type ObjectiveOptions = Pick<TrainOptions, 'bound' | 'stickingTheLanding' | 'freeBits'>;
export type Bound = NonNullable<ObjectiveOptions['bound']>;

const LOSSES: {
  readonly [B in Bound]: (model: Vae, inputs: ObjectiveInputs, sticking: boolean, freeBits: number) => Objective;
} = {
  elbo: (model, { x, noise, klWeight }, sticking, freeBits) => {
    const terms = elboTerms(model, x, noise, sticking);
    const reconstruction = tf.mean(terms.reconstruction) as tf.Scalar;
    const kl = tf.mean(terms.kl) as tf.Scalar;
    const paid = freeBits > 0 ? tf.maximum(kl, freeBits) : kl;
    return { loss: tf.add(reconstruction, tf.mul(klWeight, paid)), reconstruction, kl };
  },
  iwae: (model, { x, noise, klWeight }, sticking) => {
    const { logLikelihood, logRatio } = sampleTerms(model, x, noise, sticking);
    const logWeights = tf.sub(logLikelihood, tf.mul(klWeight, logRatio)) as tf.Tensor2D; // [S, n]
    return {
      loss: tf.neg(tf.mean(logMeanExp(logWeights))) as tf.Scalar,
      reconstruction: tf.neg(tf.mean(logLikelihood)) as tf.Scalar,
      kl: tf.mean(logRatio) as tf.Scalar,
    };
  },
};

/** The objective of a batch: a pure function of its inputs and the model's parameters. */
export function objective(model: Vae, inputs: ObjectiveInputs, options: ObjectiveOptions = {}): Objective {
  const { bound = 'elbo', stickingTheLanding = false, freeBits = 0 } = options;
  return LOSSES[bound](model, inputs, stickingTheLanding, freeBits);
}

const NEGATIVE_BOUNDS: {
  readonly [B in Bound]: (model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D) => tf.Tensor1D;
} = {
  elbo: (model, x, noise) => {
    const { reconstruction, kl } = elboTerms(model, x, noise);
    return tf.add(reconstruction, kl);
  },
  iwae: (model, x, noise) => {
    const { logLikelihood, logRatio } = sampleTerms(model, x, noise);
    return tf.neg(logMeanExp(tf.sub(logLikelihood, logRatio)));
  },
};

/** Image by image, `[n]` nats, what `objective` minimises the mean of at β = 1. */
export function negativeBound(model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D, bound: Bound): tf.Tensor1D {
  return NEGATIVE_BOUNDS[bound](model, x, noise);
}

/** ln 1/S Σ_s w_s: `[S, n]` to `[n]`. */
function logMeanExp(logWeights: tf.Tensor2D): tf.Tensor1D {
  return tf.sub(logSumExp(tf.transpose(logWeights)), Math.log(logWeights.shape[0]));
}

/** Both parts of the ELBO for each image, averaged over the samples of z = μ + σ·ε. */
export function elboTerms(model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D, stickingTheLanding = false): ElboTerms {
  const posterior = model.encode(x);
  const z = reparameterise(posterior, noise);
  const reconstruction = tf.neg(tf.mean(logLikelihood(model, x, z), 0)) as tf.Tensor1D;
  const { prior } = model;
  const kl =
    prior.closedFormKl && !stickingTheLanding
      ? (prior.closedFormKl(posterior.mean, posterior.logVariance) as tf.Tensor1D)
      : monteCarloKl(prior, posterior, z, noise, stickingTheLanding);
  return { reconstruction, kl };
}

/** Sample by sample, `[S, n]` nats each: ln p(x|z_s), and ln q(z_s|x) − ln p(z_s). */
export interface SampleTerms {
  readonly logLikelihood: tf.Tensor2D;
  readonly logRatio: tf.Tensor2D;
}

/** The samples' terms for images, `[n, D]`, and noise, `[S, n, d]`. */
export function sampleTerms(model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D, stickingTheLanding = false): SampleTerms {
  return termsUnder(model, model.encode(x), { x, noise }, { stickingTheLanding });
}

/** The same for images whose posterior is known. */
export function termsUnder(
  model: Vae,
  posterior: Posterior,
  { x, noise }: Pick<ObjectiveInputs, 'x' | 'noise'>,
  { stickingTheLanding = false, prior = model.prior }: { stickingTheLanding?: boolean; prior?: PriorDensity } = {},
): SampleTerms {
  const z = reparameterise(posterior, noise);
  const logRatio = logDensityRatio(prior, posterior, z, noise, stickingTheLanding);
  return { logLikelihood: logLikelihood(model, x, z), logRatio };
}

function logLikelihood(model: Vae, x: tf.Tensor2D, z: tf.Tensor3D): tf.Tensor2D {
  const [samples, n, d] = z.shape;
  const raw = model.decode(tf.reshape(z, [samples * n, d]));
  return model.likelihood.logProb(x, tf.reshape(raw, [samples, n, -1])) as tf.Tensor2D;
}

/** Equation (11): 1/N Σ_i ln q(z_i|x) − ln p(z_i), `[n]` nats. */
export function monteCarloKl(
  prior: PriorDensity,
  posterior: Posterior,
  z: tf.Tensor3D,
  noise: tf.Tensor3D,
  stickingTheLanding = false,
): tf.Tensor1D {
  return tf.mean(logDensityRatio(prior, posterior, z, noise, stickingTheLanding), 0);
}

/**
 * ln q(z|x) − ln p(z), `[S, n]`. At z = μ + σ·ε the squares in ln q are ε² itself, which loses nothing to rounding:
 * ln q(z|x) = −½ Σ_j (ln 2π + ln σ_j² + ε_j²). Sticking the landing, ε is what (z − μ̄)/σ̄ is with μ̄ and σ̄ held fixed: the same
 * value, with the gradient of z alone.
 */
function logDensityRatio(
  prior: PriorDensity,
  { logVariance }: Posterior,
  z: tf.Tensor3D,
  noise: tf.Tensor3D,
  stickingTheLanding: boolean,
): tf.Tensor2D {
  const fixed = stickingTheLanding ? stopGradient(logVariance) : logVariance;
  const epsilon = stickingTheLanding
    ? tf.add(noise, tf.mul(tf.sub(z, stopGradient(z)), tf.exp(tf.mul(fixed, -0.5))))
    : noise;
  const logQ = tf.mul(tf.sum(tf.add(tf.add(tf.square(epsilon), fixed), LOG_TWO_PI), -1), -0.5);
  return tf.sub(logQ, prior.logProb(z)) as tf.Tensor2D;
}
