/** What may cancel in the sum of exponentials, as a power of e: two digits. */
const CANCELLED = 5;
/** Terms this far below the largest are not seen beside it. */
const NEGLIGIBLE = 1e-18;

/**
 * b^{2m}·softplus^{(2m)}(a)/(2^m m!) for m = 1 … terms. The derivatives are polynomials in the sigmoid, whose terms cancel to nothing in float64 from
 * some tenth derivative on. So they are taken from
 *   softplus^{(2m)}(a) = −2(2m − 1)! Σ_k Re (a − iω_k)^{−2m}, ω_k = (2k + 1)π,
 * the poles of the sigmoid, of which the nearest is nearly all; and for large |a|, where they cancel to e^{−|a|}, from
 *   softplus^{(2m)}(a) = Σ_j (−1)^{j+1} j^{2m−1} e^{−j|a|}.
 */
export function momentTerms(a: number, b: number, terms: number): number[] {
  let factor = 1; // b^{2m}/(2^m m!)
  let doubleFactorial = 1; // (2m − 1)!!
  return Array.from({ length: terms }, (_, i) => {
    const m = i + 1;
    factor *= (b * b) / (2 * m);
    doubleFactorial *= 2 * m - 1;
    if (m <= 2) return factor * lowDerivative(m, a);
    if (m * Math.log1p((Math.PI / a) ** 2) < CANCELLED) return factor * overExponentials(m, Math.abs(a));
    // (2m − 1)!/(2^m m!) = (2m − 1)!!/(2m)
    return (-doubleFactorial / m) * overPoles(m, a, b);
  });
}

/** softplus″ or softplus⁗, even functions, from the sigmoid of −|a|. */
function lowDerivative(m: number, a: number): number {
  const e = Math.exp(-Math.abs(a));
  const s = e / (1 + e);
  const second = s * (1 - s);
  return m === 1 ? second : second * (1 - 6 * s + 6 * s * s);
}

/** Σ_j (−1)^{j+1} j^{2m−1} e^{−ja} for a > 0. */
function overExponentials(m: number, a: number): number {
  let sum = 0;
  let largest = 0;
  for (let j = 1; ; j++) {
    const term = Math.exp((2 * m - 1) * Math.log(j) - j * a);
    sum += j % 2 === 1 ? term : -term;
    largest = Math.max(largest, term);
    if (j * a > 2 * m && term <= NEGLIGIBLE * largest) return sum;
  }
}

/** Σ_k Re (b/(a − iω_k))^{2m}, m ≥ 3. */
function overPoles(m: number, a: number, b: number): number {
  const first = (b / Math.hypot(a, Math.PI)) ** (2 * m);
  let sum = 0;
  for (let k = 0; ; k++) {
    const omega = (2 * k + 1) * Math.PI;
    const size = (b / Math.hypot(a, omega)) ** (2 * m);
    sum += size * Math.cos(2 * m * Math.atan2(omega, a));
    if (size <= NEGLIGIBLE * first || size === Infinity) return sum;
  }
}
