import { squareError } from './elementary';

/** Step of the trapezoidal rule below; its error is exp(−(2π)²/(2h²)), 1e-17. */
const STEP = Math.SQRT1_2;
/** exp(−(nh)²/2) is below every digit from there on. */
const TERMS = 13;
/** The bound beyond which the pole lies outside the strip in which the rule's error is that of a smooth integrand. */
const POLE = (2 * Math.PI) / STEP;
/** Nearer to 0 the two parts of the rule cancel, and a power series does better. */
const SERIES = 1;

/**
 * The standard normal distribution function Φ(x), with full relative accuracy in the lower tail: until it is below the smallest float,
 * at x = −38.5. Φ(−x) is the upper tail.
 *
 * Below −1 it is φ(x)·|x|/√(2π)·∫ exp(−t²/2)/(x² + t²) dt, by the trapezoidal rule less the residue of the pole at ±ix (Matta and Reichel 1971,
 * Mathematics of Computation 25, 339–344).
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (Math.abs(x) < SERIES) return 0.5 + density(x) * odd(x);
  return x < 0 ? lowerTail(-x) : 1 - lowerTail(x);
}

/** φ(x) = exp(−x²/2)/√(2π). The rounding of x² is put back, which for x = 38 would be 1e-13 of the value. */
export function density(x: number): number {
  const square = x * x;
  return square < 2000 ? (Math.exp(-0.5 * square) * (1 - 0.5 * squareError(x))) / Math.sqrt(2 * Math.PI) : 0;
}

/** (Φ(x) − ½)/φ(x) = x + x³/3 + x⁵/(3·5) + … (Marsaglia 2004). */
function odd(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return sum;
}

/** Φ(−x), x ≥ 1. */
function lowerTail(x: number): number {
  const phi = density(x);
  if (phi === 0) return 0;
  let sum = 0.5 / (x * x);
  for (let n = 1; n <= TERMS; n++) {
    const t = n * STEP;
    sum += Math.exp(-0.5 * t * t) / (x * x + t * t);
  }
  const rule = ((2 * STEP * x) / Math.sqrt(2 * Math.PI)) * phi * sum;
  return x < POLE ? rule - 1 / Math.expm1((2 * Math.PI * x) / STEP) : rule;
}
