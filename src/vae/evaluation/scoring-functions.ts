import { freeze } from '../../compile/export';
import { tf } from '../../tensors';
import { termsUnder } from '../elbo';
import type { Vae } from '../model';
import type { Posterior } from '../posterior';
import { momentsOf } from '../posteriors/moments';
import type { PriorDensity } from '../priors/prior';
import { makeRunner, type TrainingDevice } from '../training/runner';
import { type DisposableFunctions, disposeOf, type FrozenScoring } from './frozen-scoring';
import { plainMixture } from './mixture-pass';
import type { Shape } from './score-images';

type Tensors<Names extends string> = Record<Names, tf.Tensor>;
type Inputs = Tensors<'x' | 'mean' | 'rest' | 'noise'>;

/** The functions of `ScoringFunctions` in tensors, of the model as it is now. */
function tensorFunctions(model: Vae, density: PriorDensity) {
  const posterior = ({ x }: Tensors<'x'>): Tensors<'mean' | 'rest' | 'kl'> =>
    tf.tidy(() => {
      const encoded = model.encode(x as tf.Tensor2D);
      const { mean, logVariance } = encoded;
      // Where there is no closed form, something that is not used.
      const kl = density.closedFormKl?.(mean, logVariance) ?? tf.sum(mean, -1);
      return { ...known(model, encoded), kl };
    });
  const samples = (given: Inputs): Tensors<'logLikelihood' | 'logRatio'> =>
    tf.tidy(() => {
      const inputs = { x: given.x as tf.Tensor2D, noise: given.noise as tf.Tensor3D };
      return { ...termsUnder(model, posteriorOf(model, given), inputs, { density }) };
    });
  return { posterior, samples };
}

/** What the samples need to know of an image. */
function known({ family, latent }: Vae, posterior: Posterior): Tensors<'mean' | 'rest'> {
  const { mean, logVariance, context } = posterior;
  if (!context) return { mean, rest: logVariance };
  return { mean: momentsOf(family, posterior, latent).mean, rest: tf.concat([mean, logVariance, context], 1) };
}

function posteriorOf({ family }: Vae, { mean, rest }: Tensors<'mean' | 'rest'>): Posterior {
  if (family.context === 0) return { mean: mean as tf.Tensor2D, logVariance: rest as tf.Tensor2D };
  const [start, logVariance, context] = tf.split(rest as tf.Tensor2D, [family.base, family.base, family.context], 1);
  return { mean: start, logVariance, context } as Required<Posterior>;
}

function inputShapes({ pixels, latent, family }: Vae, { images, samples }: Shape) {
  const x = [images, pixels];
  const rest = [images, family.context === 0 ? latent : 2 * family.base + family.context];
  return {
    posterior: { x },
    samples: { x, mean: [images, latent], rest, noise: [samples, images, latent] },
  };
}

/** The functions as plain data, for `cpu`. */
export function freezeScoring(model: Vae, shape: Shape): FrozenScoring {
  const prior = model.family.kind === 'normal' ? plainMixture(model.prior.distribution()) : null;
  const { posterior, samples } = tensorFunctions(model, model.frozenDensity());
  const shapes = inputShapes(model, shape);
  const { x, ...ofSamples } = shapes.samples;
  const anyX = (given: Tensors<'mean' | 'rest' | 'noise'>) => samples({ ...given, x: tf.zeros(x) });
  return {
    posterior: freeze(posterior, shapes.posterior),
    logLikelihood: freeze((given: Inputs) => ({ logLikelihood: samples(given).logLikelihood }), shapes.samples),
    logRatio: prior ? { prior } : freeze((given) => ({ logRatio: anyX(given).logRatio }), ofSamples),
    shape,
    latent: model.latent,
  };
}

/** Compiled for a device that works on its own, or eager. */
export async function functionsOn(model: Vae, shape: Shape, device: TrainingDevice): Promise<DisposableFunctions> {
  const fns = tensorFunctions(model, model.frozenDensity());
  const shapes = inputShapes(model, shape);
  const posterior = await makeRunner(fns.posterior, { device, inputs: shapes.posterior });
  const samples = await makeRunner(fns.samples, { device, inputs: shapes.samples });
  return { posterior, samples, dispose: () => disposeOf(posterior, samples) };
}
