import { named, nth } from '../../nth';
import { tf } from '../../tensors';
import { AdamNormGradOptimizer, NORM_FLOOR } from './adam-norm-grad';
import { AdamWOptimizer } from './adamw';
import type { OptimizerKernels } from './kernels';

/** Byte addresses of one optimizer's arrays in the shared memory, each `length` floats long. */
export interface Region {
  readonly parameters: number;
  readonly gradients: number;
  readonly slots: readonly number[];
  /** A multiple of 16. */
  readonly length: number;
  /** The variables, one behind the other and padded with zeros: where each begins, in bytes from the region's start, and its length in floats. */
  readonly parts: readonly { readonly offset: number; readonly length: number }[];
}

/** A slot array or scalar of a tfjs optimizer; the field names are tfjs's own. */
interface SlotVariable {
  readonly variable: tf.Variable;
}
type Fields = Readonly<Record<string, unknown>>;

export type KindName = 'SGD' | 'momentum' | 'Adam' | 'AdamNormGrad' | 'RMSProp';

/** One optimizer that has a fused pass: how to recognise it, where its state is, and the pass. */
export interface FusedKind {
  readonly name: KindName;
  matches(optimizer: tf.Optimizer): boolean;
  /** The optimizer's fields that hold one slot per variable, in the order of `Region.slots`. */
  slotFields(optimizer: tf.Optimizer): readonly string[];
  /** The optimizer's fields that hold a scalar variable. */
  readonly scalarFields: readonly string[];
  /**
   * Applies one update with all gradients multiplied by `scale`; hyperparameters are read from the optimizer at every step, so
   * that a learning-rate schedule works. Returns the scalars after the step.
   */
  apply(
    kernels: OptimizerKernels,
    region: Region,
    optimizer: tf.Optimizer,
    scalars: readonly number[],
    scale: number,
  ): readonly number[];
}

export const field = (optimizer: tf.Optimizer, name: string): number => Number((optimizer as unknown as Fields)[name]);
const isExactly = (optimizer: tf.Optimizer, type: { readonly prototype: object }): boolean =>
  Object.getPrototypeOf(optimizer) === type.prototype;
const at = (slots: readonly number[], i: number): number => nth(slots, i);

/** The variables in the slot field `name`, by position. */
export function slotVariables(optimizer: tf.Optimizer, name: string): readonly SlotVariable[] {
  return (optimizer as unknown as Record<string, readonly SlotVariable[]>)[name] ?? [];
}

export function scalarVariable(optimizer: tf.Optimizer, name: string): tf.Variable {
  return named(optimizer as unknown as Record<string, tf.Variable>, name);
}

const SGD: FusedKind = {
  name: 'SGD',
  matches: (optimizer) => isExactly(optimizer, tf.SGDOptimizer),
  slotFields: () => [],
  scalarFields: [],
  apply(kernels, { parameters, gradients, length }, optimizer, scalars, scale) {
    kernels.sgd(parameters, gradients, length, field(optimizer, 'learningRate') * scale);
    return scalars;
  },
};

const MOMENTUM: FusedKind = {
  name: 'momentum',
  matches: (optimizer) => isExactly(optimizer, tf.MomentumOptimizer),
  slotFields: () => ['accumulations'],
  scalarFields: [],
  apply(kernels, { parameters, gradients, slots, length }, optimizer, scalars, scale) {
    const [rate, decay] = [field(optimizer, 'learningRate'), field(optimizer, 'momentum')];
    kernels.momentum(parameters, gradients, at(slots, 0), length, rate, decay, isNesterov(optimizer) ? 1 : 0, scale);
    return scalars;
  },
};

/** Kingma & Ba 2015, algorithm 1; with decoupled weight decay, Loshchilov & Hutter 2019, algorithm 2. */
const ADAM: FusedKind = {
  name: 'Adam',
  matches: (optimizer) => isExactly(optimizer, tf.AdamOptimizer) || isExactly(optimizer, AdamWOptimizer),
  slotFields: () => ['accumulatedFirstMoment', 'accumulatedSecondMoment'],
  scalarFields: ['accBeta1', 'accBeta2'],
  apply(kernels, { parameters, gradients, slots, length }, optimizer, scalars, scale) {
    const [beta1, beta2] = [field(optimizer, 'beta1'), field(optimizer, 'beta2')];
    const { correctedRate, epsilon, next } = biasCorrection(optimizer, scalars);
    kernels.adam(
      parameters,
      gradients,
      at(slots, 0),
      at(slots, 1),
      length,
      correctedRate,
      beta1,
      beta2,
      epsilon,
      decayOf(optimizer),
      scale,
    );
    return next;
  },
};

/**
 * m̂/(√v̂ + ε) with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ), the corrections taken out of the elements: what then stands for the rate and for ε,
 * and the powers of β₁ and β₂ at the next step.
 */
export function biasCorrection(optimizer: tf.Optimizer, [power1 = 0, power2 = 0]: readonly number[]) {
  const root = Math.sqrt(1 - power2);
  const powers = [power1 * Math.fround(field(optimizer, 'beta1')), power2 * Math.fround(field(optimizer, 'beta2'))];
  return {
    correctedRate: (field(optimizer, 'learningRate') * root) / (1 - power1),
    epsilon: field(optimizer, 'epsilon') * root,
    next: powers.map(Math.fround),
  };
}

/** The fraction of each parameter that one step of AdamW takes off. */
export function decayOf(optimizer: tf.Optimizer): number {
  // Not instanceof: tfjs's optimizers answer that by duck typing, with yes for each other.
  return isExactly(optimizer, AdamWOptimizer) ? field(optimizer, 'weightDecay') * field(optimizer, 'learningRate') : 0;
}

/** Each variable's gradient is divided by its own norm first, which is a factor of its pass of {@link ADAM}. */
const ADAM_NORM_GRAD: FusedKind = {
  ...ADAM,
  name: 'AdamNormGrad',
  matches: (optimizer) => isExactly(optimizer, AdamNormGradOptimizer),
  apply(kernels, { parameters, gradients, slots, parts }, optimizer, scalars, scale) {
    const next = parts.map(({ offset, length }) => {
      const part = {
        parameters: parameters + offset,
        gradients: gradients + offset,
        slots: slots.map((slot) => slot + offset),
        length,
        parts: [{ offset: 0, length }],
      };
      const norm = scale * Math.sqrt(kernels.sumOfSquares(part.gradients, length));
      return ADAM.apply(kernels, part, optimizer, scalars, scale / (norm + NORM_FLOOR));
    });
    return next[0] ?? scalars;
  },
};

const RMSPROP: FusedKind = {
  name: 'RMSProp',
  matches: (optimizer) => isExactly(optimizer, tf.RMSPropOptimizer),
  slotFields: (optimizer) =>
    isCentered(optimizer)
      ? ['accumulatedMeanSquares', 'accumulatedMoments', 'accumulatedMeanGrads']
      : ['accumulatedMeanSquares', 'accumulatedMoments'],
  scalarFields: [],
  apply(kernels, { parameters, gradients, slots, length }, optimizer, scalars, scale) {
    const [rate, decay] = [field(optimizer, 'learningRate'), field(optimizer, 'decay')];
    const [momentum, epsilon] = [field(optimizer, 'momentum'), field(optimizer, 'epsilon')];
    const mean = isCentered(optimizer) ? at(slots, 2) : 0;
    kernels.rmsprop(
      parameters,
      gradients,
      at(slots, 0),
      at(slots, 1),
      mean,
      length,
      rate,
      decay,
      momentum,
      epsilon,
      scale,
    );
    return scalars;
  },
};

export function isNesterov(optimizer: tf.Optimizer): boolean {
  return (optimizer as unknown as Fields).useNesterov === true;
}

export function isCentered(optimizer: tf.Optimizer): boolean {
  return (optimizer as unknown as Fields).centered === true;
}

/** All variables that belong to the optimizer: slots, then scalars. */
export function optimizerVariables(kind: FusedKind, optimizer: tf.Optimizer): readonly tf.Variable[] {
  const slots = kind
    .slotFields(optimizer)
    .flatMap((name) => slotVariables(optimizer, name).map(({ variable }) => variable));
  return [...slots, ...kind.scalarFields.map((name) => scalarVariable(optimizer, name))];
}

export const FUSED: readonly FusedKind[] = [SGD, MOMENTUM, ADAM, ADAM_NORM_GRAD, RMSPROP];
