// E[ln(1 + e^ℓ)], ℓ = ln r·N₂(Z)/N₁(Z), Z ~ N₁, in any dimension and at any angle, as an integral along a line in the complex plane:
//   ln(1 + e^ℓ) = 1/(2πi) ∫ π/(z sin πz)·e^(zℓ) dz,  0 < Re z < 1  (Mellin's transform of ln(1 + u))
//   E e^(zℓ) = r^z ∫ N₁^(1−z) N₂^z = r^z |Σ₁|^(z/2) |Σ₂|^((1−z)/2) |S|^(−½) exp(−½ z(1−z) δᵀS⁻¹δ),  S = zΣ₁ + (1−z)Σ₂.
// On Re z = ½ the integrand is analytic and falls like exp(−π|Im z|): the trapezoidal rule has all digits. |S| and δᵀadj(S)δ are
// polynomials in z and 1 − z with positive coefficients, taken exactly from the integers behind Σ₁, Σ₂ and δ.
import { type Mixture, scaledCovariance } from './oracle-mixtures';
import type { OracleComponent } from './quadrature-oracle';

const STEP = 0.004;
const STEPS = 3250;

/** KL of mixtures whose components are all copies of two normals. */
export function twoNormalsKl(q: Mixture, p: Mixture): number {
  const first = q[0]!;
  const second = p.find((c) => !same(c, first)) ?? q.find((c) => !same(c, first));
  const share = (mixture: Mixture, of: OracleComponent): number =>
    mixture.reduce((sum, c) => sum + (same(c, of) ? c.weight : 0), 0);
  if (!second) return 0;
  const part = (a: OracleComponent, b: OracleComponent): number => {
    const [own, other] = [share(q, a), share(q, b)];
    if (own === 0) return 0;
    const of = (mine: number, theirs: number): number =>
      Math.log(mine) + (theirs === 0 ? 0 : expectedSoftplus(a, b, Math.log(theirs / mine)));
    return own * (of(own, other) - of(share(p, a), share(p, b)));
  };
  return part(first, second) + part(second, first);
}

const same = (a: OracleComponent, b: OracleComponent): boolean =>
  JSON.stringify([a.mean, a.B, a.s]) === JSON.stringify([b.mean, b.B, b.s]);

function expectedSoftplus(a: OracleComponent, b: OracleComponent, logRatio: number): number {
  const [first, second] = [scaledCovariance(a), scaledCovariance(b)];
  const d = first.length;
  const delta = a.mean.map((x, j) => BigInt((x - b.mean[j]!) * 2 ** SHIFT));
  const determinants = mixedDeterminants(first, second);
  const border = (m: bigint[][]): bigint[][] => m.map((row, i) => [...row, delta[i]!]);
  const squares = mixedDeterminants(border(first), border(second), [...delta, 0n]).map((x) => -x);
  const S = determinants.map(Number);
  const Q = squares.map((x) => Number(x) * 2 ** (-2 * SHIFT + 2 * 26));
  const [logA, logB] = [Math.log(S[d]!), Math.log(S[0]!)];
  let sum = 0;
  let [re, im, phase] = [0, 0, 0];
  for (let k = 0; k < STEPS; k++) {
    const t = k * STEP;
    const [x, y] = polynomial(S, t);
    // arg |S|, followed from 0 at the real axis.
    if (k > 0) phase += Math.atan2(y * re - x * im, x * re + y * im);
    [re, im] = [x, y];
    const norm = x * x + y * y;
    const [u, v] = polynomial(Q, t);
    const square = [(u * x + v * y) / norm, (v * x - u * y) / norm] as const;
    const zz = 0.25 + t * t; // z(1 − z), real on this line
    const real = 0.5 * logRatio + 0.25 * (logA + logB - Math.log(norm)) - 0.5 * zz * square[0];
    const angle = t * (logRatio + 0.5 * (logA - logB)) - 0.5 * phase - 0.5 * zz * square[1];
    // Re(e^(real + i·angle)/z)/cosh πt
    const value = (Math.exp(real) * (0.5 * Math.cos(angle) + t * Math.sin(angle))) / zz / Math.cosh(Math.PI * t);
    sum += k === 0 ? 0.5 * value : value;
  }
  return STEP * sum;
}

/** Every mean is a multiple of 2^−SHIFT. */
const SHIFT = 12;

/** Coefficients of z^k (1 − z)^(d−k), k = 0 … d, in det of z·(rows of a) + (1 − z)·(rows of b) above the row `last`. */
function mixedDeterminants(a: bigint[][], b: bigint[][], last?: bigint[]): bigint[] {
  const d = a.length;
  const coefficients = Array.from({ length: d + 1 }, () => 0n);
  for (let from = 0; from < 2 ** d; from++) {
    const rows = a.map((row, i) => ((from >> i) % 2 === 1 ? row : b[i]!));
    const k = rows.filter((_, i) => (from >> i) % 2 === 1).length;
    coefficients[k]! += determinant(last ? [...rows, last] : rows);
  }
  return coefficients;
}

function determinant(m: bigint[][]): bigint {
  if (m.length === 1) return m[0]![0]!;
  return m[0]!.reduce((sum, x, j) => {
    const minor = m.slice(1).map((row) => row.filter((_, k) => k !== j));
    return sum + (j % 2 === 0 ? x : -x) * determinant(minor);
  }, 0n);
}

/** Σ_k c_k z^k (1 − z)^(d−k) at z = ½ + it, 1 − z = ½ − it: real and imaginary part. */
function polynomial(coefficients: readonly number[], t: number): readonly [number, number] {
  const d = coefficients.length - 1;
  const radius = Math.hypot(0.5, t) ** d;
  const angle = Math.atan2(t, 0.5);
  let [re, im] = [0, 0];
  coefficients.forEach((c, k) => {
    re += c * radius * Math.cos((2 * k - d) * angle);
    im += c * radius * Math.sin((2 * k - d) * angle);
  });
  return [re, im];
}
