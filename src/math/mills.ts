const SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
/** Up to here the power series, from here on the continued fraction; both reach full precision on their side. */
const SWITCH = 3;

/** ln φ(x) of the standard normal density. */
const logDensity = (x: number): number => -0.5 * (x * x + Math.log(2 * Math.PI));

/** The Mills ratio (1 − Φ(x))/φ(x) of the standard normal for x ≥ 0: relative error below 1e-12. */
function millsOfPositive(x: number): number {
  if (x < SWITCH) {
    // R(x) = √(π/2)·exp(x²/2) − (x + x³/3 + x⁵/15 + …), Abramowitz and Stegun 26.2.11.
    let term = x;
    let sum = 0;
    for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      sum += term;
      term *= (x * x) / (k + 2);
    }
    return SQRT_HALF_PI * Math.exp(0.5 * x * x) - sum;
  }
  // R(x) = 1/(x + 1/(x + 2/(x + 3/(x + …)))), Abramowitz and Stegun 26.2.14, from the inside out.
  let tail = x;
  for (let k = 120; k >= 1; k--) tail = x + k / tail;
  return 1 / tail;
}

/**
 * φ(c)·(1 − Φ(x))/φ(x), which neither overflows nor vanishes while the product itself does not.
 * @param difference ½(x² − c²), from where it is known without a difference of squares.
 */
export function scaledMills(x: number, c: number, difference: number = 0.5 * (x - c) * (x + c)): number {
  if (x >= 0) return Math.exp(logDensity(c)) * millsOfPositive(x);
  return Math.exp(difference) - Math.exp(logDensity(c)) * millsOfPositive(-x);
}

/** Φ(x), the distribution function of the standard normal. */
export function normalCdf(x: number): number {
  return x <= 0 ? scaledMills(-x, x) : 1 - scaledMills(x, x);
}
