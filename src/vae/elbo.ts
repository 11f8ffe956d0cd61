import { tf } from '../tensors';
import type { Vae } from './model';
import type { Posterior } from './posterior';
import type { Draw } from './posteriors/family';
import { normalLogProb } from './posteriors/normal';
import type { PriorDensity } from './priors/prior';
import { logSumExp } from './tensor-math';
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
  readonly [B in Bound]: (model: Vae, x: tf.Tensor2D, noise: tf.Tensor3D, density: PriorDensity) => tf.Tensor1D;
} = {
  elbo: (model, x, noise, density) => {
    const { reconstruction, kl } = elboTerms(model, x, noise, false, density);
    return tf.add(reconstruction, kl);
  },
  iwae: (model, x, noise, density) => {
    const { logLikelihood, logRatio } = termsUnder(model, model.encode(x), { x, noise }, { density });
    return tf.neg(logMeanExp(tf.sub(logLikelihood, logRatio)));
  },
};

/** Image by image, `[n]` nats, what `objective` minimises the mean of at β = 1. */
export function negativeBound(
  model: Vae,
  { x, noise }: Pick<ObjectiveInputs, 'x' | 'noise'>,
  bound: Bound,
  density: PriorDensity = model.density,
): tf.Tensor1D {
  return NEGATIVE_BOUNDS[bound](model, x, noise, density);
}

/** ln 1/S Σ_s w_s: `[S, n]` to `[n]`. */
function logMeanExp(logWeights: tf.Tensor2D): tf.Tensor1D {
  return tf.sub(logSumExp(tf.transpose(logWeights)), Math.log(logWeights.shape[0]));
}

/** Both parts of the ELBO for each image, averaged over the samples of z. */
export function elboTerms(
  model: Vae,
  x: tf.Tensor2D,
  noise: tf.Tensor3D,
  stickingTheLanding = false,
  density: PriorDensity = model.density,
): ElboTerms {
  const posterior = model.encode(x);
  const draw = model.family.draw(posterior, noise, stickingTheLanding);
  const reconstruction = tf.neg(tf.mean(logLikelihood(model, x, draw.z), 0)) as tf.Tensor1D;
  const { closedFormKl } = density;
  const kl =
    closedFormKl && !stickingTheLanding
      ? (closedFormKl(posterior.mean, posterior.logVariance) as tf.Tensor1D)
      : (tf.mean(logRatioOf(density, draw), 0) as tf.Tensor1D);
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
  {
    stickingTheLanding = false,
    density = model.density,
  }: { stickingTheLanding?: boolean; density?: PriorDensity } = {},
): SampleTerms {
  const draw = model.family.draw(posterior, noise, stickingTheLanding);
  return { logRatio: logRatioOf(density, draw), logLikelihood: logLikelihood(model, x, draw.z) };
}

function logLikelihood(model: Vae, x: tf.Tensor2D, z: tf.Tensor3D): tf.Tensor2D {
  const [samples, n, d] = z.shape;
  const raw = model.decode(tf.reshape(z, [samples * n, d]));
  return model.likelihood.logProb(x, tf.reshape(raw, [samples, n, -1])) as tf.Tensor2D;
}

/** ln q(z|x) − ln p(z), `[S, n]` nats. */
function logRatioOf(density: PriorDensity, { z, logProb }: Draw): tf.Tensor2D {
  return tf.sub(logProb(), density.logProb(z)) as tf.Tensor2D;
}

/** Equation (11): 1/N Σ_i ln q(z_i|x) − ln p(z_i), `[n]` nats, for q(z|x) = N(μ, diag σ²). */
export function monteCarloKl(
  prior: PriorDensity,
  posterior: Posterior,
  z: tf.Tensor3D,
  noise: tf.Tensor3D,
  stickingTheLanding = false,
): tf.Tensor1D {
  const logProb = () => normalLogProb(posterior, z, noise, stickingTheLanding);
  return tf.mean(logRatioOf(prior, { z, logProb }), 0);
}
