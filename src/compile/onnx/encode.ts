import {
  ARRAYS,
  type DType,
  exactly,
  type Graph,
  type GraphNode,
  ints,
  type TensorData,
  typed,
  type Value,
} from '../graph/graph';
import { opSpec } from '../graph/ops';
import { FIELD, Message } from './protobuf';

const IR_VERSION = 9;
const OPERATOR_SET = 18;

/** TensorProto.DataType. */
const ELEMENT_TYPE: { readonly [D in DType]: number } = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** An output that is an empty sequence instead of a tensor: see `Session`, which asks for it to have no output copied. */
export const SEQUENCE_OUTPUT = '%sequence';

export interface EncodeOptions {
  /** Puts `SEQUENCE_OUTPUT` in front of the graph's own outputs. Default: false. */
  readonly sequenceFirst?: boolean;
  /** What else the graph is called. Default: `step`. */
  readonly name?: string;
  /** Values of inputs, by name, that become part of the model. Default: none. */
  readonly constants?: ReadonlyMap<string, TensorData>;
  /** The first dimension of inputs and outputs of this size is called `n` and may be any. Default: all sizes are fixed. */
  readonly anyRows?: number;
  /** What outputs are called. Default: as in the graph. */
  readonly outputNames?: ReadonlyMap<string, string>;
}

/** The graph as the bytes of an ONNX ModelProto. Every output must be computed by a node. */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): Uint8Array {
  const { sequenceFirst = false, name = 'step', constants = new Map(), anyRows, outputNames } = options;
  const names = new Names(renamed(graph, outputNames), constants);
  const nodes = graph.nodes.map((node) => encodeNode(node, names, anyRows));
  return Message.encode((model) => {
    model.int(FIELD.model.irVersion, IR_VERSION);
    model.message(FIELD.model.graph, (g) => {
      for (const write of nodes) g.message(FIELD.graph.node, write);
      if (sequenceFirst) writeSequenceOutput(g);
      g.string(FIELD.graph.name, name);
      for (const initializer of names.initializers.values())
        g.message(FIELD.graph.initializer, (m) => writeTensor(m, initializer));
      for (const input of graph.inputs) {
        if (isConstant(input, constants)) continue;
        g.message(FIELD.graph.input, (m) => writeValueInfo(m, names.of(input), input, anyRows));
      }
      for (const { name: output, value } of renamed(graph, outputNames).outputs)
        g.message(FIELD.graph.output, (m) => writeValueInfo(m, output, value, anyRows));
    });
    for (const [domain, version] of operatorSets(graph)) {
      model.message(FIELD.model.opsetImport, (opset) => {
        opset.string(FIELD.opset.domain, domain);
        opset.int(FIELD.opset.version, version);
      });
    }
  });
}

/** ONNX's own operators, and the first version of every other set that is used. */
function operatorSets(graph: Graph): ReadonlyMap<string, number> {
  const others = graph.nodes.flatMap(({ op }) => opSpec(op).of?.domain ?? []);
  return new Map([['', OPERATOR_SET], ...others.map((domain) => [domain, 1] as const)]);
}

function isConstant({ source }: Value, constants: ReadonlyMap<string, TensorData>): boolean {
  return source.kind === 'input' && constants.has(source.name);
}

function renamed(graph: Graph, names: ReadonlyMap<string, string> | undefined): Graph {
  if (!names) return graph;
  return { ...graph, outputs: graph.outputs.map(({ name, value }) => ({ name: names.get(name) ?? name, value })) };
}

/** Names every value once, and collects the constants that are used. */
class Names {
  readonly initializers = new Map<string, Initializer>();
  private readonly named: Map<Value, string>;

  constructor(
    graph: Graph,
    private readonly given: ReadonlyMap<string, TensorData>,
  ) {
    this.named = new Map(graph.outputs.map(({ name, value }) => [value, name]));
  }

  of(value: Value): string {
    const { source } = value;
    if (source.kind === 'input') {
      const data = this.given.get(source.name);
      return data ? this.constant(source.name, value.dtype, value.shape, data) : source.name;
    }
    const name = this.named.get(value) ?? `%${this.named.size}`;
    this.named.set(value, name);
    return source.kind === 'node' ? name : this.constant(name, value.dtype, value.shape, source.data);
  }

  /** A constant that is no value of the graph: an attribute that ONNX wants as an input. Equal ones are written once. */
  literal(dtype: DType, shape: readonly number[], data: TensorData): string {
    return this.constant(`${dtype}[${shape}]{${Array.from(data, exactly)}}`, dtype, shape, data);
  }

  private constant(name: string, dtype: DType, shape: readonly number[], data: TensorData): string {
    if (!this.initializers.has(name)) this.initializers.set(name, { name, dtype, shape, bytes: rawBytes(dtype, data) });
    return name;
  }
}

function rawBytes(dtype: DType, data: TensorData): Uint8Array {
  const wide = dtype === 'int64' ? BigInt64Array.from(data as Int32Array, BigInt) : typed(data, dtype);
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength);
}

function encodeNode(node: GraphNode, names: Names, anyRows: number | undefined): (message: Message) => void {
  const { inputAttributes = [], scalarInputs = [], of } = opSpec(node.op);
  const dtype = node.inputs[0]?.dtype ?? 'float32';
  const inputs = [
    ...node.inputs.map((input) => names.of(input)),
    ...inputAttributes.map((name) => literalIndices(node, name, names, anyRows)),
    ...scalarInputs.map((name) => literalScalar(node, name, dtype, names)),
  ];
  const outputs = node.outputs.map((output) => names.of(output));
  const plain = Object.keys(node.attributes).filter(
    (name) => !inputAttributes.includes(name) && !scalarInputs.includes(name),
  );
  return (message) => {
    for (const input of inputs) message.string(FIELD.node.input, input);
    for (const output of outputs) message.string(FIELD.node.output, output);
    message.string(FIELD.node.opType, of?.name ?? node.op);
    if (of) message.string(FIELD.node.domain, of.domain);
    for (const name of plain) message.message(FIELD.node.attribute, (m) => writeAttribute(m, node, name));
  };
}

function literalIndices(node: GraphNode, name: string, names: Names, anyRows: number | undefined): string {
  const value = node.attributes[name];
  // A lone number (CumSum's axis) is a scalar input.
  if (typeof value === 'number') return names.literal('int64', [], Int32Array.of(value));
  const list = ints(node, name);
  const shape = node.inputs[0]?.shape ?? [];
  const written = anyRows && node.op === 'Reshape' ? forAnyRows(list, shape, anyRows) : list;
  return names.literal('int64', [written.length], Int32Array.from(written));
}

/**
 * A new shape for any number of rows. 0 is the size that the input has there, so that a reshape behind the first axis fits; −1 is whatever is left,
 * for the one axis of which the rows are a part.
 */
function forAnyRows(list: readonly number[], [rows = 0]: readonly number[], anyRows: number): readonly number[] {
  if (list.includes(0)) return list;
  if (rows > 0 && list[0] === rows) return [0, ...list.slice(1)];
  const depends = list.map((size) => size % anyRows === 0);
  const axis = depends.indexOf(true);
  return axis >= 0 && axis === depends.lastIndexOf(true) ? list.with(axis, -1) : list;
}

function literalScalar(node: GraphNode, name: string, dtype: DType, names: Names): string {
  const value = Number(node.attributes[name]);
  return names.literal(dtype, [], ARRAYS[dtype].of(value));
}

function writeAttribute(message: Message, node: GraphNode, name: string): void {
  const value = node.attributes[name];
  message.string(FIELD.attribute.name, name);
  if (node.op === 'Cast') {
    message.int(FIELD.attribute.i, ELEMENT_TYPE[value as DType]);
    message.int(FIELD.attribute.type, ATTRIBUTE_TYPE.int);
  } else if (typeof value === 'string') {
    message.bytes(FIELD.attribute.s, Buffer.from(value));
    message.int(FIELD.attribute.type, ATTRIBUTE_TYPE.string);
  } else if (typeof value === 'number' && opSpec(node.op).floats?.includes(name)) {
    message.float(FIELD.attribute.f, value);
    message.int(FIELD.attribute.type, ATTRIBUTE_TYPE.float);
  } else if (typeof value === 'number') {
    message.int(FIELD.attribute.i, value);
    message.int(FIELD.attribute.type, ATTRIBUTE_TYPE.int);
  } else {
    for (const item of value ?? []) message.int(FIELD.attribute.ints, item);
    message.int(FIELD.attribute.type, ATTRIBUTE_TYPE.ints);
  }
}

function writeTensor(message: Message, { name, dtype, shape, bytes }: Initializer): void {
  for (const n of shape) message.int(FIELD.tensor.dims, n);
  message.int(FIELD.tensor.dataType, ELEMENT_TYPE[dtype]);
  message.string(FIELD.tensor.name, name);
  message.bytes(FIELD.tensor.rawData, bytes);
}

function writeSequenceOutput(graph: Message): void {
  graph.message(FIELD.graph.node, (node) => {
    node.string(FIELD.node.output, SEQUENCE_OUTPUT);
    node.string(FIELD.node.opType, 'SequenceEmpty');
  });
  graph.message(FIELD.graph.output, (info) => {
    info.string(FIELD.valueInfo.name, SEQUENCE_OUTPUT);
    info.message(FIELD.valueInfo.type, (type) =>
      type.message(FIELD.type.sequenceType, (sequence) =>
        sequence.message(FIELD.sequenceType.elemType, (element) =>
          element.message(FIELD.type.tensorType, (tensor) =>
            tensor.int(FIELD.tensorType.elemType, ELEMENT_TYPE.float32),
          ),
        ),
      ),
    );
  });
}

function writeValueInfo(message: Message, name: string, { dtype, shape }: Value, anyRows?: number): void {
  message.string(FIELD.valueInfo.name, name);
  message.message(FIELD.valueInfo.type, (type) =>
    type.message(FIELD.type.tensorType, (tensor) => {
      tensor.int(FIELD.tensorType.elemType, ELEMENT_TYPE[dtype]);
      tensor.message(FIELD.tensorType.shape, (dims) => {
        shape.forEach((n, axis) => {
          const isAny = axis === 0 && n === anyRows;
          dims.message(FIELD.shape.dim, (dim) =>
            isAny ? dim.string(FIELD.dim.dimParam, 'n') : dim.int(FIELD.dim.dimValue, n),
          );
        });
      });
    }),
  );
}
