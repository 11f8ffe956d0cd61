import type { tf } from '../../tensors';
import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';

/** A tfjs kernel as tfjs-core declares it: its named inputs (or a list) and its attributes. */
export interface Kernel<Inputs, Attributes = object> {
  readonly inputs: Inputs;
  readonly attributes: Attributes;
}

type Traced<Inputs> = Inputs extends readonly tf.TensorInfo[]
  ? readonly Value[]
  : { readonly [K in keyof Inputs]: Value };

/** Writes one tfjs kernel as ONNX operators. */
export type Lowering<K> =
  K extends Kernel<infer Inputs, infer Attributes>
    ? (b: GraphBuilder, inputs: Traced<Inputs>, attributes: Attributes) => Value | readonly Value[]
    : never;

/** The lowering of every kernel that `Kernels` lists: a kernel without one does not compile. */
export type Lowerings<Kernels> = { readonly [K in keyof Kernels]: Lowering<Kernels[K]> };
