import { factorOf, type Gaussian, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { accurateCholesky } from '../../math/accurate-cholesky';
import { diagonalMatrix, solveLowerInPlace, symmetricEigen } from '../../math/linear-algebra';
import { distance, type LogOdds, type Tilt, tilted, tiltToZero } from './tilt';

/** A weighted component of a mixture. */
export interface Weighted {
  readonly logWeight: number;
  readonly component: Gaussian;
}

/** Log odds with V = I and the whole matrix of curvatures: what is known before its axes are. */
interface Slanted {
  readonly constant: number;
  readonly linear: Float64Array;
  /** Row-major d×d. */
  readonly curvature: Float64Array;
}

/** How far the place where l > 0 may be from draws to be worth draws of its own. */
export interface Sight {
  /** Below this KL(tilted‖untilted), in nats, draws come there anyway. */
  readonly common: number;
  /** Below this ψ nothing does. */
  readonly negligible: number;
}

/** Log odds, and the tilt that brings them to zero. */
export interface Tilted {
  readonly odds: LogOdds;
  readonly tilt: Tilt;
}

/** The log odds of a against b under draws from `from` where l > 0 is rare; or that it is common, or negligible. */
export function rareLogOdds(from: Gaussian, a: Weighted, b: Weighted, sight: Sight): Tilted | 'common' | 'negligible' {
  const odds = oddsBelowZero(from, a, b, sight);
  if (typeof odds === 'string') return odds;
  const tilt = tiltToZero(odds);
  if (distance(tilt) < sight.common) return 'common';
  // Nor can draws be made from a normal that the floats cannot hold.
  return tilt.psi >= sight.negligible && tilt.variance < Infinity ? { odds, tilt } : 'negligible';
}

function oddsBelowZero(from: Gaussian, a: Weighted, b: Weighted, sight: Sight): LogOdds | 'common' | 'negligible' {
  const origin = new Float64Array(from.dimension);
  const at = ({ logWeight, component }: Weighted): number => logWeight + component.logProbAt(origin, 0);
  const constant = at(a) - at(b);
  const [sigma, sa, sb] = [from, a.component, b.component].map(stddevOf);
  if (sigma && sa && sb) {
    const [ma, mb] = [meanOf(a.component), meanOf(b.component)];
    const linear = sigma.map((s, k) => (s / sa[k]!) * (ma[k]! / sa[k]!) - (s / sb[k]!) * (mb[k]! / sb[k]!));
    const curvature = sigma.map((s, k) => (s / sa[k]!) ** 2 - (s / sb[k]!) ** 2);
    const odds = { constant, linear, curvature, axes: null };
    return chance(tilted(odds, 0), () => tilted(odds, 0.5).psi, sight) ?? odds;
  }
  const lower = factorOf(from);
  const slanted = difference(constant, quadratic(lower, a.component), quadratic(lower, b.component));
  const half = halfTilted(slanted);
  // That of the right θ is at most about four times as large. To know it takes the axes: hundreds of times as long.
  if (half !== null && 4 * half.kl < sight.common) return 'common';
  return chance(momentsOf(slanted), () => half?.psi ?? Infinity, sight) ?? inAxes(slanted);
}

/** What the mean and the variance of l, and ψ(½), tell already. */
function chance(
  { mean, variance }: Pick<Tilt, 'mean' | 'variance'>,
  psi: () => number,
  { negligible }: Sight,
): 'common' | 'negligible' | null {
  if (!(variance < Infinity)) return 'negligible';
  if (!(mean < 0)) return 'common';
  return psi() < negligible ? 'negligible' : null;
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
function momentsOf({ constant, linear, curvature }: Slanted): Pick<Tilt, 'mean' | 'variance'> {
  const d = linear.length;
  let mean = constant;
  for (let k = 0; k < d; k++) mean -= 0.5 * curvature[k * d + k]!;
  const variance =
    linear.reduce((sum, b) => sum + b * b, 0) + 0.5 * curvature.reduce((sum, entry) => sum + entry * entry, 0);
  return { mean, variance };
}

/**
 * The tilt by θ = ½: ψ = ½·constant + ½ mᵀMm − ½ ln det M and KL(tilted‖untilted) = ½(tr M⁻¹ − d + mᵀm + ln det M), with M = I + ½C and m = ½M⁻¹b.
 * @returns null where M is not positive definite
 */
function halfTilted({ constant, linear, curvature }: Slanted): { readonly psi: number; readonly kl: number } | null {
  const d = linear.length;
  const matrix = curvature.map((entry) => 0.5 * entry);
  for (let k = 0; k < d; k++) matrix[k * d + k]! += 1;
  const factor = accurateCholesky(matrix, d);
  if (factor === null) return null;
  const inverse = diagonalMatrix(new Float64Array(d).fill(1));
  for (let column = 0; column < d; column++) solveLowerInPlace(factor, d, inverse, column, d);
  const m = new Float64Array(d);
  const u = new Float64Array(d);
  for (let i = 0; i < d; i++) for (let k = 0; k <= i; k++) u[i]! += 0.5 * inverse[i * d + k]! * linear[k]!;
  for (let i = 0; i < d; i++) for (let k = 0; k <= i; k++) m[k]! += inverse[i * d + k]! * u[i]!;
  const trace = inverse.reduce((sum, entry) => sum + entry * entry, 0);
  let logDet = 0;
  for (let k = 0; k < d; k++) logDet += 2 * Math.log(factor[k * d + k]!);
  const squares = (v: Float64Array): number => v.reduce((sum, x) => sum + x * x, 0);
  const psi = 0.5 * (constant + squares(u) - logDet);
  const kl = 0.5 * (trace - d + squares(m) + logDet);
  return { psi, kl };
}

function inAxes({ constant, linear, curvature }: Slanted): LogOdds {
  const d = linear.length;
  const { values, vectors } = symmetricEigen(curvature, d);
  const turned = new Float64Array(d);
  for (let k = 0; k < d; k++) for (let i = 0; i < d; i++) turned[k]! += vectors[i * d + k]! * linear[i]!;
  return { constant, linear: turned, curvature: values, axes: vectors };
}
