import { nth } from '../../nth';
import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { NORM_FLOOR } from './adam-norm-grad';
import { biasCorrection, decayOf, field, isCentered, isNesterov, type KindName } from './kinds';

/** What one update has to work with, all variables end to end: float32[n] each. */
export interface Packed {
  readonly gradient: Value;
  /** Stand in the order of the kind's slot fields. */
  readonly slots: readonly Value[];
  /** Scalars, in the order of `StepNumbers.numbers`. */
  readonly numbers: readonly Value[];
}

/** Scalars that change from step to step and not with the data, which the host computes in float64. */
export interface StepNumbers {
  readonly numbers: readonly number[];
  /** The optimizer's scalar fields after the step. */
  readonly next: readonly number[];
}

/** One optimizer's update as operators of the graph: the formula of its fused pass, term by term, for all variables at once. */
export interface PackedUpdate {
  numbers(optimizer: tf.Optimizer, scalars: readonly number[]): StepNumbers;
  /** What becomes of one variable's gradient before it stands among the others. */
  readonly normalise?: (b: GraphBuilder, gradient: Value) => Value;
  /** What is taken off the parameters, and the slots after the step. */
  update(
    b: GraphBuilder,
    optimizer: tf.Optimizer,
    given: Packed,
  ): { readonly change: Value; readonly slots: readonly Value[] };
  /** The fraction of each parameter that goes before `change` does. */
  decay?(optimizer: tf.Optimizer): number;
}

const noNumbers = (_: tf.Optimizer, scalars: readonly number[]): StepNumbers => ({ numbers: [], next: scalars });
const times = (b: GraphBuilder, factor: number, x: Value): Value =>
  factor === 1 ? x : b.binary('Mul', b.scalar(factor), x);
/** `keep`·old + (1 − `keep`)·fresh. */
const average = (b: GraphBuilder, keep: number, old: Value, fresh: Value): Value =>
  b.binary('Add', times(b, keep, old), times(b, 1 - keep, fresh));
const squared = (b: GraphBuilder, x: Value): Value => b.binary('Mul', x, x);

const ADAM: PackedUpdate = {
  numbers(optimizer, scalars) {
    const { correctedRate, epsilon, next } = biasCorrection(optimizer, scalars);
    return { numbers: [correctedRate, epsilon], next };
  },
  update(b, optimizer, { gradient, slots, numbers }) {
    const first = average(b, field(optimizer, 'beta1'), nth(slots, 0), gradient);
    const second = average(b, field(optimizer, 'beta2'), nth(slots, 1), squared(b, gradient));
    const under = b.binary('Add', b.unary('Sqrt', second), nth(numbers, 1));
    return { change: b.binary('Div', b.binary('Mul', nth(numbers, 0), first), under), slots: [first, second] };
  },
  decay: decayOf,
};

/** The update of each kind. assembly/optimizers.ts has the same formulas for the host. */
export const PACKED: { readonly [K in KindName]: PackedUpdate } = {
  SGD: {
    numbers: noNumbers,
    update: (b, optimizer, { gradient }) => ({
      change: times(b, field(optimizer, 'learningRate'), gradient),
      slots: [],
    }),
  },
  momentum: {
    numbers: noNumbers,
    update(b, optimizer, { gradient, slots }) {
      const kept = field(optimizer, 'momentum');
      const velocity = b.binary('Add', times(b, kept, nth(slots, 0)), gradient);
      const move = isNesterov(optimizer) ? b.binary('Add', gradient, times(b, kept, velocity)) : velocity;
      return { change: times(b, field(optimizer, 'learningRate'), move), slots: [velocity] };
    },
  },
  Adam: ADAM,
  AdamNormGrad: {
    ...ADAM,
    normalise(b, gradient) {
      const norm = b.unary('Sqrt', b.reduce('ReduceSum', squared(b, gradient), [0], true));
      return b.binary('Div', gradient, b.binary('Add', norm, b.scalar(NORM_FLOOR)));
    },
  },
  RMSProp: {
    numbers: noNumbers,
    update(b, optimizer, { gradient, slots }) {
      const [keep, epsilon] = [field(optimizer, 'decay'), b.scalar(field(optimizer, 'epsilon'))];
      const square = average(b, keep, nth(slots, 0), squared(b, gradient));
      const mean = isCentered(optimizer) ? average(b, keep, nth(slots, 2), gradient) : null;
      const under = mean
        ? b.binary('Sub', square, b.binary('Add', squared(b, mean), epsilon))
        : b.binary('Add', square, epsilon);
      const fresh = b.binary('Div', times(b, field(optimizer, 'learningRate'), gradient), b.unary('Sqrt', under));
      const move = b.binary('Add', times(b, field(optimizer, 'momentum'), nth(slots, 1)), fresh);
      return { change: move, slots: mean ? [square, move, mean] : [square, move] };
    },
  },
};
