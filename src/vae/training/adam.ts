import { AdamNormGradOptimizer } from '../../compile/optimizers/adam-norm-grad';
import { nth } from '../../nth';
import { tf } from '../../tensors';
import type { NamedVariables } from '../networks';
import type { Settings } from './options';

/** What TensorFlow.js's Adam keeps between steps; its own field names. */
interface AdamFields {
  readonly accBeta1: tf.Variable;
  readonly accBeta2: tf.Variable;
  readonly accumulatedFirstMoment: readonly { readonly variable: tf.Variable }[];
  readonly accumulatedSecondMoment: readonly { readonly variable: tf.Variable }[];
}

type OptimizerName = Settings['optimizer'];

const OPTIMIZERS: { readonly [O in OptimizerName]: (learningRate: number) => tf.AdamOptimizer } = {
  adam: (learningRate) => tf.train.adam(learningRate),
  'adam-norm-grad': (learningRate) => new AdamNormGradOptimizer(learningRate),
};

/**
 * Adam with the state that it would otherwise make at its first step already there: the moments of each trained variable and
 * the powers of β₁ and β₂, by name. Saved and assigned as they are, since β^t by `pow` is not the product of t factors in
 * float32.
 */
export function adam(
  { optimizer: name, learningRate }: { readonly optimizer: OptimizerName; readonly learningRate: number },
  trained: NamedVariables,
): { optimizer: tf.Optimizer; slots: NamedVariables } {
  const optimizer = OPTIMIZERS[name](learningRate);
  const fields = optimizer as unknown as AdamFields;
  const variables = [...trained.values()];
  tf.tidy(() => {
    const powers = [fields.accBeta1, fields.accBeta2].map((power) => power.clone());
    // A step without gradients makes the moments, leaves the variables as they are, and advances the powers.
    optimizer.applyGradients(variables.map((variable) => ({ name: variable.name, tensor: tf.zerosLike(variable) })));
    fields.accBeta1.assign(nth(powers, 0));
    fields.accBeta2.assign(nth(powers, 1));
  });
  const moments = [...trained.keys()].flatMap((name, i): [string, tf.Variable][] => [
    [`adam/first-moment/${name}`, fields.accumulatedFirstMoment[i]?.variable as tf.Variable],
    [`adam/second-moment/${name}`, fields.accumulatedSecondMoment[i]?.variable as tf.Variable],
  ]);
  const slots = new Map([['adam/beta1-power', fields.accBeta1], ['adam/beta2-power', fields.accBeta2], ...moments]);
  return { optimizer, slots };
}
