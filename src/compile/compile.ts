import { InvalidArgumentError, UsageError } from '../errors';
import { tf } from '../tensors';
import { type InputSpec, inputTypes } from './feeds';
import type { ValueType } from './graph/builder';
import type { TensorData } from './graph/graph';
import { encodeModel } from './onnx/encode';
import { optimizerVariables } from './optimizers/kinds';
import { type Plan, plan, type Updates } from './plan';
import { channelBlock } from './runtime/channel-block';
import { chooseDevice, type Device, type DeviceName } from './runtime/devices';
import { firstValues, firstValuesNow } from './runtime/first-values';
import { limitOf } from './runtime/limits';
import { Session } from './runtime/session';
import { checkStepsPerRun } from './runtime/steps-per-run';
import { checkThreads } from './runtime/threads';
import type { Rule } from './simplify/rule';
import { RULES, WEBGPU_RULES } from './simplify/simplify';
import { assertThere, makeState } from './state';
import { CompiledStep } from './step';
import { ReadsFusedUpdate } from './trace/backend';
import { assertSameLater, assertSameTrace } from './trace/purity';
import type { StepOutput } from './trace/structure';
import { trace } from './trace/trace';
import type { Trace, TracedFunction, TraceOptions } from './trace/traced';
import { OptimizerWatch } from './watch';

/**
 * Where a compiled step runs, and on how many threads.
 *
 * @example
 * ```ts
 * import { type CompileOptions } from 'gmm-vae';
 *
 * const options: CompileOptions<'x' | 'noise'> = {
 *   device: 'cpu',
 *   inputs: { x: [100, 784], noise: { shape: [100, 2], dtype: 'float32' } },
 *   threads: 1,
 * };
 * options.device; // 'cpu'
 * ```
 */
export interface CompileOptions<Inputs extends string> {
  /** `auto` takes the fastest that works; one asked for by name is taken or refused, never replaced. Default `cpu`. */
  readonly device?: DeviceName | 'auto';
  readonly inputs: Readonly<Record<Inputs, InputSpec>>;
  /** Threads on `cpu`, 1024 at most; default the number of cores. The same number gives the same bits. */
  readonly threads?: number;
  /** `false` encodes the graph as traced, to compare with. */
  readonly simplify?: boolean;
  /**
   * Whether an update by a known optimizer is taken from the graph as traced and written as one pass over all variables: `host` after the
   * graph's run, `packed` at its end, and `false` not at all. Default: `host` on `cpu`, `packed` on `webgpu`, `false` on `cuda`.
   */
  readonly fuse?: Updates | false;
  /**
   * Enqueued steps that a GPU is given at once, as one graph, for small steps that the host cannot hand over as fast as they are computed.
   * The numbers are the same. Without effect on `cpu` and `cuda`. Default: 1.
   */
  readonly stepsPerRun?: number;
}

const FUSE: { readonly [D in DeviceName]: Updates | false } = { cpu: 'host', webgpu: 'packed', cuda: false };

/**
 * Compiles a training step, or any function of tensors over `tf.variable`s, to one ONNX graph that ONNX Runtime runs.
 *
 * `fn` is called a few times now, on symbols without values, and never again: what it does besides tensor operations happens now.
 * It must not read values, draw random numbers, create variables (an optimizer's own excepted) or change its mind from
 * call to call. The same `fn` also runs eagerly.
 *
 * @throws UsageError for what cannot be compiled, saying what to do instead, and for a device that is not there; InvalidArgumentError for options
 *   that are none
 *
 * @example
 * ```ts
 * import { compile, tf } from 'gmm-vae';
 *
 * const weights = tf.variable(tf.tensor2d([[1], [2]]));
 * const adam = tf.train.adam(0.1);
 * const loss = (x: tf.Tensor) => tf.mean(tf.square(tf.matMul(x, weights))) as tf.Scalar;
 *
 * const step = await compile(({ x }) => ({ loss: adam.minimize(() => loss(x), true) as tf.Scalar }), {
 *   inputs: { x: [2, 2] },
 * });
 * const first = await step.run({ x: Float32Array.of(1, 0, 0, 1) });
 * first.loss.dataSync(); // [2.5]
 * // The variables then hold what the step has made of them.
 * await step.sync();
 * weights.dataSync(); // [0.900001, 1.9]
 * await step.dispose();
 * ```
 */
export async function compile<Inputs extends string, Output extends StepOutput>(
  fn: (inputs: Record<Inputs, tf.Tensor>) => Output,
  options: CompileOptions<Inputs>,
): Promise<CompiledStep<Inputs, Output>> {
  const step = inTurn.then(() => compileNow(fn, options));
  // Whoever made this call has its error; and the step itself is not held on to here.
  inTurn = step.then(
    () => {},
    () => {},
  );
  return step;
}

/** One compilation at a time: until an optimizer's new slots have their first values, they hold symbols that no other can read. */
let inTurn: Promise<unknown> = Promise.resolve();

async function compileNow<Inputs extends string, Output extends StepOutput>(
  fn: (inputs: Record<Inputs, tf.Tensor>) => Output,
  options: CompileOptions<Inputs>,
): Promise<CompiledStep<Inputs, Output>> {
  if (typeof fn !== 'function') throw new InvalidArgumentError('fn', `expected a function, got ${String(fn)}`);
  const { threads, simplify = true, fuse, stepsPerRun = 1 } = options ?? {};
  checkThreads(threads);
  checkStepsPerRun(stepsPerRun);
  const inputs = inputTypes(options?.inputs);
  let device = await chooseDevice(options.device ?? 'cpu');
  const blockOnCpu = await channelBlock();
  const traced = fn as unknown as TracedFunction;
  const first = trace(traced, inputs);
  let final: Trace;
  let planned: Plan;
  try {
    const initials = first.created.map(({ initial }) => initial);
    // Without waiting where that goes: while we wait, others find symbols in the optimizers' slots.
    assignFirst(first.created, firstValuesNow(initials) ?? (await firstValues(initials)));
    const retrace: Retrace = (fused, stepsAhead = 0) => {
      const block = device.name === 'cpu' ? blockOnCpu : null;
      return traceAgain(traced, inputs, { fuse: fused, channelBlock: block, stepsAhead });
    };
    ({ final, planned } = finalTrace(retrace, fuse ?? FUSE[device.name], simplify && rulesFor(device)));
    const limit = limitOf(planned.graph, device.name);
    if (limit !== null) {
      if (options.device !== 'auto') throw new UsageError(`${limit}; use device cpu`);
      device = { name: 'cpu', reason: `${device.reason}, but ${limit}` };
      ({ final, planned } = finalTrace(retrace, fuse ?? FUSE.cpu, simplify && rulesFor(device)));
    }
    if (planned.graph.outputs.length === 0)
      throw new UsageError('the function returns no tensor and changes no variable: there is nothing to compile');
  } catch (error) {
    first.discard();
    throw error;
  }
  // From here on others may run: the optimizers are watched from what they were when they were traced.
  const watch = new OptimizerWatch(final, planned.packed);
  const onDevice = device.name === 'webgpu' ? statesOf(planned) : [];
  const inPlace = device.name === 'cpu';
  const model = encodeModel(planned.graph, { sequenceFirst: inPlace });
  const session = await Session.create(model, { device: device.name, threads, onDevice, inPlace });
  try {
    const state = await makeState(final, planned, device.name);
    return new CompiledStep({ device, inputs, plan: planned, trace: final, session, watch, stepsPerRun, ...state });
  } catch (error) {
    await session.release();
    throw error;
  }
}

const rulesFor = ({ name }: Device): readonly Rule[] => (name === 'webgpu' ? WEBGPU_RULES : RULES);

/** The graph's outputs that are the next values of variables and slots. */
function statesOf({ state, packed }: Plan): readonly string[] {
  const arrays = packed.flatMap(({ slots }) => slots.map(({ next }) => next.name));
  return [...state.flatMap(({ output }) => output ?? []), ...arrays];
}

/** Gives the optimizer slots that the first trace has made their first values. */
function assignFirst(created: Trace['created'], values: readonly TensorData[]): void {
  created.forEach(({ variable }, i) => {
    assertThere(variable);
    const value = tf.tensor(values[i] ?? [], variable.shape, variable.dtype);
    variable.assign(value);
    value.dispose();
  });
}

/** A trace after the first, which makes no variables. */
function traceAgain(fn: TracedFunction, inputs: Record<string, ValueType>, options: TraceOptions): Trace {
  const again = trace(fn, inputs, options);
  if (again.created.length === 0) return again;
  again.discard();
  throw new UsageError('the function creates a tf.variable at every call: create it before compile()');
}

type Retrace = (fuse: boolean, stepsAhead?: number) => Trace;

/** Steps after which a schedule that depends on their number is at another place, whatever its period: a large prime. */
const LATER = 1_000_003;

/** The trace to compile, with optimizers fused if nothing in the function prevents it. */
function finalTrace(
  retrace: Retrace,
  fuse: Updates | false,
  rules: readonly Rule[] | false,
): { final: Trace; planned: Plan } {
  try {
    const final = retrace(fuse !== false);
    assertSameTrace(final, retrace(fuse !== false));
    if (final.asksForSteps) assertSameLater(final, () => retrace(fuse !== false, LATER));
    const planned = plan(final, rules || null, fuse || 'host');
    const slots = new Set(final.fused.flatMap(({ kind, optimizer }) => optimizerVariables(kind, optimizer)));
    if (planned.state.some(({ variable }) => slots.has(variable))) throw new ReadsFusedUpdate();
    return { final, planned };
  } catch (error) {
    if (fuse !== false && error instanceof ReadsFusedUpdate) return finalTrace(retrace, false, rules);
    throw error;
  }
}
