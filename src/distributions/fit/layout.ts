import { BLOCK } from './kernels';
import { blocksPerChunk, factorLength, isPerPoint, type PassShape, paddedTo4, resultLength } from './pass';

/** Where in the kernels' memory things are, in numbers from its start. */
export interface Layout {
  readonly points: number;
  readonly weights: number;
  /** Start of a pass's parameters, as `parameters` packs them. */
  readonly constants: number;
  readonly ceilings: number;
  readonly means: number;
  readonly factors: number;
  readonly centres: number;
  readonly terms: number;
  /** The components that have a row of terms, as 32-bit integers. */
  readonly alive: number;
  readonly scratch: number;
  readonly delta: number;
  /** What a chunk comes to. */
  readonly result: number;
  readonly end: number;
}

/** @param slots blocks of points that memory holds. They come first, so that they stay in their place from pass to pass. */
export function layoutOf(shape: PassShape, slots: number): Layout {
  const { components, d, matrix } = shape;
  let end = 2; // an address of 0 would be no address
  const take = (count: number): number => {
    const at = end;
    end += count + (count % 2); // vectors begin at multiples of 16 bytes
    return at;
  };
  const points = take(slots * BLOCK * d);
  const weights = take(slots * BLOCK);
  const factorNumbers = components * factorLength(d, matrix);
  const constants = take(2 * components * (1 + d) + factorNumbers);
  const ceilings = constants + components;
  const means = ceilings + components;
  const factors = means + components * d;
  const blocks = isPerPoint(shape) ? blocksPerChunk(shape) : 1;
  return {
    points,
    weights,
    constants,
    ceilings,
    means,
    factors,
    centres: factors + factorNumbers,
    terms: take(components * BLOCK),
    alive: take(components),
    scratch: take(3 * BLOCK),
    delta: take(2 * paddedTo4(d) * BLOCK),
    result: take(resultLength(shape, blocks)),
    get end() {
      return end;
    },
  };
}

/** The same in bytes. */
export function addresses(layout: Layout): Layout {
  const bytes = Object.entries(layout).map(([name, at]: [string, number]) => [name, 8 * at]);
  return Object.fromEntries(bytes);
}
