import { UsageError } from '../errors';
import { named, nth } from '../nth';
import { tf } from '../tensors';
import { type EnqueuedParts, EnqueuedSteps, type Feeds } from './enqueued-steps';
import { type Feed, feedTensors } from './feeds';
import type { ValueType } from './graph/builder';
import { ARRAYS, sizeOf, type TensorData } from './graph/graph';
import { printGraph } from './graph/print';
import type { Plan } from './plan';
import type { Device } from './runtime/devices';
import { costsOf, type OperatorRun, type Placement, placementOf, profileOf, type StepCosts } from './runtime/placement';
import type { OrtTensor, Session } from './runtime/session';
import type { StateStore } from './runtime/state';
import { emptyTensor, hostData } from './runtime/tensors';
import type { State } from './state';
import { StepVariables } from './step-variables';
import type { StepOutput } from './trace/structure';
import { stateName, type Trace } from './trace/traced';
import type { OptimizerWatch } from './watch';

/** Everything a step consists of, as `compile` puts it together. */
export interface StepParts extends State {
  readonly device: Device;
  readonly inputs: Readonly<Record<string, ValueType>>;
  readonly plan: Plan;
  readonly trace: Trace;
  readonly session: Session;
  readonly watch: OptimizerWatch;
  /** Enqueued steps that are one run on a GPU device. */
  readonly stepsPerRun: number;
}

/**
 * A function compiled for one device and one set of input shapes.
 *
 * @example
 * ```ts
 * import { compile, CompiledStep, tf } from 'gmm-vae';
 *
 * const step: CompiledStep<'x', { y: tf.Tensor }> = await compile(({ x }) => ({ y: tf.square(x) }), {
 *   inputs: { x: [3] },
 * });
 * const { y } = await step.run({ x: Float32Array.of(1, 2, 3) });
 * y.dataSync(); // [1, 4, 9]
 * step.device.name; // 'cpu'
 * await step.dispose();
 * ```
 */
export class CompiledStep<Inputs extends string, Output extends StepOutput> {
  private readonly variables: StepVariables;
  /** The variables that a step changes, by state name. */
  private readonly changed: ReadonlySet<string>;
  /** Whether the step has changed them since the last sync. */
  private ahead = false;
  /** What the simplified graph reads, which may be less than is there. */
  private readonly reads: readonly string[];
  /** Enqueued steps and what they returned: on a GPU device there, else as it is. */
  private readonly enqueued: EnqueuedSteps | null;
  private readonly waiting: Output[] = [];
  /** The end of the last call: calls run one after the other. */
  private last: Promise<unknown> = Promise.resolve();
  private disposal: Promise<void> | null = null;

  constructor(private readonly parts: StepParts) {
    const { plan } = parts;
    this.variables = new StepVariables(parts.known, parts.stores);
    const assigned = plan.state.flatMap(({ variable, output }) => (output === null ? [] : [variable]));
    const read = new Set(plan.state.map(({ variable }) => variable));
    const fused = [...parts.known.keys()].filter((variable) => !read.has(variable));
    this.changed = new Set([...assigned, ...fused].map(stateName));
    const { stores, stepsPerRun } = parts;
    const device = parts.device.name;
    const run: EnqueuedParts['run'] = (...of) => this.compute(...of);
    const enqueuing = { plan, device, stores, stepsPerRun, inputs: Object.keys(parts.inputs), run };
    this.enqueued = device === 'webgpu' ? new EnqueuedSteps(enqueuing) : null;
    this.reads = plan.graph.inputs.flatMap(({ source }) => (source.kind === 'input' ? [source.name] : []));
  }

  /** Where it runs, and why there. */
  get device(): Device {
    return this.parts.device;
  }

  /**
   * One step. Variables live in the step from now on: tf.variables keep their old values until `sync`; one that is assigned
   * from outside between two steps is taken over by the next.
   *
   * @param inputs every declared input, with the shape and type it was compiled for; a typed array must not change until the promise is settled
   * @returns what the function returns, as new tensors that the caller disposes of
   */
  run(inputs: Readonly<Record<Inputs, Feed>>): Promise<Output> {
    return this.fed(inputs, (feeds) => this.runNow(feeds));
  }

  /**
   * One step whose results wait until `collect` asks for them: on a GPU device they stay there, and the host goes on as soon as it has
   * handed the step over. Otherwise like `run`. With `stepsPerRun`, a GPU gets that many at once: until then, or until `collect`, typed
   * arrays must not change.
   */
  enqueue(inputs: Readonly<Record<Inputs, Feed>>): Promise<void> {
    return this.fed(inputs, async (feeds) => {
      if (this.enqueued === null) {
        this.waiting.push(await this.runNow(feeds));
        return;
      }
      // What is assigned from outside counts from this step on, not for those that still wait.
      if (this.variables.assignedOutside().length > 0) await this.enqueued.flush();
      await this.prepare();
      await this.enqueued.add(feeds);
    });
  }

  /** Reads the inputs now, not when it is this call's turn: by then the tensors may have been disposed of. */
  private fed<T>(
    inputs: Readonly<Record<Inputs, Feed>>,
    next: (feeds: Record<string, OrtTensor>) => Promise<T>,
  ): Promise<T> {
    let feeds: Record<string, OrtTensor>;
    try {
      feeds = feedTensors(this.parts.inputs, inputs);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.inTurn(() => next(feeds));
  }

  /** What each step returned that was enqueued since the last call, in order; the caller disposes of the tensors. */
  collect(): Promise<readonly Output[]> {
    return this.inTurn(async () => {
      if (this.enqueued === null) return this.waiting.splice(0);
      return (await this.enqueued.drain()).map((data) => this.rebuilt(data));
    });
  }

  /**
   * Writes the variables and optimizer slots that the steps since the last sync have changed back into the tf.variables, and the
   * number of those steps into the optimizers' counts. A variable that has been assigned from outside since keeps that value.
   */
  sync(): Promise<void> {
    return this.inTurn(async () => {
      await this.enqueued?.flush();
      await this.variables.takeOverAssignments();
      if (this.ahead) await this.variables.writeBack(this.changed);
      this.ahead = false;
      this.parts.watch.writeIterations();
    });
  }

  /**
   * Which operators run where: on a GPU device ONNX Runtime places those that the GPU's provider lacks on the host. Runs the
   * graph once, on zeros, in a session of its own; the state stays as it is.
   */
  async placement(): Promise<Placement> {
    return placementOf(await this.profile());
  }

  /** Kernel launches, bytes and waits of one run, counted like `placement`. The state stays on a GPU device and costs nothing. */
  async costs(): Promise<StepCosts> {
    const { device, inputs, plan } = this.parts;
    const bytes = (types: readonly ValueType[]): number =>
      types.reduce((sum, { dtype, shape }) => sum + ARRAYS[dtype].BYTES_PER_ELEMENT * sizeOf(shape), 0);
    const fed = Object.entries(inputs).flatMap(([name, type]) => (this.reads.includes(name) ? [type] : []));
    const numbers = plan.packed.flatMap((group) => group.numbers.map(() => ({ dtype: 'float32', shape: [] }) as const));
    return costsOf(
      await this.profile(),
      device.name,
      bytes([...fed, ...numbers]),
      bytes(plan.results.map(({ value }) => value)),
    );
  }

  /** Frees the session; the step cannot be used afterwards. Does not sync. */
  dispose(): Promise<void> {
    this.disposal ??= this.last.catch(() => {}).then(() => this.disposeNow()); // the caller of that step has its error
    return this.disposal;
  }

  /** The graph as text: inputs, one operator a line, results, and the optimizers that run as fused passes behind it. */
  toString(): string {
    const onHost = this.parts.plan.packed.length > 0 ? [] : this.parts.trace.fused;
    const fused = onHost.map(({ kind, entries, maxNorm }) => {
      const clip = maxNorm === null ? '' : `, gradients clipped to global norm ${maxNorm}`;
      return `then ${kind.name} updates ${entries.map(({ variable }) => stateName(variable)).join(' ')}${clip}`;
    });
    return [printGraph(this.parts.plan.graph), ...fused].join('\n');
  }

  private profile(): Promise<readonly OperatorRun[]> {
    return this.inTurn(() => {
      const { device, inputs, plan, stores } = this.parts;
      const zeros = Object.entries(inputs).map(([name, { dtype, shape }]) => [name, emptyTensor(dtype, shape)]);
      const feeds = { ...Object.fromEntries(zeros), ...feedsOf(stores) };
      return profileOf(plan.graph, device.name, this.readFrom(feeds));
    });
  }

  private inTurn<T>(call: () => Promise<T>): Promise<T> {
    const released = this.disposal !== null;
    const result = this.last
      .catch(() => {})
      .then(() => {
        if (released) throw new UsageError('the compiled step was disposed of: compile the function again');
        return call();
      });
    this.last = result;
    return result;
  }

  private async disposeNow(): Promise<void> {
    for (const output of this.waiting.splice(0)) tf.dispose(output as tf.TensorContainer);
    await this.enqueued?.dispose();
    for (const store of this.parts.stores) await store.dispose();
    await this.parts.session.release();
  }

  private async runNow(inputs: Readonly<Record<string, OrtTensor>>): Promise<Output> {
    await this.enqueued?.flush();
    await this.prepare();
    const { plan, session, stores } = this.parts;
    const fetches = Object.fromEntries(
      plan.results.map(({ name, value }) => [name, session.inPlace ? emptyTensor(value.dtype, value.shape) : null]),
    );
    const feeds = this.readFrom({ ...inputs, ...feedsOf(stores) });
    const results = await this.compute(session, feeds, fetches, 1);
    return this.rebuilt(plan.results.map(({ name }) => hostData(named(results, name))));
  }

  private async prepare(): Promise<void> {
    this.parts.watch.assertUnchanged();
    await this.variables.takeOverAssignments();
  }

  /** Runs a graph of so many steps and takes over the state that it gives. */
  private async compute(
    session: Session,
    feeds: Feeds,
    fetches: Readonly<Record<string, OrtTensor | null>>,
    steps: number,
  ): Promise<Feeds> {
    const { stores, watch } = this.parts;
    const wanted = Object.assign({ ...fetches }, ...stores.map((store) => store.fetches()));
    const results = await session.run(feeds, wanted);
    for (const store of stores) store.accept(results, steps);
    watch.countSteps(steps);
    this.ahead = true;
    return results;
  }

  /** What the function returns, of these elements. */
  private rebuilt(data: readonly TensorData[]): Output {
    const { plan, trace } = this.parts;
    const tensors = plan.results.map(({ value }, i) =>
      tf.tensor(nth(data, i), [...value.shape], value.dtype as 'float32' | 'int32' | 'bool'),
    );
    return trace.rebuild(tensors) as Output;
  }

  private readFrom(feeds: Readonly<Record<string, OrtTensor>>): Record<string, OrtTensor> {
    return Object.fromEntries(this.reads.map((name) => [name, named(feeds, name)]));
  }
}

/** The state, and what the host computes anew for each step. */
function feedsOf(stores: readonly StateStore[]): Feeds {
  return Object.assign({}, ...stores.flatMap((store) => [store.feeds(), ...(store.numbers?.(1) ?? [])]));
}
