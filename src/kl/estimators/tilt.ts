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

/** KL(tilted‖untilted) = θψ′(θ) − ψ(θ). */
export function distance({ theta, psi, mean }: Tilt): number {
  return theta * mean - psi;
}
