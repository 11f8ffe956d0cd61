import { UsageError } from '../../errors';
import { named, nth } from '../../nth';
import { tf } from '../../tensors';
import type { ValueType } from '../graph/builder';
import type { NamedValue, Value } from '../graph/graph';
import { dtypeOf } from '../lower/creation';
import { unclipped } from '../optimizers/clip';
import { placeholder, ReadsFusedUpdate, type TraceBackend, TracedData } from './backend';
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
import type { Restore } from './restore';
import { mapOutput } from './structure';
import { type StateSlot, stateName, type Trace, type TracedFunction, type TraceOptions } from './traced';

/** One run of a function on symbols, and what it does to variables and optimizers. */
export class Tracer {
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
