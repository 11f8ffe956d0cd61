import { normalQuantile } from '../../math/normal-quantile';
import type { RandomStream } from '../../math/random';
import { type KlProblem, logRatioAt, Placement } from './problem';
import { averageRun, type Run } from './run';

/** Blocks behind a standard error at least. */
const BLOCKS = 16;
/** Larger blocks would gain more, but memory must not grow with the number of draws. */
const MOST_STRATA = 1024;

/**
 * Latin hypercube sampling (McKay, Beckman and Conover 1979): in blocks of M draws each coordinate of ε = L⁻¹(z − μ), and the
 * choice of q's component, falls once into each of M strata of equal probability. A block's mean is unbiased, and what the
 * integrand has of sums over single coordinates no longer adds to its variance (Stein 1987).
 */
export function stratified(problem: KlProblem, stream: RandomStream, planned: number): Run {
  const strata = Math.max(2, Math.min(MOST_STRATA, Math.floor(planned / BLOCKS)));
  const placement = new Placement(problem.qs);
  const { inputs, dimension } = placement;
  const orders = Array.from({ length: inputs }, () => new Uint32Array(strata));
  const epsilon = new Float64Array(dimension);
  const z = new Float64Array(dimension);
  const uniform = (input: number, m: number): number =>
    // The sum may round up to the next stratum's edge, and to 1 in the last one, where the quantile is infinite.
    Math.min((orders[input]![m]! + stream.uniform()) / strata, 1 - 2 ** -53);
  return averageRun({
    stream,
    // A shuffle takes one number fewer than it has items.
    uniforms: inputs * (2 * strata - 1),
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
        for (let j = 0; j < dimension; j++) epsilon[j] = normalQuantile(uniform(j, m));
        const i = inputs > dimension ? placement.component(uniform(dimension, m)) : 0;
        placement.place(i, epsilon, 1, z);
        sum += logRatioAt(problem, z);
      }
      return sum / strata;
    },
  });
}
