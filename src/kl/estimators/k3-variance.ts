import { factorOf, type Gaussian, meanOf, stddevOf } from '../../distributions/multivariate-normal';
import { solveLowerInPlace, symmetricEigen, whitenSymmetric } from '../../math/linear-algebra';
import { logSumExp } from '../../math/log-sum-exp';
import { nth } from '../../nth';
import type { KlProblem } from './problem';

/**
 * Whether k3's variance, finite as E_q[r²] = ∫ p²/q is, is known to be finite. For normals that needs 2Σ_q − Σ_p positive definite,
 * in one dimension σ_q² > σ_p²/2: in the tails p² must fall faster than q. For mixtures it suffices that each component of p has
 * a component of q for which this holds; in one dimension that is also necessary.
 */
export function k3VarianceIsFinite(problem: KlProblem): boolean {
  return logRatioMoment(problem, 2) < Infinity;
}

/**
 * How many draws k3 needs before its standard error can be believed: with fewer, the variance of the squares of r = p/q leaves
 * that error less certain than by some 16 %. Infinite unless 4Σ_q − 3Σ_p is positive definite (σ_q² > ¾σ_p²).
 */
export function k3DrawsNeeded(problem: KlProblem): number {
  return 10 * Math.exp(logRatioMoment(problem, 4) - 2 * logRatioMoment(problem, 2));
}

/**
 * ln E_q[r^a] for normals, and for mixtures the bound ln Σ_c π_c min_i w_i^(1−a) E_{q_i}[(p_c/q_i)^a] from above, by Jensen's inequality
 * and q ≥ w_i q_i; +∞ where none of these is finite.
 */
function logRatioMoment({ qs, ps }: KlProblem, a: number): number {
  return logSumExp(
    Float64Array.from(ps.components, (p, c) => {
      const moments = qs.components.map((q, i) => (1 - a) * nth(qs.logWeights, i) + logNormalRatioMoment(q, p, a));
      return nth(ps.logWeights, c) + Math.min(...moments);
    }),
  );
}

/** So close to the edge, which rounding can cross, a moment is as good as infinite. */
const EDGE = 4e-12;

/** Works in coordinates in which q is N(0, I) and p is N(u, diag λ): Σ_j ½[(1 − a)ln λ_j − ln(a − (a − 1)λ_j) + a(a − 1)u_j²/(a − (a − 1)λ_j)]. */
function logNormalRatioMoment(q: Gaussian, p: Gaussian, a: number): number {
  let twice = 0;
  for (const { u, lambda } of relative(p, q)) {
    const room = a - (a - 1) * lambda;
    if (!(room > EDGE)) return Infinity;
    twice += (1 - a) * Math.log(lambda) - Math.log(room) + (a * (a - 1) * u * u) / room;
  }
  return 0.5 * twice;
}

/** p along the axes that both covariances share once q is standard: its means u and variances λ. */
function relative(p: Gaussian, q: Gaussian): { readonly u: number; readonly lambda: number }[] {
  const d = q.dimension;
  const from = meanOf(q);
  const shift = meanOf(p).map((m, j) => m - nth(from, j));
  const sigmaP = stddevOf(p);
  const sigmaQ = stddevOf(q);
  if (sigmaP && sigmaQ) {
    return Array.from(shift, (s, j) => ({ u: s / nth(sigmaQ, j), lambda: (nth(sigmaP, j) / nth(sigmaQ, j)) ** 2 }));
  }
  const lower = factorOf(q);
  solveLowerInPlace(lower, d, shift);
  const { values, vectors } = symmetricEigen(whitenSymmetric(lower, d, p.covarianceMatrix()), d);
  return Array.from(values, (lambda, k) => ({
    u: shift.reduce((sum, s, j) => sum + s * nth(vectors, j * d + k), 0),
    lambda,
  }));
}
