import { InvalidArgumentError } from '../errors';
import { tf } from '../tensors';
import type { ValueType } from './graph/builder';
import { sizeOf, type TensorData } from './graph/graph';
import { printType } from './graph/print';
import { dtypeOf } from './lower/creation';
import type { OrtTensor } from './runtime/session';
import { hostTensor } from './runtime/tensors';

/** A value for an input of a step: a tensor, or its elements. */
export type Feed = tf.Tensor | Float32Array | Int32Array | Uint8Array;

/** The shape and type of an input: a shape (float32), both, or an example tensor. */
export type InputSpec = readonly number[] | { readonly shape: readonly number[]; readonly dtype?: tf.DataType };

/** The declared inputs' types; throws for what is none. */
export function inputTypes(specs: Readonly<Record<string, InputSpec>>): Record<string, ValueType> {
  if (typeof specs !== 'object' || specs === null)
    throw new InvalidArgumentError('inputs', `expected a record of shapes, got ${String(specs)}`);
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, inputType(name, spec)]));
}

function inputType(name: string, spec: InputSpec): ValueType {
  const refuse = (expected: string, got: string): never => {
    throw new InvalidArgumentError(`inputs.${name}`, `expected ${expected}, got ${got}`);
  };
  // In the graph, variables begin with @, intermediate values with %, and results are two words.
  if (!/^[^@%\s]\S*$/.test(name)) refuse('a name without spaces that does not begin with @ or %', `'${name}'`);
  const { shape, dtype = 'float32' } = Array.isArray(spec)
    ? { shape: spec }
    : (Object(spec) as Exclude<InputSpec, readonly number[]>);
  if (!Array.isArray(shape)) return refuse('a shape, a shape with a type, or a tensor', String(spec));
  if (!shape.every((n) => Number.isInteger(n) && n >= 0)) refuse('a shape of whole numbers', `[${shape.join(', ')}]`);
  return { dtype: dtypeOf(dtype), shape: [...shape] };
}

/** What ONNX Runtime is given for the declared inputs; throws for one that is missing, unknown or of another type or shape. */
export function feedTensors(
  types: Readonly<Record<string, ValueType>>,
  inputs: Readonly<Record<string, Feed>>,
): Record<string, OrtTensor> {
  const unknown = Object.keys(inputs ?? {}).find((name) => !Object.hasOwn(types, name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      `inputs.${unknown}`,
      `no such input; compiled for ${Object.keys(types).join(', ') || 'none'}`,
    );
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, feedTensor(name, type, inputs?.[name])]),
  );
}

function feedTensor(name: string, type: ValueType, feed: Feed | undefined): OrtTensor {
  const fits =
    elementType(feed) === type.dtype &&
    (feed instanceof tf.Tensor ? String(feed.shape) === String(type.shape) : feed?.length === sizeOf(type.shape));
  if (!fits) {
    const hint =
      elementType(feed) === type.dtype ? ': a step runs for one shape only, compile another for this one' : '';
    throw new InvalidArgumentError(
      `inputs.${name}`,
      `expected ${printType(type)} as compiled, got ${describe(feed)}${hint}`,
    );
  }
  return hostTensor(ownMemory(feed instanceof tf.Tensor ? feed.dataSync() : feed), type.dtype, type.shape);
}

/** ONNX Runtime for Node refuses memory that is shared between threads: from there the elements are copied. */
function ownMemory(feed: unknown): TensorData {
  const data = feed as TensorData;
  return data.buffer instanceof SharedArrayBuffer ? data.slice() : data;
}

/** The element type that a feed stands for, null if it is none or was disposed of. */
function elementType(feed: Feed | undefined): string | null {
  if (feed instanceof tf.Tensor) return feed.isDisposed ? null : feed.dtype;
  if (feed instanceof Float32Array) return 'float32';
  if (feed instanceof Int32Array) return 'int32';
  return feed instanceof Uint8Array ? 'bool' : null;
}

function describe(feed: Feed | undefined): string {
  if (feed instanceof tf.Tensor && feed.isDisposed) return 'a tensor that was disposed of';
  const dtype = elementType(feed);
  // Its element type is not in its name.
  if (feed instanceof Uint8Array) return `Uint8Array[${feed.length}], which stands for bool`;
  if (feed && dtype !== null) return `${dtype}[${feed instanceof tf.Tensor ? feed.shape.join(',') : feed.length}]`;
  const given: unknown = feed;
  if (given === undefined) return 'nothing';
  const name = given === null ? 'null' : (Object.getPrototypeOf(given)?.constructor?.name ?? typeof given);
  return `${name}, which is neither a tensor nor a Float32Array, Int32Array or Uint8Array`;
}
