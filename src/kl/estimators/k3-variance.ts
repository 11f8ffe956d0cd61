import { type Gaussian, stddevOf } from '../../distributions/multivariate-normal';
import { isPositiveDefinite } from '../../math/linear-algebra';
import type { KlProblem } from './problem';

/**
 * Whether k3's variance, finite as ∫ p²/q is, is known to be finite. For normals that needs 2Σ_q − Σ_p positive definite, in one
 * dimension σ_q² > σ_p²/2: in the tails p² must fall faster than q. For mixtures it suffices that each component of p has a
 * component of q for which this holds; in one dimension that is also necessary.
 */
export function k3VarianceIsFinite({ qs, ps }: KlProblem): boolean {
  return ps.components.every((p) => qs.components.some((q) => isWideEnough(q, p)));
}

/** √½, and a little for the rounding of σ: so close to it the variance is as good as infinite. */
const WIDE_ENOUGH = Math.SQRT1_2 * (1 + 1e-12);

function isWideEnough(q: Gaussian, p: Gaussian): boolean {
  const sigmaQ = stddevOf(q);
  const sigmaP = stddevOf(p);
  if (sigmaQ && sigmaP) return sigmaQ.every((sigma, j) => sigma / sigmaP[j]! > WIDE_ENOUGH);
  const covarianceP = p.covariance();
  const difference = q.covariance().map((entry, i) => 2 * entry - covarianceP[i]!);
  return isPositiveDefinite(difference, q.dimension);
}
