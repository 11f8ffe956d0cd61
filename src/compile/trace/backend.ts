import { UsageError } from '../../errors';
import { tf } from '../../tensors';
import { GraphBuilder, type ValueType } from '../graph/builder';
import { ARRAYS, type DType, type TensorData, type Value } from '../graph/graph';
import { printType } from '../graph/print';
import { dtypeOf } from '../lower/creation';
import { loweringOf, SUPPORTED_KERNELS, type SupportedKernel } from '../lower/table';
import { bits } from '../runtime/tensors';

export const TRACE_BACKEND = 'gmm-vae-trace';

/** What stands behind a tensor while a function is traced: the value of the graph instead of numbers. */
export class TracedData {
  references = 1;

  constructor(
    readonly value: Value,
    /** The graph that `value` belongs to. */
    readonly graph: GraphBuilder,
    /** Set for a variable whose new value the graph does not hold, because a fused optimizer computes it afterwards. */
    readonly updatedOutside: boolean,
  ) {}
}

/** Thrown when a traced function reads what a fused optimizer will only compute after the graph has run. */
export class ReadsFusedUpdate extends Error {}

/** tfjs operators that draw numbers, by the name of the scope that each opens. */
const RANDOM_OPS = /^(rand|truncatedNormal|multinomial|dropout)/;

/** A tfjs backend whose kernels write a graph instead of computing. One trace at a time: tfjs's engine is global. */
export class TraceBackend extends tf.KernelBackend {
  private graph: GraphBuilder | null = null;
  /** Constants for tensors from before the trace: TensorFlow.js lets a reshape or a cast share its argument's data. */
  private readonly outside = new Map<object, Map<string, Value>>();
  private asked: UsageError | null = null;

  /** Starts a new graph. @param channelBlock see `GraphBuilder` */
  start(channelBlock: number | null = null): GraphBuilder {
    this.outside.clear();
    this.asked = null;
    this.graph = new GraphBuilder(channelBlock);
    return this.graph;
  }

  stop(): void {
    this.graph = null;
    this.outside.clear();
  }

  get builder(): GraphBuilder {
    if (this.graph === null) throw new Error('the trace backend is used outside compile()');
    return this.graph;
  }

  /** The value behind a tensor; a tensor made before the trace becomes a constant. */
  symbolOf(info: tf.TensorInfo): Value {
    const data: object = info.dataId;
    if (data instanceof TracedData) {
      if (data.updatedOutside) throw new ReadsFusedUpdate();
      if (data.graph !== this.builder) throw earlierCallError(data);
      return data.value;
    }
    const views = this.outside.get(data) ?? new Map<string, Value>();
    const view = printShape(info.dtype, info.shape);
    const known = views.get(view);
    if (known) return known;
    if (!tf.engine().state.tensorInfo.has(data)) {
      throw new UsageError(
        `the function uses a ${info.dtype}[${info.shape}] tensor that was disposed of before: make it outside of tf.tidy, or tf.keep it there`,
      );
    }
    const value = this.constantOf(tf.engine().readSync(info.dataId) as TensorData, info);
    this.outside.set(data, views.set(view, value));
    return value;
  }

  /** What stands for `value` behind a tensor. */
  dataOf(value: Value, updatedOutside = false): TracedData {
    return new TracedData(value, this.builder, updatedOutside);
  }

  tensorInfo(value: Value): tf.TensorInfo {
    return { dataId: this.dataOf(value), shape: [...value.shape], dtype: value.dtype as tf.DataType };
  }

  private constantOf(values: ArrayLike<number>, { shape, dtype }: Pick<tf.TensorInfo, 'shape' | 'dtype'>): Value {
    const type = dtypeOf(dtype);
    const data = ARRAYS[type].from(values);
    return this.builder.constant(type === 'bool' ? bits(data as Uint8Array) : data, type, shape);
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): TracedData {
    const random = tf.engine().state.scopeStack.find(({ name }) => RANDOM_OPS.test(name ?? ''));
    if (random) {
      throw new UsageError(
        `${random.name.replace('__op', '')}() inside a compiled function would draw once and repeat the same numbers in every step: ` +
          'draw them outside and pass them to run() as an input',
      );
    }
    return this.dataOf(this.constantOf(values as ArrayLike<number>, { shape, dtype }));
  }

  override readSync(dataId: object): never {
    throw readError(dataId);
  }

  /** Never settles within a trace: the function may not wait for it, and a rejection that it does not wait for would end the process. */
  override read(dataId: object): Promise<never> {
    if (this.graph === null) return Promise.reject(readError(dataId));
    this.asked ??= readError(dataId);
    return new Promise(() => {});
  }

  /** Throws if the function asked for a value without waiting for it. */
  assertNothingAsked(): void {
    if (this.asked) throw this.asked;
  }

  override incRef(dataId: object): void {
    if (dataId instanceof TracedData) dataId.references++;
    // A variable was assigned a tensor from before the trace: the reference belongs to that tensor's own backend.
    else tf.engine().state.tensorInfo.get(dataId)?.backend.incRef(dataId);
  }

  override disposeData(dataId: object): boolean {
    return dataId instanceof TracedData ? --dataId.references <= 0 : true;
  }

  override refCount(dataId: object): number {
    return dataId instanceof TracedData ? dataId.references : 0;
  }

  override numDataIds(): number {
    return 0;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return false;
  }

  override dispose(): void {
    this.stop();
  }
}

function readError(dataId: object): UsageError {
  const value = dataId instanceof TracedData ? ` of ${printType(dataId.value)}` : '';
  return new UsageError(
    `a value${value} is read (data, dataSync, array or print) inside a compiled function, where tensors have no values yet: ` +
      'return the tensor and read it from the result of run(), or choose with tf.where',
  );
}

function earlierCallError({ value }: TracedData): UsageError {
  return new UsageError(
    `the function uses a ${printType(value)} tensor that it made or was given in an earlier call, as if it kept tensors from step to step: ` +
      'keep what the next step needs in a tf.variable that is made before compile(), or pass it to run()',
  );
}

/** The backend, registered on first use; once per process, because tfjs's registry is global. */
export function traceBackend(): TraceBackend {
  const existing = tf.findBackend(TRACE_BACKEND);
  if (existing instanceof TraceBackend) return existing;
  const backend = new TraceBackend();
  tf.registerBackend(TRACE_BACKEND, () => backend, 0);
  registerKernels(TRACE_BACKEND);
  return backend;
}

/** Registers, under every kernel name that tfjs knows, its lowering or an error. */
export function registerKernels(backendName: string): void {
  const names = new Set<string>([
    ...tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName),
    ...SUPPORTED_KERNELS,
  ]);
  for (const kernelName of names) tf.registerKernel({ kernelName, backendName, kernelFunc: recorder(kernelName) });
}

type KernelFunc = Parameters<typeof tf.registerKernel>[0]['kernelFunc'];

function recorder(kernel: string): KernelFunc {
  const supported: ReadonlySet<string> = new Set(SUPPORTED_KERNELS);
  if (!supported.has(kernel)) return ({ inputs }) => unsupported(kernel, inputs);
  const lower = loweringOf(kernel as SupportedKernel);
  return ({ inputs, attrs, backend }) => {
    const trace = backend as TraceBackend;
    const values = Array.isArray(inputs)
      ? (inputs as tf.TensorInfo[]).map((info) => trace.symbolOf(info))
      : Object.fromEntries(
          Object.entries(inputs).flatMap(([name, info]) => (info ? [[name, trace.symbolOf(info)]] : [])),
        );
    const result = lower(trace.builder, values, attrs ?? {});
    return isList(result) ? result.map((value) => trace.tensorInfo(value)) : trace.tensorInfo(result);
  };
}

function isList(result: Value | readonly Value[]): result is readonly Value[] {
  return Array.isArray(result);
}

function unsupported(kernel: string, inputs: tf.NamedTensorInfoMap): never {
  const shapes = Object.entries(inputs).flatMap(([name, info]) =>
    // Some kernels take lists of tensors, which tfjs's types do not show.
    [info ?? []].flat().map(({ dtype, shape }) => `${name}: ${printShape(dtype, shape)}`),
  );
  throw new UsageError(
    RANDOM_OPS.test(kernel.toLowerCase())
      ? `${kernel} draws random numbers, which a compiled function cannot: draw them outside and pass them to run() as an input`
      : `the kernel ${kernel}(${shapes.join(', ')}) cannot be compiled. Supported: ${SUPPORTED_KERNELS.join(' ')}`,
  );
}

function printShape(dtype: tf.DataType, shape: readonly number[]): string {
  const known: ReadonlySet<string> = new Set<DType>(['float32', 'int32', 'bool']);
  return known.has(dtype) ? printType({ dtype: dtype as DType, shape }) : `${dtype}[${shape.join(',')}]`;
}

/** A graph value as tfjs sees it. */
export function placeholder(backend: TraceBackend, name: string, type: ValueType): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(backend.builder.input(name, type)), backend);
}
