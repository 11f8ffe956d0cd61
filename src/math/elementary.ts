/** ln 2π. */
export const LOG_TWO_PI: number = Math.log(2 * Math.PI);

/**
 * exp(x) − 1 − x with full relative accuracy; never negative. For small |x| the leading terms of the series cancel nothing,
 * where expm1(x) − x would lose 1e-16/|x| of its value.
 */
export function expm1MinusX(x: number): number {
  if (Math.abs(x) > 0.25) return Math.expm1(x) - x;
  // x²/2! + x³/3! + … by Horner's rule; the first term left out is below 1e-18 of the first.
  let sum = 1;
  for (let k = 13; k >= 3; k--) sum = 1 + (sum * x) / k;
  return 0.5 * x * x * sum;
}

/** ln(a/b) for a, b > 0, with full relative accuracy also where a ≈ b or where the quotient leaves the range of a float. */
export function logRatio(a: number, b: number): number {
  // a − b is exact while b/2 ≤ a ≤ 2b (Sterbenz).
  if (a <= 2 * b && b <= 2 * a) return Math.log1p((a - b) / b);
  const ratio = a / b;
  return ratio > 1e-300 && ratio < 1e300 ? Math.log(ratio) : Math.log(a) - Math.log(b);
}

/** √(1 + x) − 1 with full relative accuracy, for x ≥ −1. */
export function sqrt1pMinus1(x: number): number {
  return x / (1 + Math.sqrt(1 + x));
}

const SPLITTER = 2 ** 27 + 1;

/** What rounding took from the product a·a: a² = fl(a·a) + squareError(a), exactly (Dekker 1971); 0 where that overflows. */
export function squareError(a: number): number {
  const scaled = SPLITTER * a;
  const high = scaled - (scaled - a);
  const low = a - high;
  const error = high * high - a * a + 2 * high * low + low * low;
  return Number.isFinite(error) ? error : 0;
}

/**
 * x^y for x ≥ 0. Engines round `**` differently in the last digit, also between versions; of exp and log the browser build has Node's
 * own, so that a page and Node agree.
 */
export function power(x: number, y: number): number {
  return x === 0 ? (y === 0 ? 1 : y > 0 ? 0 : Infinity) : Math.exp(y * Math.log(x));
}
