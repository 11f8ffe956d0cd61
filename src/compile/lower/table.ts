import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { BINARY, type BinaryKernels } from './binary';
import { CONVOLUTION, type ConvolutionKernels } from './convolution';
import { CREATION, type CreationKernels } from './creation';
import { INDEXING, type IndexingKernels } from './indexing';
import { LINALG, type LinalgKernels } from './linalg';
import type { Lowerings } from './lowering';
import { MOVEMENT, type MovementKernels } from './movement';
import { REDUCTION, type ReductionKernels } from './reduction';
import { UNARY, type UnaryKernels } from './unary';

type Kernels = UnaryKernels &
  BinaryKernels &
  ReductionKernels &
  LinalgKernels &
  CreationKernels &
  IndexingKernels &
  MovementKernels &
  ConvolutionKernels;

const LOWERINGS: Lowerings<Kernels> = {
  ...UNARY,
  ...BINARY,
  ...REDUCTION,
  ...LINALG,
  ...CREATION,
  ...INDEXING,
  ...MOVEMENT,
  ...CONVOLUTION,
};

/** A tfjs kernel that can be compiled. */
export type SupportedKernel = keyof Kernels;

/** The names of all kernels that can be compiled, in alphabetical order. */
export const SUPPORTED_KERNELS: readonly SupportedKernel[] = (Object.keys(LOWERINGS) as SupportedKernel[]).sort();

/** A lowering as the tracer calls it, which knows inputs and attributes only from tfjs at run time. */
export type UntypedLowering = (
  b: GraphBuilder,
  inputs: Readonly<Record<string, Value>> | readonly Value[],
  attributes: object,
) => Value | readonly Value[];

/** The lowering of `kernel`; its types were checked where it was written. */
export function loweringOf(kernel: SupportedKernel): UntypedLowering {
  return LOWERINGS[kernel] as UntypedLowering;
}
