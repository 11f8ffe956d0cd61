import { tf } from '../tensors';
import type { Posterior, Vae } from './model';
import type { Prior } from './priors';
import { bernoulliLogProb, LOG_TWO_PI } from './tensor-math';

/** What is minimised and its two parts, each a scalar: means over the batch, in nats per image. */
export interface Objective {
  /** reconstruction + β·kl; at β = 1 the negative ELBO. */
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

/** The objective of a batch: a pure function of its inputs and the model's parameters. */
export function objective(model: Vae, { x, noise, klWeight }: ObjectiveInputs): Objective {
  const terms = elboTerms(model, x, noise);
  const reconstruction = tf.mean(terms.reconstruction) as tf.Scalar;
  const kl = tf.mean(terms.kl) as tf.Scalar;
  return { loss: tf.add(reconstruction, tf.mul(klWeight, kl)), reconstruction, kl };
}

/** Both parts of the ELBO for each image, averaged over the samples of z = μ + σ·ε. */
export function elboTerms(model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D): ElboTerms {
  const [samples, n, d] = noise.shape;
  const posterior = model.encode(x);
  const z = reparameterise(posterior, noise);
  const logits = tf.reshape(model.decode(tf.reshape(z, [samples * n, d])), [samples, n, model.pixels]);
  const reconstruction = tf.neg(tf.mean(bernoulliLogProb(x, logits), 0)) as tf.Tensor1D;
  return { reconstruction, kl: klTerm(model.prior, posterior, z, noise) };
}

/** z = μ + σ·ε: `[samples, n, d]`. */
export function reparameterise({ mean, logVariance }: Posterior, noise: tf.Tensor3D): tf.Tensor3D {
  return tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
}

function klTerm(prior: Prior, posterior: Posterior, z: tf.Tensor3D, noise: tf.Tensor3D): tf.Tensor1D {
  if (prior.closedFormKl) return prior.closedFormKl(posterior.mean, posterior.logVariance) as tf.Tensor1D;
  return monteCarloKl(prior, posterior, z, noise);
}

/**
 * Equation (11): 1/N Σ_i ln q(z_i|x) − ln p(z_i), `[n]` nats. At z = μ + σ·ε the squares in ln q are ε² itself, which loses
 * nothing to rounding: ln q(z|x) = −½ Σ_j (ln 2π + ln σ_j² + ε_j²).
 */
export function monteCarloKl(prior: Prior, posterior: Posterior, z: tf.Tensor3D, noise: tf.Tensor3D): tf.Tensor1D {
  const logQ = tf.mul(tf.sum(tf.add(tf.add(tf.square(noise), posterior.logVariance), LOG_TWO_PI), -1), -0.5);
  return tf.mean(tf.sub(logQ, prior.logProb(z)), 0);
}
