import { finiteNumber, standardDeviation, vector } from '../distributions/validate';
import { nth } from '../nth';
import { LINES } from './derivation-lines';

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
