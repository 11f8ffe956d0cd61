import { UsageError } from '../../errors';
import { tf } from '../../tensors';

/** What a compiled function may return: a tensor, or lists and records of what it may return. */
export type StepOutput =
  | tf.Tensor
  | null
  | undefined
  | undefined
  | readonly StepOutput[]
  | { readonly [name: string]: StepOutput };

/** `output` with every tensor replaced; `path` names its place: `loss`, `parts.0`, or `result` for a lone tensor. */
export function mapOutput(
  output: StepOutput,
  replace: (tensor: tf.Tensor, path: string) => tf.Tensor,
  path = '',
): StepOutput {
  if (output === null || output === undefined) return output;
  if (output instanceof tf.Tensor) return replace(output, path || 'result');
  const at = (key: string | number): string => (path ? `${path}.${key}` : String(key));
  if (Array.isArray(output)) return output.map((item: StepOutput, i) => mapOutput(item, replace, at(i)));
  if (typeof output === 'object') {
    return Object.fromEntries(Object.entries(output).map(([key, item]) => [key, mapOutput(item, replace, at(key))]));
  }
  throw new UsageError(
    `a compiled function returned ${typeof output} at '${path || 'result'}': expected tensors, or lists and records of tensors`,
  );
}
