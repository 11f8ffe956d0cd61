import { tf } from '../../tensors';
import type { Value } from '../graph/graph';
import { AdamNormGradOptimizer } from '../optimizers/adam-norm-grad';
import { AdamWOptimizer } from '../optimizers/adamw';
import { FUSED, type FusedKind } from '../optimizers/kinds';

/** Gradients as `optimizer.applyGradients` takes them. */
export type Gradients = Parameters<tf.Optimizer['applyGradients']>[0];

/** What a fused pass needs of one optimizer call: each variable, its place among the optimizer's slots, its gradient. */
export interface FusedUpdate {
  readonly kind: FusedKind;
  readonly optimizer: tf.Optimizer;
  readonly entries: readonly { readonly variable: tf.Variable; readonly slot: number; readonly gradient: Value }[];
  /** Gradients are scaled so that their common norm is at most this. */
  readonly maxNorm: number | null;
}

interface Applies {
  readonly prototype: { applyGradients(gradients: Gradients): void };
}

const CLASSES: readonly Applies[] = [
  tf.SGDOptimizer,
  tf.MomentumOptimizer,
  tf.AdamOptimizer,
  AdamWOptimizer,
  AdamNormGradOptimizer,
  tf.AdamaxOptimizer,
  tf.RMSPropOptimizer,
  tf.AdagradOptimizer,
  tf.AdadeltaOptimizer,
] as unknown as readonly Applies[];

/** What a trace wants to know of optimizers. */
export interface OptimizerVisitor {
  /** Called in place of every tfjs optimizer's applyGradients, which is `apply`. */
  apply(optimizer: tf.Optimizer, gradients: Gradients, apply: () => void): void;
  /** Called before any optimizer counts a step. */
  count(optimizer: tf.Optimizer): void;
  /** What the function is told that an optimizer has counted, where it asks; `counted` is the truth. */
  iterations(counted: number): number;
}

/** How a tfjs optimizer counts its steps. */
export interface Counts {
  iterations_?: number;
  incrementIterations(): void;
}

/** Steps that an optimizer has counted. */
export const countedBy = (optimizer: tf.Optimizer): number => (optimizer as unknown as Counts).iterations_ ?? 0;

/** Lets `visitor` see what optimizers do while `body` runs. */
export function interceptingOptimizers<T>(visitor: OptimizerVisitor, body: () => T): T {
  const originals = CLASSES.map(({ prototype }) => [prototype, prototype.applyGradients] as const);
  let inside = false;
  for (const [prototype, original] of originals) {
    prototype.applyGradients = function (this: tf.Optimizer, gradients: Gradients): void {
      const apply = (): void => original.call(this as unknown as typeof prototype, gradients);
      // A class that calls its parent's applyGradients has been visited already.
      if (inside) {
        apply();
        return;
      }
      inside = true;
      try {
        visitor.apply(this, gradients, apply);
      } finally {
        inside = false;
      }
    };
  }
  const restoreCounting = interceptingCounts(visitor);
  try {
    return body();
  } finally {
    restoreCounting();
    for (const [prototype, original] of originals) prototype.applyGradients = original;
  }
}

/** Lets `visitor` see every count of a step and every question for it, until what is returned is called. */
function interceptingCounts(visitor: OptimizerVisitor): () => void {
  const { prototype } = tf.Optimizer;
  const counter = prototype as unknown as Counts;
  const asked = Object.getOwnPropertyDescriptor(prototype, 'iterations');
  const increment = counter.incrementIterations;
  Object.defineProperty(prototype, 'iterations', {
    configurable: true,
    get(this: tf.Optimizer) {
      return visitor.iterations(countedBy(this));
    },
  });
  counter.incrementIterations = function (this: tf.Optimizer): void {
    visitor.count(this);
    (this as unknown as Counts).iterations_ = countedBy(this) + 1;
  };
  return () => {
    counter.incrementIterations = increment;
    if (asked) Object.defineProperty(prototype, 'iterations', asked);
  };
}

/** The gradients with their places among the optimizer's slots; those that are null are left out, as tfjs does. */
export function gradientEntries(
  gradients: Gradients,
): readonly { readonly name: string; readonly slot: number; readonly tensor: tf.Tensor }[] {
  const list = Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
  return list.flatMap(({ name, tensor }, slot) => (tensor ? [{ name, slot, tensor }] : []));
}

/** Puts the lists in which a tfjs optimizer holds its slots back to what they are now. */
export function slotKeeper(optimizer: tf.Optimizer): () => void {
  const lists = Object.values(optimizer).filter((field): field is unknown[] => Array.isArray(field));
  const before = lists.map((list) => [...list]);
  return () => {
    for (const [i, list] of lists.entries()) list.splice(0, list.length, ...(before[i] ?? []));
  };
}

/** Whether a gradient is like its variable, element by element: applyGradients also takes those that TensorFlow.js broadcasts or converts. */
export function fitsFusedPass(name: string, gradient: tf.Tensor): boolean {
  const variable = tf.engine().registeredVariables[name];
  const isFloat = variable?.dtype === 'float32' && gradient.dtype === 'float32';
  return isFloat && tf.util.arraysEqual(variable.shape, gradient.shape);
}

/** The fused pass that computes this optimizer's update, if there is one for exactly its class. */
export function fusedKind(optimizer: tf.Optimizer): FusedKind | null {
  return FUSED.find((kind) => kind.matches(optimizer)) ?? null;
}
