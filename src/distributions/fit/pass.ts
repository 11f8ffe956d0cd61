import { BLOCK, type SecondMoments } from './kernels';

/**
 * One pass over the points. `soft` computes responsibilities under the given components, `hard` gives each point to its likeliest one; both
 * return sums over the points. `labels` returns the likeliest components, `terms` (of diagonal covariances) the log joint densities themselves.
 */
export interface Pass extends PassShape {
  /** The components, as `parameters` packs them. */
  readonly parameters: Float64Array;
  /** Roughly how many more passes like this one will follow, which decides whether threads pay. */
  readonly remaining: number;
}

export interface PassShape {
  readonly kind: 'soft' | 'hard' | 'labels' | 'terms';
  readonly components: number;
  readonly d: number;
  /** Whether the factors are triangular matrices or 1/σ. */
  readonly matrix: boolean;
  readonly second: SecondMoments;
}

/** What `terms` needs of K components in d dimensions. */
export interface Densities {
  readonly components: number;
  readonly matrix: boolean;
  /** ln π_k − ln of component k's normaliser, of length K. */
  readonly constants: Float64Array;
  /**
   * A component is given up where this less half the squared distance so far is below another one's term, of length K: the constants, where only the
   * largest term counts.
   */
  readonly ceilings: Float64Array;
  /** K×d. */
  readonly means: Float64Array;
  /** 1/σ, K×d; with `matrix` each L⁻¹ as `packFactor` writes it. */
  readonly factors: Float64Array;
}

/** Constants, ceilings, means, factors and centres, one after another. */
export function parameters({ constants, ceilings, means, factors }: Densities, centres: Float64Array): Float64Array {
  const packed = new Float64Array(2 * constants.length + means.length + factors.length + centres.length);
  let at = 0;
  for (const part of [constants, ceilings, means, factors, centres]) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
}

/** Numbers of one packed factor. */
export function factorLength(d: number, matrix: boolean): number {
  if (!matrix) return d;
  let columns = 0;
  for (let row = 0; row < d; row += 4) columns += Math.min(d, row + 4);
  return 4 * columns;
}

/** d, or the next multiple of 4: the rows and columns of a summed matrix. */
export function paddedTo4(d: number): number {
  return 4 * Math.ceil(d / 4);
}

/** Numbers that the pass sums for each component: Σ r, Σ r·δ and the second moments. */
export function sumsPerComponent({ d, second }: Pick<PassShape, 'd' | 'second'>): number {
  return 1 + d + (second === 2 ? paddedTo4(d) ** 2 : second * d);
}

/** Length of what a pass over so many blocks returns: for each block K rows of 64 terms, or 64 labels, or else the objective and then the sums. */
export function resultLength(shape: PassShape, blocks: number): number {
  if (shape.kind === 'terms') return shape.components * BLOCK * blocks;
  if (shape.kind === 'labels') return BLOCK * blocks;
  return 1 + shape.components * sumsPerComponent(shape);
}

/** Whether a pass returns something for each point; else it returns sums. */
export function isPerPoint({ kind }: PassShape): boolean {
  return kind === 'terms' || kind === 'labels';
}

/** Multiply-adds per chunk, about: a millisecond or two. */
const PER_CHUNK = 2 ** 22;

/** Blocks that are summed by themselves. They depend on the problem alone, so that the sums do not depend on who computes them. */
export function blocksPerChunk({ components, d, matrix, second }: PassShape): number {
  // Whole matrices take a while to be handed over and added: eight blocks at least for that.
  const least = second === 2 ? 8 : 1;
  const work = 10 + 2 * d + (matrix ? d * d : d) + (second === 2 ? d * d : d);
  return Math.max(least, Math.floor(PER_CHUNK / (BLOCK * components * work)));
}
