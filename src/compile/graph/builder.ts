import { nth } from '../../nth';
import type { Attributes, DType, Graph, GraphNode, NamedValue, Shape, TensorData, Value } from './graph';
import { ARRAYS, sameShape, sizeOf } from './graph';
import type { OpName, OpsOf } from './ops';
import { broadcastShapes, dim, frontAxis, range, reducedShape } from './shapes';

/** The type of one result of a node. */
export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

type Unary = OpsOf<'unary'>;
type Binary = OpsOf<'binary'>;

/** What ONNX has for bool; all else is computed as int32 and cast back, as TensorFlow.js computes it. */
const ON_BOOL: ReadonlySet<Unary | Binary> = new Set(['And', 'Identity', 'Not', 'Or', 'Xor']);

/**
 * Outputs of one Split. A WebGPU device need not bind more than eight buffers to one kernel, its input among them, and ONNX Runtime 1.30
 * ends the run where there are more outputs than that.
 */
const MOST_PARTS = 7;

/** Appends operators to a graph and works out the shape and type of each result. */
export class GraphBuilder {
  private readonly inputs: Value[] = [];
  private readonly nodes: GraphNode[] = [];

  /**
   * @param channelBlock how many channels the device's convolutions want side by side (see `lower/blocked`); null where the graph is to
   * run anywhere
   */
  constructor(readonly channelBlock: number | null = null) {}

  graph(outputs: readonly NamedValue[]): Graph {
    return { inputs: this.inputs, nodes: this.nodes, outputs };
  }

  input(name: string, type: ValueType): Value {
    const value: Value = { dtype: type.dtype, shape: type.shape, source: { kind: 'input', name } };
    this.inputs.push(value);
    return value;
  }

  constant(data: TensorData, dtype: DType, shape: Shape): Value {
    return { dtype, shape, source: { kind: 'constant', data } };
  }

  scalar(value: number, dtype: DType = 'float32'): Value {
    return this.constant(ARRAYS[dtype].of(value), dtype, []);
  }

  private empty(dtype: DType, shape: Shape): Value {
    return this.constant(new ARRAYS[dtype](0), dtype, shape);
  }

  /** A constant int32 vector. */
  indices(values: readonly number[], shape: Shape = [values.length]): Value {
    return this.constant(Int32Array.from(values), 'int32', shape);
  }

  /**
   * The node with results of the given types; everything below is this, with the types inferred. Results without elements are known as
   * they are: ONNX Runtime refuses some (windows, zero channels), for others it ends the process. Identity alone stays a node, because an
   * output of the graph must come from one.
   */
  emit(op: OpName, inputs: readonly Value[], attributes: Attributes, types: readonly ValueType[]): readonly Value[] {
    if (op !== 'Identity' && types.every(({ shape }) => sizeOf(shape) === 0))
      return types.map(({ dtype, shape }) => this.empty(dtype, shape));
    const outputs: Value[] = [];
    const node: GraphNode = { op, inputs, attributes, outputs };
    for (const { dtype, shape } of types) outputs.push({ dtype, shape, source: { kind: 'node', node } });
    this.nodes.push(node);
    return outputs;
  }

  /** The value that `op` of these inputs already has here, if the builder keeps track of that. */
  existing(_op: OpName, _inputs: readonly Value[], _attributes: Attributes = {}): Value | null {
    return null;
  }

  one(op: OpName, inputs: readonly Value[], attributes: Attributes, dtype: DType, shape: Shape): Value {
    return nth(this.emit(op, inputs, attributes, [{ dtype, shape }]), 0);
  }

  unary(op: Unary, x: Value, attributes: Attributes = {}): Value {
    if (x.dtype === 'bool' && !ON_BOOL.has(op))
      return this.cast(this.unary(op, this.cast(x, 'int32'), attributes), 'bool');
    return this.one(op, [x], attributes, x.dtype, x.shape);
  }

  binary(op: Binary, a: Value, b: Value, attributes: Attributes = {}): Value {
    if (a.dtype === 'bool' && !ON_BOOL.has(op))
      return this.cast(this.binary(op, this.cast(a, 'int32'), this.cast(b, 'int32'), attributes), 'bool');
    return this.one(op, [a, b], attributes, a.dtype, broadcastShapes(a.shape, b.shape));
  }

  compare(op: OpsOf<'comparison'>, a: Value, b: Value): Value {
    return this.one(op, [a, b], {}, 'bool', broadcastShapes(a.shape, b.shape));
  }

  /** Elementwise test of float32 `x`. */
  test(op: 'IsNaN' | 'IsInf', x: Value): Value {
    return this.one(op, [x], {}, 'bool', x.shape);
  }

  where(condition: Value, a: Value, b: Value): Value {
    // ONNX Runtime has no Where on bool.
    if (a.dtype === 'bool')
      return this.cast(this.where(condition, this.cast(a, 'int32'), this.cast(b, 'int32')), 'bool');
    return this.one('Where', [condition, a, b], {}, a.dtype, broadcastShapes(condition.shape, a.shape, b.shape));
  }

  cast(x: Value, dtype: DType): Value {
    if (x.dtype === dtype) return x;
    return this.one(
      'Cast',
      [x.dtype === 'float32' && dtype === 'int32' ? this.integral(x) : x],
      { to: dtype },
      dtype,
      x.shape,
    );
  }

  /** `x` with 0 for what is no 32-bit integer when it is cut, of which NaN and the infinities are 0 in JavaScript too. */
  private integral(x: Value): Value {
    const fits = this.compare('LessOrEqual', this.unary('Abs', x), this.scalar(2 ** 31));
    return this.where(fits, x, this.scalar(0));
  }

  reduce(op: OpsOf<'reduction'>, x: Value, axes: readonly number[], keepDims: boolean): Value {
    const front = axes.map((axis) => frontAxis(axis, x.shape.length));
    if (front.length === 0) return x;
    return this.one(
      op,
      [x],
      { axes: front, keepdims: keepDims ? 1 : 0 },
      x.dtype,
      reducedShape(x.shape, front, keepDims),
    );
  }

  /** The position of the first largest or smallest element along `axis`, int32. */
  argReduce(op: 'ArgMax' | 'ArgMin', x: Value, axis: number): Value {
    const front = frontAxis(axis, x.shape.length);
    // Of nothing TensorFlow.js has 0, and ONNX Runtime refuses it.
    if (x.shape[front] === 0) return this.fill(0, 'int32', reducedShape(x.shape, [front], false));
    const index = this.one(op, [x], { axis: front, keepdims: 0 }, 'int64', reducedShape(x.shape, [front], false));
    return this.cast(index, 'int32');
  }

  matMul(a: Value, b: Value): Value {
    if (a.dtype === 'bool') return this.cast(this.matMul(this.cast(a, 'int32'), this.cast(b, 'int32')), 'bool');
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.one('MatMul', [a, b], {}, a.dtype, [...batch, dim(a.shape, -2), dim(b.shape, -1)]);
  }

  reshape(x: Value, shape: Shape): Value {
    // To ONNX, 0 means the length that the axis has already, unless told otherwise.
    const attributes = shape.includes(0) ? { shape, allowzero: 1 } : { shape };
    return sameShape(x.shape, shape) ? x : this.one('Reshape', [x], attributes, x.dtype, shape);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.one(
      'Transpose',
      [x],
      { perm },
      x.dtype,
      perm.map((axis) => dim(x.shape, axis)),
    );
  }

  /** `x` with its last two axes exchanged. */
  transposeLast(x: Value): Value {
    const rank = x.shape.length;
    return this.transpose(x, [...range(rank - 2), rank - 1, rank - 2]);
  }

  expand(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.one('Expand', [x], { shape }, x.dtype, shape);
  }

  fill(value: number, dtype: DType, shape: Shape): Value {
    return this.expand(this.scalar(value, dtype), shape);
  }

  concat(xs: readonly Value[], axis: number): Value {
    const first = nth(xs, 0);
    if (xs.length === 1) return first;
    const total = xs.reduce((sum, x) => sum + dim(x.shape, axis), 0);
    return this.one(
      'Concat',
      xs,
      { axis },
      first.dtype,
      first.shape.map((n, i) => (i === axis ? total : n)),
    );
  }

  /** `x[starts:ends:steps]` on every axis; a negative step runs down to and without `end` (−1 means past the front). */
  slice(
    x: Value,
    starts: readonly number[],
    ends: readonly number[],
    steps: readonly number[] = starts.map(() => 1),
  ): Value {
    const counts = starts.map((start, i) => Math.max(0, Math.ceil((nth(ends, i) - start) / nth(steps, i))));
    // Backwards by index: ONNX Runtime 1.30's WebGPU Slice is off by one for negative steps.
    const turned = steps.reduce<Value>((value, step, axis) => {
      if (step > 0) return value;
      const index = range(nth(counts, axis)).map((i) => nth(starts, axis) + i * step);
      return this.gather(value, this.indices(index), axis);
    }, x);
    const forward = <T>(own: readonly T[], whole: (axis: number) => T): T[] =>
      own.map((value, axis) => (nth(steps, axis) > 0 ? value : whole(axis)));
    const from = forward(starts, () => 0);
    const to = forward(ends, (axis) => nth(counts, axis));
    const by = forward(steps, () => 1);
    if (sameShape(counts, turned.shape) && by.every((step) => step === 1)) return turned;
    // Only the axes that get shorter are named: a graph for any number of rows does not depend on how many there are.
    const axes = range(starts.length).filter((axis) => counts[axis] !== turned.shape[axis] || by[axis] !== 1);
    const on = (values: readonly number[]): number[] => axes.map((axis) => nth(values, axis));
    const attributes = { starts: on(from), ends: on(to), axes, steps: on(by) };
    return this.one('Slice', [turned], attributes, x.dtype, counts);
  }

  split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
    if (sizes.length > MOST_PARTS) {
      let end = 0;
      return sizes.map((n) => {
        const start = end;
        end += n;
        return this.slice(
          x,
          x.shape.map((_, i) => (i === axis ? start : 0)),
          x.shape.map((m, i) => (i === axis ? end : m)),
        );
      });
    }
    const types = sizes.map((n) => ({ dtype: x.dtype, shape: x.shape.map((m, i) => (i === axis ? n : m)) }));
    return this.emit('Split', [x], { axis, split: sizes }, types);
  }

  pad(x: Value, before: readonly number[], after: readonly number[], value = 0): Value {
    if ([...before, ...after].every((n) => n === 0)) return x;
    const shape = x.shape.map((n, i) => n + nth(before, i) + nth(after, i));
    return this.one('Pad', [x], { pads: [...before, ...after], value }, x.dtype, shape);
  }

  /** `x` taken at `index` (int32, any shape) along `axis`. */
  gather(x: Value, index: Value, axis: number): Value {
    const shape = [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)];
    return this.one('Gather', [x, index], { axis }, x.dtype, shape);
  }
}
