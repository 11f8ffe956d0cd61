import { UsageError } from '../../errors';
import { named, nth } from '../../nth';
import { tf } from '../../tensors';
import { forgettingAssignments } from '../assignments';
import type { ValueType } from '../graph/builder';
import type { Graph, NamedValue, Value } from '../graph/graph';
import { dtypeOf } from '../lower/creation';
import { unclipped } from '../optimizers/clip';
import { placeholder, ReadsFusedUpdate, TRACE_BACKEND, type TraceBackend, TracedData, traceBackend } from './backend';
import { assertNothingKept, watchKeptTensors } from './kept';
import {
  type Counts,
  countedBy,
  type FusedUpdate,
  fitsFusedPass,
  fusedKind,
  type Gradients,
  gradientEntries,
  interceptingOptimizers,
  slotKeeper,
} from './optimizers';
import { Restore } from './restore';
import { mapOutput, type StepOutput } from './structure';

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

/**
 * Runs `fn` once on symbols instead of numbers. Synchronous from start to end, because tfjs has one global engine: no other
 * code's operations can get between. Variables and optimizers are left as they were, apart from variables made on the way
 * unless it throws.
 */
export function trace(
  fn: TracedFunction,
  inputs: Readonly<Record<string, ValueType>>,
  { fuse = false, channelBlock = null, stepsAhead = 0 }: TraceOptions = {},
): Trace {
  const backend = traceBackend();
  const engine = tf.engine();
  const eager = tf.getBackend();
  const variables = Object.values(engine.registeredVariables).filter(
    ({ dtype }) => dtype !== 'string' && dtype !== 'complex64',
  );
  const saved = variables.map((variable) => variable.clone());
  const forgetAssignments = forgettingAssignments(variables);
  backend.start(channelBlock);
  // setBackend is declared async, but for a backend that is ready it has switched when it returns.
  void tf.setBackend(TRACE_BACKEND);
  const restore = new Restore();
  const discard = new Restore();
  let result: Trace | null = null;
  try {
    tf.tidy(() => {
      result = new Tracer(backend, { fuse, stepsAhead }, restore, discard).run(fn, inputs, variables);
    });
    return result as unknown as Trace;
  } catch (error) {
    discard.all();
    throw error;
  } finally {
    restore.all();
    void tf.setBackend(eager);
    variables.forEach((variable, i) => {
      if (!variable.isDisposed) variable.assign(nth(saved, i));
    });
    forgetAssignments();
    tf.dispose(saved);
    backend.stop();
  }
}

class Tracer {
  private readonly created: { variable: tf.Variable; initial: Value }[] = [];
  private readonly fused: FusedUpdate[] = [];
  private readonly optimizers = new Map<tf.Optimizer, number>();
  private readonly symbols = new Map<tf.Variable, Value>();
  private asksForSteps = false;

  constructor(
    private readonly backend: TraceBackend,
    private readonly options: Required<Pick<TraceOptions, 'fuse' | 'stepsAhead'>>,
    private readonly restore: Restore,
    private readonly discard: Restore,
  ) {}

  run(fn: TracedFunction, types: Readonly<Record<string, ValueType>>, variables: readonly tf.Variable[]): Trace {
    const tensors = Object.fromEntries(
      Object.entries(types).map(([name, type]) => [name, placeholder(this.backend, name, type)]),
    );
    const inputs = Object.values(tensors).map((tensor) => this.backend.symbolOf(tensor));
    for (const variable of variables) this.bind(variable);
    this.watchNewVariables();
    const kept = watchKeptTensors(this.restore);
    const result = interceptingOptimizers(
      {
        apply: (optimizer, gradients, apply) => this.visit(optimizer, gradients, apply),
        count: (optimizer) => this.count(optimizer),
        iterations: (counted) => {
          this.asksForSteps = true;
          return counted + this.options.stepsAhead;
        },
      },
      () => fn(tensors),
    );
    if (result instanceof Promise) {
      result.catch(() => {}); // it may still fail, and nobody waits for it
      throw new UsageError(
        'a compiled function must not be async: it is traced once, from start to end, without waiting',
      );
    }
    this.backend.assertNothingAsked();
    assertNothingKept(kept);
    const outputs: NamedValue[] = [];
    mapOutput(result, (tensor, path) => {
      let name = path;
      while (outputs.some((output) => output.name === name)) name += "'"; // {'a.b': …, a: {b: …}}
      outputs.push({ name, value: this.backend.symbolOf(tensor) });
      return tensor;
    });
    return {
      graph: this.backend.builder.graph(outputs),
      inputs,
      outputs,
      state: this.state(),
      rebuild: (replacements) => {
        let next = 0;
        return mapOutput(result, () => nth(replacements, next++));
      },
      fused: this.fused,
      optimizers: this.optimizers,
      asksForSteps: this.asksForSteps,
      created: this.created,
      discard: () => this.discard.all(),
    };
  }

  private bind(variable: tf.Variable): void {
    const symbol = placeholder(this.backend, stateName(variable), {
      dtype: dtypeOf(variable.dtype),
      shape: variable.shape,
    });
    this.symbols.set(variable, this.backend.symbolOf(symbol));
    variable.assign(symbol);
  }

  private watchNewVariables(): void {
    const engine = tf.engine();
    const make = engine.makeVariable;
    engine.makeVariable = (initial, ...rest) => {
      const variable = make.call(engine, initial, ...rest);
      this.created.push({ variable, initial: this.backend.symbolOf(initial) });
      this.discard.later(() => variable.dispose());
      return variable;
    };
    this.restore.later(() => {
      engine.makeVariable = make;
    });
  }

  /** Notes that `optimizer` is about to count a step, also one of a class that TensorFlow.js does not know. */
  private count(optimizer: tf.Optimizer): void {
    const before = countedBy(optimizer);
    this.restore.later(() => {
      (optimizer as unknown as Counts).iterations_ = before;
    });
    this.optimizers.set(optimizer, (this.optimizers.get(optimizer) ?? 0) + 1);
  }

  private visit(optimizer: tf.Optimizer, gradients: Gradients, apply: () => void): void {
    this.discard.later(slotKeeper(optimizer));
    const calls = this.optimizers.get(optimizer) ?? 0;
    const kind = this.options.fuse ? fusedKind(optimizer) : null;
    // Slots go by position, so that a second call in one step reads those that the first has updated.
    if (kind !== null && calls > 0 && kind.slotFields(optimizer).length > 0) throw new ReadsFusedUpdate();
    if (kind === null) {
      apply();
      return;
    }
    const entries = gradientEntries(gradients);
    if (!entries.every(({ name, tensor }) => fitsFusedPass(name, tensor))) {
      apply();
      return;
    }
    this.count(optimizer);
    const clip = unclipped(entries.map(({ tensor }) => tensor));
    const update: FusedUpdate = {
      kind,
      optimizer,
      maxNorm: clip?.maxNorm ?? null,
      entries: entries.map(({ name, slot, tensor }, i) => ({
        variable: named<tf.Variable>(tf.engine().registeredVariables, name),
        slot,
        gradient: this.backend.symbolOf(clip?.raw[i] ?? tensor),
      })),
    };
    for (const { variable } of update.entries) this.leaveToFusedPass(variable);
    this.fused.push(update);
  }

  /** Marks the variable's value as unknown to the graph: reading it from here on ends the attempt to fuse. */
  private leaveToFusedPass(variable: tf.Variable): void {
    const symbol = this.symbols.get(variable);
    if (symbol === undefined || this.backend.symbolOf(variable) !== symbol) throw new ReadsFusedUpdate();
    const info = {
      dataId: this.backend.dataOf(symbol, true),
      shape: variable.shape,
      dtype: variable.dtype,
    };
    variable.assign(tf.engine().makeTensorFromTensorInfo(info, this.backend));
  }

  private state(): readonly StateSlot[] {
    const left = new Set(this.fused.flatMap(({ entries }) => entries.map(({ variable }) => variable)));
    return [...this.symbols].map(([variable, input]) => {
      if (variable.isDisposed) {
        throw new UsageError(`the function disposes of the tf.variable ${variable.name}: dispose of it outside`);
      }
      const isLeft = variable.dataId instanceof TracedData && variable.dataId.updatedOutside;
      if (left.has(variable) !== isLeft) throw new ReadsFusedUpdate();
      const value = isLeft ? input : this.backend.symbolOf(variable);
      return { variable, input, next: value === input ? null : value };
    });
  }
}
