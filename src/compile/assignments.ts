import type { tf } from '../tensors';

/** Stands for the last assignment of each variable that is watched. */
const LAST = new WeakMap<tf.Variable, object>();

/**
 * The last assignment of `variable`: another object after each, also where it is given the very tensor that it held before, which its data
 * would not tell. It is watched from the first call on.
 */
export function lastAssignment(variable: tf.Variable): object {
  const known = LAST.get(variable);
  if (known) return known;
  const { assign } = variable;
  const watched: typeof assign = (value) => {
    assign.call(variable, value);
    LAST.set(variable, {});
  };
  Object.defineProperty(variable, 'assign', { value: watched, configurable: true, writable: true });
  const first = {};
  LAST.set(variable, first);
  return first;
}

/** Returns a function that has all assignments in between forgotten. */
export function forgettingAssignments(variables: readonly tf.Variable[]): () => void {
  const before = variables.map((variable) => [variable, LAST.get(variable)] as const);
  return () => {
    for (const [variable, last] of before) if (last) LAST.set(variable, last);
  };
}
