/**
 * The quantity asked for exists, but no closed form of it is known; the message says why and what to call instead. "Not known" is
 * all that is claimed: E[ln Σ_k π_k N(Z; μ_k, Σ_k)] over a normal Z comes down, already for two components of equal variance, to
 * E[softplus(a + bZ)], whose derivative in a is the logistic-normal integral. Series for it are known, values at single points too
 * (Pirjol, J. Comput. Appl. Math. 237, 2013), a formula for all a and b is not.
 */
export class NoClosedFormError extends Error {
  override readonly name = 'NoClosedFormError';
}
