import type { tf } from '../../tensors';
import type { Graph, NamedValue, Value } from '../graph/graph';
import type { FusedUpdate } from './optimizers';
import type { StepOutput } from './structure';

export type TracedFunction = (inputs: Readonly<Record<string, tf.Tensor>>) => StepOutput;

/** A tf.variable that the function reads or assigns. */
export interface StateSlot {
  readonly variable: tf.Variable;
  readonly input: Value;
  /** Its value after the step, if the graph computes one. */
  readonly next: Value | null;
}

export interface Trace {
  /** Inputs: the function's and every variable's; outputs: what the function returned. */
  readonly graph: Graph;
  readonly inputs: readonly Value[];
  readonly state: readonly StateSlot[];
  readonly outputs: readonly NamedValue[];
  /** The returned structure, with placeholders where `outputs` go, in order. */
  rebuild(tensors: readonly tf.Tensor[]): StepOutput;
  /** Updates left to fused passes. */
  readonly fused: readonly FusedUpdate[];
  /** Every optimizer that was called, with how often. */
  readonly optimizers: ReadonlyMap<tf.Optimizer, number>;
  /** Whether the function asked an optimizer how many steps it has counted. */
  readonly asksForSteps: boolean;
  /** Variables made while tracing (an optimizer's slots), with their first values. */
  readonly created: readonly { readonly variable: tf.Variable; readonly initial: Value }[];
  /** Disposes of `created` and takes the slots among them from their optimizers: they hold symbols, which nothing else can read. */
  discard(): void;
}

export interface TraceOptions {
  /** Leaves updates by known optimizers out of the graph. Default: false. */
  readonly fuse?: boolean;
  /** See `GraphBuilder`. Default: null. */
  readonly channelBlock?: number | null;
  /** What is added to the steps that optimizers say they have counted. Default: 0. */
  readonly stepsAhead?: number;
}

/** A variable's value in the graph's namespace: `@` keeps it apart from the function's inputs. */
export const stateName = (variable: tf.Variable): string => `@${variable.name}`;
