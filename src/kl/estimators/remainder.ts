import { logPosterior } from '../../distributions/posterior';
import { nth } from '../../nth';
import type { Components } from '../components';
import type { View } from './problem';

/**
 * ln r_c^p(z) − ln r_i^q(z), what is left of ln q/p when that of components i of q and c of p is taken out, at the point z of a view. Each of the two
 * logarithms is ln(weight·component density/mixture density).
 * @returns Infinity where p's log density leaves the floats
 */
export function remainderAt({ q, p, qs, ps }: View, i: number, c: number, z: Float64Array): number {
  const logP = p.logProbAt(z, 0);
  if (logP === -Infinity) return Infinity;
  return logResponsibility(ps, c, z, logP) - logResponsibility(qs, i, z, q.logProbAt(z, 0));
}

/** The log density beyond which a difference of two is rounded by 1e-13 and more. */
const FAR = 1e3;

/** ln r_c(z), where the logarithm of the whole mixture's density is known to be `log`. */
function logResponsibility({ logWeights, components }: Components, c: number, z: Float64Array, log: number): number {
  if (components.length === 1) return 0;
  if (log > -FAR) return nth(logWeights, c) + nth(components, c).logProbAt(z, 0) - log;
  const terms = Float64Array.from(components, (component, k) => nth(logWeights, k) + component.logProbAt(z, 0));
  logPosterior(components, logWeights, z, terms);
  return nth(terms, c);
}
