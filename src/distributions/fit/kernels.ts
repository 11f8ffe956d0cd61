import { KERNELS_WASM } from './kernels.generated';

/** Points per block. */
export const BLOCK = 64;

/** The passes of assembly/mixture.ts; arrays are byte addresses in the memory they were instantiated with. */
export interface MixtureKernels {
  diagonalTerms(
    points: number,
    terms: number,
    components: number,
    d: number,
    constants: number,
    means: number,
    scales: number,
  ): void;
  fullTerms(
    points: number,
    terms: number,
    components: number,
    d: number,
    constants: number,
    means: number,
    factors: number,
    delta: number,
  ): void;
  soften(terms: number, components: number, weights: number, scratch: number): number;
  harden(terms: number, components: number, weights: number, scratch: number): number;
  accumulate(
    points: number,
    terms: number,
    components: number,
    d: number,
    centres: number,
    sums: number,
    second: SecondMoments,
    delta: number,
  ): void;
}

/** What is summed of the squares: nothing, their diagonal, or the whole matrix. */
export type SecondMoments = 0 | 1 | 2;

let compiled: WebAssembly.Module | null = null;

/** Instantiates the passes over `memory`. */
export function loadKernels(memory: WebAssembly.Memory): MixtureKernels {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNELS_WASM), (byte) => byte.charCodeAt(0)));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as MixtureKernels;
}
