import type { Normal } from '../distributions/normal';
import { finiteNumber, standardDeviation, vector } from '../distributions/validate';
import { gaussHermite } from '../math/gauss-hermite';
import { integrate } from '../math/quadrature';
import { nth } from '../nth';

/** Equations (1) to (9): the nine lines from the integral to the closed form. */
export type DerivationLine = '(1)' | '(2)' | '(3)' | '(4)' | '(5)' | '(6)' | '(7)' | '(8)' | '(9)';

interface Evaluation {
  /** How this line is evaluated. */
  readonly route: string;
  /** KL(N(μ, σ²)‖N(0, 1)) in nats, computed from what the line says and from nothing else. */
  readonly evaluate: (mu: number, sigma: number) => number;
}

const RULE = gaussHermite(16);
/** The standard deviations of q beyond which its mass, 1e-19, is below the last bit of any result. */
const REACH = 9;

/** E[f(Z)], Z ~ N(μ, σ²), by Gauss–Hermite quadrature. */
function expectation(mu: number, sigma: number, f: (z: number) => number): number {
  let sum = 0;
  RULE.nodes.forEach((u, i) => {
    sum += nth(RULE.weights, i) * f(mu + sigma * u);
  });
  return sum;
}

/** ∫ f(z) dz over all z that N(μ, σ²) reaches, adaptively. */
function integral(mu: number, sigma: number, f: (z: number) => number): number {
  const breakpoints = [-REACH, -4, -1, 0, 1, 4, REACH].map((u) => mu + sigma * u);
  return integrate(f, breakpoints, { absolute: 1e-13, relative: 1e-13 }).value;
}

/** N(z; μ, σ²), the density itself. */
function density(z: number, mu: number, sigma: number): number {
  return Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / Math.sqrt(2 * Math.PI * sigma ** 2);
}

const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

const LINES: { readonly [Line in DerivationLine]: Evaluation } = {
  '(1)': {
    route: 'adaptive quadrature of q ln(q/p), in log space',
    evaluate: (mu, sigma) =>
      integral(mu, sigma, (z) => {
        const lnQ = -0.5 * ((z - mu) / sigma) ** 2 - Math.log(sigma) - LOG_SQRT_TWO_PI;
        const lnP = -0.5 * z * z - LOG_SQRT_TWO_PI;
        return Math.exp(lnQ) * (lnQ - lnP);
      }),
  },
  '(2)': {
    route: 'adaptive quadrature with the densities inserted',
    evaluate: (mu, sigma) =>
      integral(mu, sigma, (z) => density(z, mu, sigma) * Math.log(density(z, mu, sigma) / density(z, 0, 1))),
  },
  '(3)': {
    route: 'Gauss–Hermite expectation of the log-ratio of densities',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) => Math.log(density(z, mu, sigma)) - Math.log(density(z, 0, 1))),
  },
  '(4)': {
    route: 'Gauss–Hermite expectation, densities written out',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) =>
        Math.log(
          ((1 / Math.sqrt(2 * Math.PI * sigma ** 2)) * Math.exp(-0.5 * ((z - mu) / sigma) ** 2)) /
            ((1 / Math.sqrt(2 * Math.PI)) * Math.exp(-0.5 * z ** 2)),
        ),
      ),
  },
  '(5)': {
    route: 'Gauss–Hermite expectation of three terms',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) => 0.5 * Math.log(1 / sigma ** 2) - 0.5 * ((z - mu) / sigma) ** 2 + 0.5 * z ** 2),
  },
  '(6)': {
    route: 'the same with ½ in front',
    evaluate: (mu, sigma) =>
      0.5 * expectation(mu, sigma, (z) => Math.log(1 / sigma ** 2) - ((z - mu) / sigma) ** 2 + z ** 2),
  },
  '(7)': {
    route: 'the two moments by adaptive quadrature',
    evaluate: (mu, sigma) => {
      const variance = integral(mu, sigma, (z) => density(z, mu, sigma) * (z - mu) ** 2);
      const square = integral(mu, sigma, (z) => density(z, mu, sigma) * z ** 2);
      return 0.5 * (Math.log(1 / sigma ** 2) - variance / sigma ** 2 + square);
    },
  },
  '(8)': {
    route: 'the two moments by name',
    evaluate: (mu, sigma) => {
      const variance = sigma ** 2;
      const square = mu ** 2 + sigma ** 2;
      return 0.5 * (Math.log(1 / sigma ** 2) - variance / sigma ** 2 + square);
    },
  },
  '(9)': {
    route: 'the closed form',
    evaluate: (mu, sigma) => 0.5 * (-Math.log(sigma ** 2) - 1 + mu ** 2 + sigma ** 2),
  },
};

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

/** A derivative on a line of points: by its formula, and by central differences of equation (1). */
export interface GradientCheck {
  readonly at: readonly number[];
  readonly formula: (x: number) => number;
  readonly numerical: readonly number[];
  readonly largestDifference: number;
}

/**
 * ∂KL/∂μ = μ along `means` (at σ = `stddev`) and ∂KL/∂σ = σ − 1/σ along `stddevs` (at μ = `mean`), held against central
 * differences of the quadrature of equation (1).
 * @throws QuadratureError where `derivation` does; InvalidArgumentError as `derivationGrid`
 *
 * @example
 * ```ts
 * import { derivationGradients } from 'gmm-vae';
 *
 * const { stddev } = derivationGradients({ means: [0, 1], stddevs: [0.5, 1, 2] }, { mu: 0, sigma: 1 });
 * stddev.largestDifference < 1e-6; // true
 * stddev.formula(2); // 1.5
 * ```
 */
export function derivationGradients(
  { means, stddevs }: { readonly means: readonly number[]; readonly stddevs: readonly number[] },
  { mu, sigma }: { readonly mu: number; readonly sigma: number },
): { readonly mean: GradientCheck; readonly stddev: GradientCheck } {
  const kl = LINES['(1)'].evaluate;
  finiteNumber('mu', mu);
  standardDeviation('sigma', sigma);
  return {
    mean: check(
      [...vector('means', means, finiteNumber)],
      (at) => at,
      (at) => kl(at, sigma),
      () => 1e-3,
    ),
    stddev: check(
      [...vector('stddevs', stddevs, standardDeviation)],
      (at) => at - 1 / at,
      (at) => kl(mu, at),
      (at) => 1e-3 * at,
    ),
  };
}

function check(
  at: readonly number[],
  formula: (x: number) => number,
  f: (x: number) => number,
  stepAt: (x: number) => number,
): GradientCheck {
  const numerical = at.map((x) => fourthOrderDifference(f, x, stepAt(x)));
  return {
    at,
    formula,
    numerical,
    largestDifference: Math.max(...at.map((x, i) => Math.abs(formula(x) - nth(numerical, i)))),
  };
}

/** f′(x) with an error of order h⁴, so that a step large enough for the quadrature's last digits is small enough for f. */
function fourthOrderDifference(f: (x: number) => number, x: number, h: number): number {
  return (f(x - 2 * h) - 8 * f(x - h) + 8 * f(x + h) - f(x + 2 * h)) / (12 * h);
}
