import { compileKernels } from '../../math/wasm';
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
  diagonalRows(
    points: number,
    terms: number,
    alive: number,
    components: number,
    d: number,
    home: number,
    constants: number,
    ceilings: number,
    means: number,
    scales: number,
    scratch: number,
  ): number;
  fullRows(
    points: number,
    terms: number,
    alive: number,
    components: number,
    d: number,
    home: number,
    constants: number,
    ceilings: number,
    means: number,
    factors: number,
    scratch: number,
    delta: number,
  ): number;
  soften(terms: number, rows: number, weights: number, scratch: number): number;
  harden(terms: number, rows: number, weights: number, most: number): number;
  label(terms: number, alive: number, rows: number, most: number, out: number): void;
  accumulate(
    points: number,
    terms: number,
    alive: number,
    rows: number,
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
  compiled ??= compileKernels(KERNELS_WASM);
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as MixtureKernels;
}
