import { factorOf, type Gaussian, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { accurateCholesky } from '../../math/accurate-cholesky';
import { solveLowerInPlace, symmetricEigen } from '../../math/linear-algebra';

/** A weighted component of a mixture. */
export interface Weighted {
  readonly logWeight: number;
  readonly component: Gaussian;
}

/**
 * The log odds l = ln (w_a N_a)/(w_b N_b) of two components, seen from a normal N(0, L·Lᵀ). At z = L·V·y they are
 * constant + Σ_k (linear_k·y_k − ½·curvature_k·y_k²), where y is standard normal.
 */
export interface LogOdds {
  readonly constant: number;
  readonly linear: Float64Array;
  readonly curvature: Float64Array;
  /** V, orthogonal, row-major d×d; null for I. */
  readonly axes: Float64Array | null;
}

/** The same with V = I and the whole matrix of curvatures: what is known before its axes are. */
interface Slanted {
  readonly constant: number;
  readonly linear: Float64Array;
  /** Row-major d×d. */
  readonly curvature: Float64Array;
}

/** What is asked of the log odds, seen from draws. */
export interface Sight {
  /** At least so many standard deviations below 0 the mean of l has to be: else l > 0 is common. */
  readonly rareFrom: number;
  /** ψ(½) below which l > 0 is as good as impossible. */
  readonly negligible: number;
}

/** The log odds of a against b under draws from `from` where l > 0 is rare; or that it is common, or negligible. */
export function rareLogOdds(from: Gaussian, a: Weighted, b: Weighted, sight: Sight): LogOdds | 'common' | 'negligible' {
  const origin = new Float64Array(from.dimension);
  const at = ({ logWeight, component }: Weighted): number => logWeight + component.logProbAt(origin, 0);
  const constant = at(a) - at(b);
  const [sigma, sa, sb] = [from, a.component, b.component].map(stddevOf);
  if (sigma && sa && sb) {
    const [ma, mb] = [meanOf(a.component), meanOf(b.component)];
    const linear = sigma.map((s, k) => (s / sa[k]!) * (ma[k]! / sa[k]!) - (s / sb[k]!) * (mb[k]! / sb[k]!));
    const curvature = sigma.map((s, k) => (s / sa[k]!) ** 2 - (s / sb[k]!) ** 2);
    const odds = { constant, linear, curvature, axes: null };
    const { mean, variance } = tilted(odds, 0);
    if (!(variance < Infinity)) return 'negligible';
    if (isCommon(mean, variance, sight)) return 'common';
    return tilted(odds, 0.5).psi < sight.negligible ? 'negligible' : odds;
  }
  const lower = factorOf(from);
  const slanted = difference(constant, quadratic(lower, a.component), quadratic(lower, b.component));
  const { mean, variance } = momentsOf(slanted);
  if (!(variance < Infinity)) return 'negligible';
  if (isCommon(mean, variance, sight)) return 'common';
  // A few hundred times as quick as the axes.
  return psiHalf(slanted) < sight.negligible ? 'negligible' : inAxes(slanted);
}

function isCommon(mean: number, variance: number, { rareFrom }: Sight): boolean {
  return !(mean < -rareFrom * Math.sqrt(variance));
}

/** UᵀU and Uᵀv with U = L_c⁻¹L and v = L_c⁻¹μ_c: −½‖U·x − v‖² is the log density at z = L·x. */
interface Quadratic {
  readonly square: Float64Array;
  readonly linear: Float64Array;
}

function quadratic(lower: Float64Array, component: Gaussian): Quadratic {
  const d = component.dimension;
  const factor = factorOf(component);
  const u = lower.slice();
  for (let column = 0; column < d; column++) solveLowerInPlace(factor, d, u, column, d);
  const v = meanOf(component).slice();
  solveLowerInPlace(factor, d, v);
  const square = new Float64Array(d * d);
  const linear = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    for (let k = i; k < d; k++) linear[i]! += u[k * d + i]! * v[k]!;
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < d; k++) sum += u[k * d + i]! * u[k * d + j]!;
      square[i * d + j] = sum;
      square[j * d + i] = sum;
    }
  }
  return { square, linear };
}

function difference(constant: number, a: Quadratic, b: Quadratic): Slanted {
  return {
    constant,
    linear: a.linear.map((x, k) => x - b.linear[k]!),
    curvature: a.square.map((x, k) => x - b.square[k]!),
  };
}

/** Mean and variance of l for a standard normal x. */
function momentsOf({ constant, linear, curvature }: Slanted): { readonly mean: number; readonly variance: number } {
  const d = linear.length;
  let mean = constant;
  for (let k = 0; k < d; k++) mean -= 0.5 * curvature[k * d + k]!;
  const variance =
    linear.reduce((sum, b) => sum + b * b, 0) + 0.5 * curvature.reduce((sum, entry) => sum + entry * entry, 0);
  return { mean, variance };
}

/** ψ(½) = ½·constant + ⅛ bᵀM⁻¹b − ½ ln det M with M = I + ½C; Infinity where M is not positive definite. */
function psiHalf({ constant, linear, curvature }: Slanted): number {
  const d = linear.length;
  const m = curvature.map((entry) => 0.5 * entry);
  for (let k = 0; k < d; k++) m[k * d + k]! += 1;
  const factor = accurateCholesky(m, d);
  if (factor === null) return Infinity;
  const u = linear.slice();
  solveLowerInPlace(factor, d, u);
  let psi = 0.5 * constant;
  for (let k = 0; k < d; k++) psi += 0.125 * u[k]! * u[k]! - Math.log(factor[k * d + k]!);
  return psi;
}

function inAxes({ constant, linear, curvature }: Slanted): LogOdds {
  const d = linear.length;
  const { values, vectors } = symmetricEigen(curvature, d);
  const turned = new Float64Array(d);
  for (let k = 0; k < d; k++) for (let i = 0; i < d; i++) turned[k]! += vectors[i * d + k]! * linear[i]!;
  return { constant, linear: turned, curvature: values, axes: vectors };
}

/** l at z = L·x. */
export function oddsAt({ constant, linear, curvature, axes }: LogOdds, x: Float64Array): number {
  const d = linear.length;
  let l = constant;
  for (let k = 0; k < d; k++) {
    let y = x[k]!;
    if (axes) {
      y = 0;
      for (let i = 0; i < d; i++) y += axes[i * d + k]! * x[i]!;
    }
    l += (linear[k]! - 0.5 * curvature[k]! * y) * y;
  }
  return l;
}

/**
 * The normal with density e^(θl − ψ) relative to that of the standard one, ψ(θ) = ln E[e^(θl)]: where l is about zero, for the right θ
 * (exponential tilting; Asmussen and Glynn 2007, §VI.2).
 */
export interface Tilt {
  readonly theta: number;
  /** ψ(θ). */
  readonly psi: number;
  /** ψ′(θ), the mean of l. */
  readonly mean: number;
  /** ψ″(θ), the variance of l. */
  readonly variance: number;
}

export function tilted({ constant, linear, curvature }: LogOdds, theta: number): Tilt {
  let psi = theta * constant;
  let mean = constant;
  let variance = 0;
  for (let k = 0; k < linear.length; k++) {
    const [b, g] = [linear[k]!, curvature[k]!];
    const precision = 1 + theta * g;
    const m = (theta * b) / precision;
    psi += 0.5 * (theta * b * m - Math.log(precision));
    mean += b * m - 0.5 * g * (1 / precision + m * m);
    variance += (b - g * m) ** 2 / precision + 0.5 * (g / precision) ** 2;
  }
  return { theta, psi, mean, variance };
}

/** The mean of l, in its standard deviations, that counts as zero: no draw can tell. */
const CLOSE = 0.01;
/** Steps towards it; two or three are enough unless the widths differ by orders of magnitude. */
const MOST_STEPS = 60;

/**
 * The tilt with 0 < θ ≤ 1 under which the mean of l is zero, or as close to it as θ = 1 brings it: e^ψ bounds P(l > 0), and E[e^l; l < 0] with it
 * (Chernoff), and draws from it see the places where l changes its sign.
 * @param odds with a mean below 0 under θ = 0
 */
export function tiltToZero(odds: LogOdds): Tilt {
  // The tilted normal exists for θ < −1/γ.
  const pole = odds.curvature.reduce((least, g) => (g < 0 ? Math.min(least, -1 / g) : least), Infinity);
  if (pole > 1) {
    const full = tilted(odds, 1);
    if (full.mean <= 0) return full;
  }
  return closeToZero(odds, Math.min(1, pole));
}

/** Newton's method on ψ′(θ), which grows, kept between what is known to be too small and too large. */
function closeToZero(odds: LogOdds, most: number): Tilt {
  let [low, high] = [0, most];
  let tilt = tilted(odds, 0);
  for (let step = 0; step < MOST_STEPS && !(Math.abs(tilt.mean) <= CLOSE * Math.sqrt(tilt.variance)); step++) {
    if (tilt.mean < 0) low = tilt.theta;
    else high = tilt.theta;
    const next = tilt.theta - tilt.mean / tilt.variance;
    tilt = tilted(odds, next > low && next < high ? next : 0.5 * (low + high));
  }
  return tilt;
}

/** x = V·(mean of the tilted normal + its deviation·η), made in `out` from standard normal η. */
export function placeTilted(
  { linear, curvature, axes }: LogOdds,
  theta: number,
  eta: Float64Array,
  out: Float64Array,
): void {
  const d = linear.length;
  if (axes) out.fill(0);
  for (let k = 0; k < d; k++) {
    const precision = 1 + theta * curvature[k]!;
    const y = (theta * linear[k]!) / precision + eta[k]! / Math.sqrt(precision);
    if (!axes) out[k] = y;
    else for (let i = 0; i < d; i++) out[i]! += axes[i * d + k]! * y;
  }
}
