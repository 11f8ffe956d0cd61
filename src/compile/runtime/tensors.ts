import type { DType, Shape, TensorData } from '../graph/graph';
import { ARRAYS, sizeOf, typed } from '../graph/graph';
import { Tensor } from './ort';
import type { OrtTensor } from './session';

/** A host tensor over the elements, without a copy where they are in the type's own array. */
export function hostTensor(elements: TensorData, dtype: DType, shape: Shape): OrtTensor {
  const data = typed(elements, dtype);
  if (dtype === 'float32') return new Tensor('float32', data as Float32Array, shape);
  if (dtype === 'int32') return new Tensor('int32', data as Int32Array, shape);
  if (dtype === 'bool') return new Tensor('bool', bits(data as Uint8Array), shape);
  throw new Error(`no host tensor of type ${dtype}`);
}

/** Bools as 0 and 1, which is what ONNX Runtime computes with: TensorFlow.js leaves larger numbers in some, such as sums of bools. */
export function bits(data: Uint8Array): Uint8Array {
  return data.some((bit) => bit > 1) ? data.map((bit) => (bit === 0 ? 0 : 1)) : data;
}

export function emptyTensor(dtype: DType, shape: Shape): OrtTensor {
  return hostTensor(new ARRAYS[dtype](sizeOf(shape)), dtype, shape);
}

/** The elements of a host tensor. */
export function hostData(tensor: OrtTensor): TensorData {
  return tensor.data as TensorData;
}
