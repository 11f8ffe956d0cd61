import { Tensor } from 'onnxruntime-node';
import { binding, initOrt } from 'onnxruntime-node/dist/binding';
import type { GraphNode, TensorData, Value } from '../../../src/compile/graph/graph';
import { dtypeOf } from '../../../src/compile/lower/creation';
import { encodeModel } from '../../../src/compile/onnx/encode';
import { plainOutputs } from '../../../src/compile/plan';
import type { DeviceName } from '../../../src/compile/runtime/devices';
import { limitOf } from '../../../src/compile/runtime/limits';
import { emptyTensor, hostTensor } from '../../../src/compile/runtime/tensors';
import { simplify } from '../../../src/compile/simplify/simplify';
import { registerKernels, TraceBackend, type TracedData } from '../../../src/compile/trace/backend';
import { UsageError } from '../../../src/errors';
import { tf } from '../../../src/tensors';

export const COMPILED_BACKEND = 'gmm-vae-compiled';

/**
 * A tfjs backend that records like the tracer and, when a value is read, compiles all operations behind it and runs them in
 * ONNX Runtime. Uploaded numbers are inputs of the graph, so that nothing is folded away before it runs.
 */
export class CompiledBackend extends TraceBackend {
  /** Graphs run since the start. */
  static runs = 0;
  private readonly uploads = new Map<Value, { readonly name: string; readonly data: TensorData }>();
  private readonly computed = new Map<Value, TensorData>();

  constructor(private readonly device: DeviceName) {
    super();
    this.start();
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): TracedData {
    const type = dtypeOf(dtype);
    const make = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[type];
    const data = make.from(values as ArrayLike<number>);
    // Without elements there is nothing to upload; the graph holds such a tensor as a constant.
    if (data.length === 0) return this.dataOf(this.builder.constant(data, type, shape));
    const name = `upload${this.uploads.size}`;
    const value = this.builder.input(name, { dtype: type, shape });
    this.uploads.set(value, { name, data });
    return this.dataOf(value);
  }

  override readSync(dataId: object): never {
    // TensorFlow.js's own signature returns the values; the tracer's, which never has any, is `never`.
    return this.evaluate(this.symbolOf({ dataId, shape: [], dtype: 'float32' })) as never;
  }

  override read(dataId: object): never {
    return Promise.resolve(dataId).then((id) => this.readSync(id)) as never;
  }

  private evaluate(value: Value): TensorData {
    const known = this.computed.get(value) ?? this.uploads.get(value)?.data;
    if (known) return known;
    const result = this.run(value);
    this.computed.set(value, result);
    return result;
  }

  private run(value: Value): TensorData {
    const nodes = nodesBehind(value);
    const inputs = [...this.uploads.keys()];
    const graph = plainOutputs(simplify({ inputs, nodes, outputs: [{ name: 'result', value }] }));
    const limit = limitOf(graph, this.device);
    if (limit !== null) throw new UsageError(limit);
    CompiledBackend.runs++;
    initOrt();
    const session = new binding.InferenceSession();
    const model = encodeModel(graph);
    session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, {
      executionProviders: [this.device],
      intraOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    const feeds = graph.inputs.map((input) => {
      const upload = this.uploads.get(input);
      if (!upload) throw new Error('an input that was never uploaded');
      return [upload.name, hostTensor(upload.data, input.dtype, input.shape)] as const;
    });
    const { result } = session.run(Object.fromEntries(feeds), { result: null }, {});
    session.dispose();
    if (!(result instanceof Tensor)) throw new Error('no result');
    return (result.size === 0 ? emptyTensor(value.dtype, value.shape) : result).data as TensorData;
  }
}

/** The nodes that `value` depends on, inputs first. */
function nodesBehind(value: Value): readonly GraphNode[] {
  const found = new Set<GraphNode>();
  const visit = ({ source }: Value): void => {
    if (source.kind !== 'node' || found.has(source.node)) return;
    source.node.inputs.forEach(visit);
    found.add(source.node);
  };
  visit(value);
  return [...found];
}

export function registerCompiledBackend(device: DeviceName): void {
  tf.registerBackend(COMPILED_BACKEND, () => new CompiledBackend(device), 0);
  registerKernels(COMPILED_BACKEND);
}
