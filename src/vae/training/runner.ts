import { compile } from '../../compile/compile';
import type { DeviceName } from '../../compile/runtime/devices';
import { checkThreads } from '../../compile/runtime/threads';
import { tf } from '../../tensors';

/**
 * Where tensor functions run: `eager` in TensorFlow.js, the others compiled for that device, `auto` for the fastest that is
 * there. All compute the same.
 */
export type TrainingDevice = 'eager' | DeviceName | 'auto';

/** A function of tensors for inputs of one shape, with values in and values out. */
export interface Runner<Inputs extends string, Outputs extends string> {
  /** Row-major values of every input; returns those of every output. */
  run(inputs: Readonly<Record<Inputs, Float32Array>>): Promise<Readonly<Record<Outputs, Float32Array>>>;
  /** Like `run`, but nobody waits for what comes out before `collect`. */
  enqueue(inputs: Readonly<Record<Inputs, Float32Array>>): Promise<void>;
  /** What the calls of `enqueue` since the last one returned, in order. */
  collect(): Promise<readonly Readonly<Record<Outputs, Float32Array>>[]>;
  /** Brings the variables that the function assigns up to date with the calls made. */
  sync(): Promise<void>;
  dispose(): Promise<void>;
}

export interface RunnerOptions<Inputs extends string> {
  readonly device: TrainingDevice;
  /** Threads on `cpu`; the same number gives the same bits. Default: the number of cores. */
  readonly threads?: number | undefined;
  /** Calls of `enqueue` that a GPU is given at once. Default: 1. */
  readonly stepsPerRun?: number | undefined;
  readonly inputs: Readonly<Record<Inputs, readonly number[]>>;
}

/** @throws UsageError when the device is not there; InvalidArgumentError on an impossible number of threads */
export async function makeRunner<Inputs extends string, Outputs extends string>(
  fn: (inputs: Record<Inputs, tf.Tensor>) => Record<Outputs, tf.Tensor>,
  { device, threads, stepsPerRun = 1, inputs }: RunnerOptions<Inputs>,
): Promise<Runner<Inputs, Outputs>> {
  checkThreads(threads);
  if (device === 'eager') {
    const run = async (values: Readonly<Record<Inputs, Float32Array>>) => {
      const made = tf.tidy(() => {
        const tensors = map(inputs, (shape, name) => tf.tensor(values[name], [...shape], 'float32'));
        return { ...fn(tensors) };
      });
      return read(made);
    };
    const waiting: Readonly<Record<Outputs, Float32Array>>[] = [];
    return {
      run,
      enqueue: async (values) => void waiting.push(await run(values)),
      collect: async () => waiting.splice(0),
      sync: async () => {},
      dispose: async () => {},
    };
  }
  const compiled = await compile(fn, { device, inputs, stepsPerRun, ...(threads === undefined ? {} : { threads }) });
  return {
    run: async (values) => read(await compiled.run(values)),
    enqueue: (values) => compiled.enqueue(values),
    collect: async () => (await compiled.collect()).map(read),
    sync: () => compiled.sync(),
    dispose: () => compiled.dispose(),
  };
}

/** The values of each tensor, which is freed. */
function read<Name extends string>(tensors: Record<Name, tf.Tensor>): Record<Name, Float32Array> {
  const values = map(tensors, (tensor) => tensor.dataSync<'float32'>());
  tf.dispose(tensors);
  return values;
}

function map<Name extends string, From, To>(
  record: Readonly<Record<Name, From>>,
  change: (value: From, name: Name) => To,
): Record<Name, To> {
  const entries = (Object.entries(record) as [Name, From][]).map(([name, value]) => [name, change(value, name)]);
  return Object.fromEntries(entries) as Record<Name, To>;
}
