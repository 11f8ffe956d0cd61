/**
 * The quantity asked for exists, but no closed form of it is known; the message says why and what to call instead. "Not known" is
 * all that is claimed: E[ln Σ_k π_k N(Z; μ_k, Σ_k)] over a normal Z comes down, already for two components of equal variance, to
 * E[softplus(a + bZ)], whose derivative in a is the logistic-normal integral. Series for it are known, values at single points too
 * (Pirjol, J. Comput. Appl. Math. 237, 2013), a formula for all a and b is not.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klDivergence, Normal, quadratureKl } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)]);
 * klDivergence(new Normal(0, 1), p); // throws NoClosedFormError
 * quadratureKl(new Normal(0, 1), p); // 0.125433
 * ```
 */
export class NoClosedFormError extends Error {
  override readonly name = 'NoClosedFormError';
}
