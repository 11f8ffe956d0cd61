import { tf } from '../../tensors';
import { type Objective, type ObjectiveInputs, type ObjectiveOptions, objective } from '../elbo';
import type { Vae } from '../model';

/** One update of the model's parameters; what it returns was computed before the update. */
export type TrainingStep = (inputs: ObjectiveInputs) => Objective;

/**
 * The step that is trained with, eagerly or compiled: a pure function of its inputs, the model's parameters and the
 * optimizer's state. It draws no random numbers and reads no values.
 */
export function trainingStep(model: Vae, optimizer: tf.Optimizer, options: ObjectiveOptions = {}): TrainingStep {
  const variables = [...model.variables.values()];
  return (inputs) =>
    tf.tidy(() => {
      const parts: tf.Scalar[] = [];
      const minimised = () => {
        const { loss, reconstruction, kl } = objective(model, inputs, options);
        // The optimizer frees all that is made in here; `keep` carries the parts past it, to be freed as usual afterwards.
        parts.push(tf.keep(reconstruction), tf.keep(kl));
        return loss;
      };
      const loss = optimizer.minimize(minimised, true, variables) as tf.Scalar;
      const [reconstruction, kl] = parts.map((part) => part.clone()) as [tf.Scalar, tf.Scalar];
      tf.dispose(parts);
      return { loss, reconstruction, kl };
    });
}
