import { compileKernels } from '../../math/wasm';
import { KERNELS_WASM } from './kernels.generated';

/** The fused passes of assembly/optimizers.ts; arrays are byte addresses in the memory they were instantiated with. */
export interface OptimizerKernels {
  sumOfSquares(gradients: number, length: number): number;
  sgd(parameters: number, gradients: number, length: number, rate: number): void;
  momentum(
    parameters: number,
    gradients: number,
    accumulation: number,
    length: number,
    rate: number,
    momentum: number,
    nesterov: 0 | 1,
    scale: number,
  ): void;
  adam(
    parameters: number,
    gradients: number,
    firstMoment: number,
    secondMoment: number,
    length: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    scale: number,
  ): void;
  rmsprop(
    parameters: number,
    gradients: number,
    meanSquares: number,
    moments: number,
    meanGradients: number,
    length: number,
    rate: number,
    decay: number,
    momentum: number,
    epsilon: number,
    scale: number,
  ): void;
}

/** Instantiates the passes over `memory`. */
export function loadKernels(memory: WebAssembly.Memory): OptimizerKernels {
  const module = compileKernels(KERNELS_WASM);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as OptimizerKernels;
}
