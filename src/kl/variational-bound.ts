import { nth } from '../nth';
import type { Components } from './components';
import type { Pairs } from './pairs';

const MOST_TURNS = 100;

/** A column's share below which its component is left out: the bound stays one, and no quotient overflows. */
const SMALLEST_SHARE = 1e-300;

/**
 * Hershey and Olsen's variational upper bound Σ_ic φ_ic (ln φ_ic/ψ_ic + KL(q_i‖p_c)), φ and ψ minimised in turns. It starts with ψ_ic = w_i π_c,
 * where it is what the convexity of the divergence gives, and falls at each turn.
 *
 * With M_ic = exp(−KL(q_i‖p_c)) ψ_ic/w_i the best φ_ic is w_i M_ic/Σ_c M_ic, the best ψ_ic is π_c φ_ic/Σ_i φ_ic, and the bound is
 * −Σ_i w_i ln Σ_c M_ic. So exponentials are taken once, and a turn only multiplies.
 * @param divergences KL(q_i‖p_c), row by row
 * @param convex the bound at the start
 */
export function variationalAbove(q: Components, p: Components, divergences: Pairs, convex: number): number {
  if (convex === Infinity) return convex;
  const rows = [...q.logWeights.keys()].filter((i) => Math.exp(nth(q.logWeights, i)) > 0);
  const weights = Float64Array.from(rows, (i) => Math.exp(nth(q.logWeights, i)));
  const { kernel, tops } = kernelOf(rows, p, divergences);
  const terms = kernel.slice();
  const totals = new Float64Array(rows.length);
  const shares = new Float64Array(p.components.length);
  sumRows(terms, totals);
  let bound = convex;
  for (let turn = 1; turn < MOST_TURNS; turn++) {
    sumShares(terms, totals, weights, shares);
    scaleTerms(terms, kernel, totals, shares);
    sumRows(terms, totals);
    const next = weights.reduce((sum, w, i) => sum - w * (tops[i]! + Math.log(totals[i]!)), 0);
    const gain = bound - next;
    if (Number.isNaN(gain) || gain <= 1e-12 * Math.abs(next)) return Math.min(bound, next);
    bound = next;
  }
  return bound;
}

/** π_c exp(−KL(q_i‖p_c)) for the rows, each divided by its largest, whose logarithm is in `tops`. */
function kernelOf(
  rows: readonly number[],
  { logWeights }: Components,
  divergences: Pairs,
): { kernel: Pairs; tops: Float64Array } {
  const columns = logWeights.length;
  const kernel = new Float64Array(rows.length * columns);
  const tops = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const logs = logWeights.map((log, c) => log - divergences[row * columns + c]!);
    const top = logs.reduce((a, b) => Math.max(a, b));
    tops[i] = top;
    for (let c = 0; c < columns; c++) kernel[i * columns + c] = Math.exp(logs[c]! - top);
  });
  return { kernel, tops };
}

function sumRows(terms: Pairs, totals: Float64Array): void {
  const columns = terms.length / totals.length;
  for (let i = 0, at = 0; i < totals.length; i++) {
    let total = 0;
    for (let c = 0; c < columns; c++) total += terms[at++]!;
    totals[i] = total;
  }
}

/** 1/Σ_i φ_ic for each column, 0 for one that is left out. */
function sumShares(terms: Pairs, totals: Float64Array, weights: Float64Array, shares: Float64Array): void {
  shares.fill(0);
  for (let i = 0, at = 0; i < totals.length; i++) {
    const scale = weights[i]! / totals[i]!;
    for (let c = 0; c < shares.length; c++) shares[c]! += scale * terms[at++]!;
  }
  for (let c = 0; c < shares.length; c++) shares[c] = shares[c]! > SMALLEST_SHARE ? 1 / shares[c]! : 0;
}

/** M_ic for the best ψ given φ. */
function scaleTerms(terms: Pairs, kernel: Pairs, totals: Float64Array, shares: Float64Array): void {
  for (let i = 0, at = 0; i < totals.length; i++) {
    const scale = 1 / totals[i]!;
    for (let c = 0; c < shares.length; c++, at++) terms[at] = terms[at]! * scale * shares[c]! * kernel[at]!;
  }
}
