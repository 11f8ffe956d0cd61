import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { CONVOLUTION } from './convolution';
import { CREATION } from './creation';
import { BINARY, UNARY } from './elementwise';
import { INDEXING } from './indexing';
import { LINALG } from './linalg';
import { MOVEMENT } from './movement';
import { REDUCTION } from './reduction';

const LOWERINGS = {
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
export type SupportedKernel = keyof typeof LOWERINGS;

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
