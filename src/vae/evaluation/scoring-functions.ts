import { freeze } from '../../compile/export';
import { tf } from '../../tensors';
import { termsUnder } from '../elbo';
import type { Vae } from '../model';
import type { PriorDensity } from '../priors/prior';
import { makeRunner, type TrainingDevice } from '../training/runner';
import { type DisposableFunctions, disposeOf, type FrozenScoring } from './frozen-scoring';
import { plainMixture } from './mixture-pass';
import type { Shape } from './score-images';

type Tensors<Names extends string> = Record<Names, tf.Tensor>;
type Inputs = Tensors<'x' | 'mean' | 'logVariance' | 'noise'>;

/** The functions of `ScoringFunctions` in tensors, of the model as it is now. */
function tensorFunctions(model: Vae, prior: PriorDensity) {
  const posterior = ({ x }: Tensors<'x'>): Tensors<'mean' | 'logVariance' | 'kl'> =>
    tf.tidy(() => {
      const { mean, logVariance } = model.encode(x as tf.Tensor2D);
      // Where there is no closed form, something that is not used.
      const kl = prior.closedFormKl?.(mean, logVariance) ?? tf.sum(mean, -1);
      return { mean, logVariance, kl };
    });
  const samples = (given: Inputs): Tensors<'logLikelihood' | 'logRatio'> =>
    tf.tidy(() => {
      const known = { mean: given.mean as tf.Tensor2D, logVariance: given.logVariance as tf.Tensor2D };
      const inputs = { x: given.x as tf.Tensor2D, noise: given.noise as tf.Tensor3D };
      return { ...termsUnder(model, known, inputs, { prior }) };
    });
  return { posterior, samples };
}

function inputShapes({ pixels, latent }: Vae, { images, samples }: Shape) {
  const x = [images, pixels];
  const ofImage = [images, latent];
  return {
    posterior: { x },
    samples: { x, mean: ofImage, logVariance: ofImage, noise: [samples, images, latent] },
  };
}

/** The functions as plain data, for `cpu`. */
export function freezeScoring(model: Vae, shape: Shape): FrozenScoring {
  const prior = plainMixture(model.prior.distribution());
  const { posterior, samples } = tensorFunctions(model, model.prior.frozen());
  const shapes = inputShapes(model, shape);
  const { x, ...ofSamples } = shapes.samples;
  const anyX = (given: Tensors<'mean' | 'logVariance' | 'noise'>) => samples({ ...given, x: tf.zeros(x) });
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
  const fns = tensorFunctions(model, model.prior.frozen());
  const shapes = inputShapes(model, shape);
  const posterior = await makeRunner(fns.posterior, { device, inputs: shapes.posterior });
  const samples = await makeRunner(fns.samples, { device, inputs: shapes.samples });
  return { posterior, samples, dispose: () => disposeOf(posterior, samples) };
}
