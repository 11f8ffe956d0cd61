import type { Normal } from '../distributions/normal';
import { finiteNumber, standardDeviation, vector } from '../distributions/validate';
import { type DerivationLine, type Evaluation, LINES } from './derivation-lines';

/** One row of a table: a type alias, since only those count as records of plain values. */
export type DerivedLine = {
  readonly line: DerivationLine;
  readonly route: string;
  /** KL(q‖N(0, 1)) in nats. */
  readonly nats: number;
};

/**
 * Equations (1) to (9) for one q = N(μ, σ²) against N(0, 1), each line evaluated by itself: all nine are one number.
 * @throws QuadratureError where q reaches beyond 38.6, at |μ| + 9σ: lines (2) to (4) evaluate the density of N(0, 1), which is 0 there
 *
 * @example
 * ```ts
 * import { derivation, Normal } from 'gmm-vae';
 *
 * const lines = derivation(new Normal(1, 0.5));
 * lines.length; // 9
 * lines.map(({ nats }) => nats.toFixed(9)).every((nats) => nats === '0.818147181'); // true
 * lines[8]?.line; // '(9)'
 * ```
 */
export function derivation(q: Normal): DerivedLine[] {
  return entries().map(([line, { route, evaluate }]) => ({ line, route, nats: evaluate(q.mean, q.stddev) }));
}

/** One row of a table. */
export type GridDifference = {
  readonly line: DerivationLine;
  /** max |line − (9)| over the grid, in nats. */
  readonly 'largest difference': number;
  /** Where on the grid it occurs. */
  readonly 'at μ': number;
  readonly 'at σ': number;
};

/**
 * Returns, for each of equations (1) to (8), the largest distance to (9) over a grid of (μ, σ).
 * @throws QuadratureError where `derivation` does; InvalidArgumentError on an empty list, means that are not finite and stddevs that are not positive
 *
 * @example
 * ```ts
 * import { derivationGrid } from 'gmm-vae';
 *
 * const differences = derivationGrid([-1, 0, 2], [0.5, 1, 2]);
 * differences.length; // 8
 * differences.every((row) => row['largest difference'] < 1e-9); // true
 * ```
 */
export function derivationGrid(means: readonly number[], stddevs: readonly number[]): GridDifference[] {
  const sigmas = [...vector('stddevs', stddevs, standardDeviation)];
  const pairs = [...vector('means', means, finiteNumber)].flatMap((mu) => sigmas.map((sigma) => ({ mu, sigma })));
  return entries()
    .filter(([line]) => line !== '(9)')
    .map(([line, { evaluate }]) => {
      const rows = pairs.map(({ mu, sigma }) => ({
        line,
        'largest difference': Math.abs(evaluate(mu, sigma) - LINES['(9)'].evaluate(mu, sigma)),
        'at μ': mu,
        'at σ': sigma,
      }));
      return rows.reduce((worst, row) => (row['largest difference'] > worst['largest difference'] ? row : worst));
    });
}

function entries(): [DerivationLine, Evaluation][] {
  return Object.entries(LINES) as [DerivationLine, Evaluation][];
}
