import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { KlProblem } from './problem';
import { averageRun, type EstimatorRun } from './run';
import { UnitCube } from './unit-cube';

/** Blocks behind a standard error at least. */
const BLOCKS = 16;
/** Larger blocks would gain more, but memory must not grow with the number of draws. */
const MOST_STRATA = 1024;

/**
 * Latin hypercube sampling (McKay, Beckman and Conover 1979): in blocks of M draws each coordinate of the unit cube, and so of
 * ε = L⁻¹(z − μ) and the choice of q's component, falls once into each of M intervals of equal length. A block's mean is unbiased,
 * and what the integrand has of sums over single coordinates no longer adds to its variance (Stein 1987).
 */
export function stratified(problem: KlProblem, stream: RandomStream, planned: number): EstimatorRun {
  const strata = Math.max(2, Math.min(MOST_STRATA, Math.floor(planned / BLOCKS)));
  const cube = new UnitCube(problem);
  const { point } = cube;
  const orders = Array.from(point, () => new Uint32Array(strata));
  return averageRun({
    stream,
    // A shuffle takes one number fewer than it has items.
    uniforms: point.length * (2 * strata - 1),
    step: strata,
    fewestTerms: BLOCKS,
    term: () => {
      for (const order of orders) {
        // From the same order each time: a block depends on its own random numbers alone.
        for (let m = 0; m < strata; m++) order[m] = m;
        stream.shuffle(order);
      }
      let sum = 0;
      for (let m = 0; m < strata; m++) {
        for (let j = 0; j < point.length; j++) {
          // The sum may round up to the next stratum's edge, and to 1 in the last one, where the quantile is infinite.
          point[j] = Math.min((nth(orders, j)[m]! + stream.uniform()) / strata, 1 - 2 ** -53);
        }
        sum += cube.term();
      }
      return sum / strata;
    },
  });
}
