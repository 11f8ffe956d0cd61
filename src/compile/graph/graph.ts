import type { OpName } from './ops';

/** Element types of the graph. `int64` appears only between an index-producing operator and the cast behind it. */
export type DType = 'float32' | 'int32' | 'int64' | 'bool';
export type Shape = readonly number[];
/** The elements of a constant: bool as 0/1 bytes, int64 as int32 (all are small shape or index values). */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** The array that holds the elements of each type; 64-bit integers are shapes and axes, which fit into 32 bits. */
export const ARRAYS: {
  readonly float32: Float32ArrayConstructor;
  readonly int32: Int32ArrayConstructor;
  readonly int64: Int32ArrayConstructor;
  readonly bool: Uint8ArrayConstructor;
} = { float32: Float32Array, int32: Int32Array, int64: Int32Array, bool: Uint8Array };

/** The same elements in the type's own array: TensorFlow.js lets a tensor that was cast to float32 share the integers that it was cast from. */
export function typed(data: TensorData, dtype: DType): TensorData {
  return data instanceof ARRAYS[dtype] ? data : ARRAYS[dtype].from(data);
}

export type Attribute = number | string | readonly number[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** One typed tensor of the graph, with a static shape. Values are told apart by identity: a graph may hold those of several builders. */
export interface Value {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly source: Source;
}

export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly data: TensorData }
  | { readonly kind: 'node'; readonly node: GraphNode };

/** One ONNX operator applied to values. */
export interface GraphNode {
  readonly op: OpName;
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value;
}

/** A traced function: `nodes` in an order in which every input is defined before it is used. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly NamedValue[];
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}

/** A number as text that no other number has: −0, which JavaScript and JSON write like 0, and what JSON cannot write, included. */
export function exactly(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The constant's elements, or null if `value` is computed or an input. */
export function constantData(value: Value): TensorData | null {
  return value.source.kind === 'constant' ? value.source.data : null;
}

/** The node that computes `value`, if it is an `op`. */
export function producer(value: Value, op: OpName): GraphNode | null {
  return value.source.kind === 'node' && value.source.node.op === op ? value.source.node : null;
}

/** An integer-list attribute; throws if the node does not carry it, which would be a fault of the lowering. */
export function ints(node: GraphNode, name: string): readonly number[] {
  const value = node.attributes[name];
  if (!Array.isArray(value)) throw new Error(`${node.op} carries no integer list '${name}'`);
  return value;
}
