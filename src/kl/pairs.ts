import type { Gaussian } from '../distributions/multivariate-normal';
import { logSumExp } from '../math/log-sum-exp';
import type { Components } from './components';

/** One number for each pair of components, row by row: those of q down, those of p across. */
export type Pairs = Float64Array;

export function ofPairs(q: Components, p: Components, of: (own: Gaussian, other: Gaussian) => number): Pairs {
  const pairs = new Float64Array(q.components.length * p.components.length);
  let at = 0;
  for (const own of q.components) for (const other of p.components) pairs[at++] = of(own, other);
  return pairs;
}

/** ln Σ_c π_c exp(x_ic) for each row, π the weights of p. */
export function logMixed(pairs: Pairs, { logWeights }: Components): Float64Array {
  const columns = logWeights.length;
  const terms = new Float64Array(columns);
  const mixed = new Float64Array(pairs.length / columns);
  for (let i = 0; i < mixed.length; i++) {
    for (let c = 0; c < columns; c++) terms[c] = logWeights[c]! + pairs[i * columns + c]!;
    mixed[i] = logSumExp(terms);
  }
  return mixed;
}

/** −x_ic, in place. */
export function negated(pairs: Pairs): Pairs {
  for (let at = 0; at < pairs.length; at++) pairs[at] = -pairs[at]!;
  return pairs;
}
