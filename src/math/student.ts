import { InvalidArgumentError } from '../errors';
import { normalQuantile } from './normal-quantile';

/**
 * The p-quantile of Student's t distribution, for 0 < p < 1 and a positive whole number of degrees of freedom; relative error below 1e-9
 * between p = 1e-9 and 1 − 1e-9, beyond which rounding of p near 1 costs digits.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (!(p > 0 && p < 1)) throw new InvalidArgumentError('p', `expected a number between 0 and 1, got ${p}`);
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new InvalidArgumentError('degrees', `expected a positive integer, got ${degrees}`);
  }
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  if (p === 0.5) return 0;
  const start = cornishFisher(normalQuantile(p), degrees);
  return degrees > EXPANSION_SUFFICES ? start : refined(p, degrees);
}

/** The degrees of freedom from which on the expansion's next term is below 1e-9. */
const EXPANSION_SUFFICES = 300;

/** Abramowitz and Stegun 26.7.5: an expansion in 1/ν around the normal quantile. */
function cornishFisher(z: number, degrees: number): number {
  const s = z * z;
  const g1 = (z * (s + 1)) / 4;
  const g2 = (z * ((5 * s + 16) * s + 3)) / 96;
  const g3 = (z * (((3 * s + 19) * s + 17) * s - 15)) / 384;
  const g4 = (z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945)) / 92160;
  return z + (g1 + (g2 + (g3 + g4 / degrees) / degrees) / degrees) / degrees;
}

/** Bisection on the angle θ = atan(t/√ν), in which the distribution function is smooth and its domain bounded. */
function refined(p: number, degrees: number): number {
  let low = 0;
  let high = Math.PI / 2;
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (cdfOfAngle(middle, degrees) < p) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan(0.5 * (low + high));
}

/** P(T ≤ √ν tan θ) for θ ≥ 0: Abramowitz and Stegun 26.7.3 (ν odd) and 26.7.4 (ν even). */
function cdfOfAngle(theta: number, degrees: number): number {
  // By the tangent, which elementary functions of browsers and Node can be made to agree on.
  const tangent = Math.tan(theta);
  const cos2 = 1 / (1 + tangent * tangent);
  const sin = tangent * Math.sqrt(cos2);
  const odd = degrees % 2 === 1;
  let term = odd ? Math.sqrt(cos2) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cos2 * (k - 1)) / k;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (theta + sin * sum) : sin * sum;
  return 0.5 + 0.5 * within;
}
