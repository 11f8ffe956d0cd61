import { Decimal } from 'decimal.js';
import type { Gaussian } from '../../src/distributions/multivariate-normal';

// The oracle of the closed forms: textbook matrix formulas in 60-digit arithmetic, by Gauss–Jordan elimination, which the
// library uses nowhere.
const D = Decimal.clone({ precision: 60 });
type Matrix = Decimal[][];

/** ½[tr(Σp⁻¹Σq) + (m − μ)ᵀΣp⁻¹(m − μ) − d + ln det Σp − ln det Σq], for the floats that q and p were made of. */
export function klInFortyDigits(q: Gaussian, p: Gaussian): Decimal {
  const [sigmaQ, sigmaP] = [covariance(q), covariance(p)];
  const { inverse, logDeterminant: logDetP } = eliminate(sigmaP);
  const { logDeterminant: logDetQ } = eliminate(sigmaQ);
  const [meanQ, meanP] = [mean(q), mean(p)];
  const delta = meanQ.map((x, i) => x.minus(meanP[i]!));
  let twice = logDetP.minus(logDetQ).minus(q.dimension);
  inverse.forEach((row, i) => {
    row.forEach((entry, j) => {
      twice = twice.plus(entry.times(sigmaQ[j]![i]!)).plus(entry.times(delta[i]!).times(delta[j]!));
    });
  });
  return twice.div(2);
}

/** |actual − expected| / expected. */
export function relativeError(actual: number, expected: Decimal): number {
  return exact(actual).minus(expected).div(expected).abs().toNumber();
}

/** The number that the float is, not the shortest decimal that denotes it (which is what Decimal's constructor takes). */
export function exact(x: number): Decimal {
  let mantissa = x;
  let exponent = 0;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) > 2 ** 53) {
    mantissa /= 2;
    exponent++;
  }
  return new D(mantissa).times(new D(2).pow(exponent));
}

function mean(g: Gaussian): Decimal[] {
  return (g.kind === 'normal' ? [g.mean] : [...g.mean]).map((x) => exact(x));
}

function covariance(g: Gaussian): Matrix {
  const d = g.dimension;
  if (g.kind === 'full') return rows(d, (i, j) => exact(g.covariance[i * d + j]!));
  const sigma = g.kind === 'normal' ? [g.stddev] : g.stddev;
  return rows(d, (i, j) => (i === j ? exact(sigma[i]!).pow(2) : new D(0)));
}

function rows(d: number, entry: (i: number, j: number) => Decimal): Matrix {
  return Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => entry(i, j)));
}

function eliminate(matrix: Matrix): { inverse: Matrix; logDeterminant: Decimal } {
  const d = matrix.length;
  const a = matrix.map((row) => [...row]);
  const inverse = rows(d, (i, j) => new D(i === j ? 1 : 0));
  let logDeterminant = new D(0);
  for (let k = 0; k < d; k++) {
    const pivot = a[k]![k]!;
    logDeterminant = logDeterminant.plus(pivot.ln());
    for (const m of [a, inverse]) m[k] = m[k]!.map((x) => x.div(pivot));
    for (let i = 0; i < d; i++) {
      if (i === k) continue;
      const factor = a[i]![k]!;
      for (const m of [a, inverse]) m[i] = m[i]!.map((x, j) => x.minus(factor.times(m[k]![j]!)));
    }
  }
  return { inverse, logDeterminant };
}
