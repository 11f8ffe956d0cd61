import { InvalidArgumentError } from '../errors';
import { normalQuantile } from './normal-quantile';

/**
 * The p-quantile of Student's t distribution, for 0 < p < 1 and a positive whole number of degrees of freedom; relative error
 * below 1e-9.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new InvalidArgumentError('p', `expected a number between 0 and 1, got ${p}`);
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new InvalidArgumentError('degrees', `expected a positive integer, got ${degrees}`);
  }
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  if (p === 0.5) return 0;
  const start = cornishFisher(normalQuantile(p), degrees);
  return degrees > EXPANSION_SUFFICES ? start : refined(p, degrees, start);
}

/** The degrees of freedom from which on the expansion's next term is below 1e-9. */
const EXPANSION_SUFFICES = 300;

/** Abramowitz and Stegun 26.7.5: an expansion in 1/ν around the normal quantile. */
function cornishFisher(z: number, degrees: number): number {
  const g1 = (z ** 3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const g3 = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  const g4 = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
  return z + g1 / degrees + g2 / degrees ** 2 + g3 / degrees ** 3 + g4 / degrees ** 4;
}

/** Bisection on the angle θ = atan(t/√ν), in which the distribution function is smooth and its domain bounded. */
function refined(p: number, degrees: number, start: number): number {
  const guess = Math.atan(start / Math.sqrt(degrees));
  let low = cdfOfAngle(guess, degrees) < p ? guess : 0;
  let high = low === guess ? Math.PI / 2 : guess;
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (cdfOfAngle(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan(0.5 * (low + high));
}

/** P(T ≤ √ν tan θ) for θ ≥ 0: Abramowitz and Stegun 26.7.3 (ν odd) and 26.7.4 (ν even). */
function cdfOfAngle(theta: number, degrees: number): number {
  const cos2 = Math.cos(theta) ** 2;
  const odd = degrees % 2 === 1;
  let term = odd ? Math.cos(theta) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cos2 * (k - 1)) / k;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
  return 0.5 + 0.5 * within;
}
