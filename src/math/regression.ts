import { InvalidArgumentError } from '../errors';
import { logRatio } from './elementary';
import { studentQuantile } from './student';

/**
 * y ≈ factor·x^exponent, fitted to logarithms by least squares.
 *
 * @example
 * ```ts
 * import { fitPowerLaw, type PowerLawFit } from 'gmm-vae';
 *
 * const fit: PowerLawFit = fitPowerLaw([1, 10, 100, 1000], [1, 0.3, 0.11, 0.03]);
 * fit.exponent; // -0.5004
 * fit.interval; // [-0.5718, -0.4290]
 * ```
 */
export interface PowerLawFit {
  /** a in y = a·x^b. */
  readonly factor: number;
  /** b in y = a·x^b: the slope on log-log axes. */
  readonly exponent: number;
  readonly standardError: number;
  /** 95 % interval of the exponent, by Student's t with n − 2 degrees of freedom. */
  readonly interval: readonly [number, number];
}

/**
 * Fits y = a·x^b by least squares of ln y on ln x.
 *
 * @param x n ≥ 3 positive numbers, not all equal
 * @param y n positive numbers
 * @throws InvalidArgumentError naming the index of a number that is not positive, or lengths that differ
 *
 * @example
 * ```ts
 * import { fitPowerLaw } from 'gmm-vae';
 *
 * const { exponent, factor } = fitPowerLaw([1, 10, 100], [2, 0.2, 0.02]);
 * exponent; // -1.000
 * factor; // 2.000
 * ```
 */
export function fitPowerLaw(x: ArrayLike<number>, y: ArrayLike<number>): PowerLawFit {
  const n = x.length;
  if (n < 3) throw new InvalidArgumentError('x', `expected at least 3 points, got ${n}`);
  if (y.length !== n) throw new InvalidArgumentError('y', `expected ${n} numbers as in x, got ${y.length}`);
  // Logarithms of ratios: numbers close to one another keep the digits of their differences, and equal ones are 0 exactly.
  const u = logarithms(x, 'x');
  const v = logarithms(y, 'y');
  const uMean = average(u);
  const vMean = average(v);
  const spread = u.reduce((sum, value) => sum + (value - uMean) ** 2, 0);
  if (spread === 0) throw new InvalidArgumentError('x', 'expected numbers that are not all equal');
  const exponent = u.reduce((sum, value, i) => sum + (value - uMean) * (v[i]! - vMean), 0) / spread;
  const intercept = vMean - exponent * uMean;
  const residual = u.reduce((sum, value, i) => sum + (v[i]! - intercept - exponent * value) ** 2, 0);
  const standardError = Math.sqrt(residual / (n - 2) / spread);
  const half = studentQuantile(0.975, n - 2) * standardError;
  const factor = Math.exp(Math.log(y[0]!) + intercept - exponent * Math.log(x[0]!));
  return { factor, exponent, standardError, interval: [exponent - half, exponent + half] };
}

/** ln value/first of each. */
function logarithms(values: ArrayLike<number>, argument: string): number[] {
  return Array.from(values, (value, i) => {
    if (!(value > 0) || value === Infinity) {
      throw new InvalidArgumentError(`${argument}[${i}]`, `expected a finite number > 0, got ${value}`);
    }
    return logRatio(value, values[0]!);
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
