import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { meanOf } from '../distributions/multivariate-normal';
import { Normal } from '../distributions/normal';
import { requireDistribution } from '../distributions/validate';
import { InvalidArgumentError, shown, UsageError } from '../errors';
import { nth } from '../nth';
import { componentsOf } from './components';
import { momentsOf } from './entropy-bounds';
import { quadratureKlGradient } from './gradients/quadrature-gradient';
import { quadratureKl } from './quadrature';

/**
 * Direction of the divergence that is minimised between the fit q and the target p: KL(q‖p) or KL(p‖q).
 *
 * @example
 * ```ts
 * import { closestNormal, GaussianMixture, type KlDirection, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-3, 1), new Normal(3, 1)]);
 * const directions: KlDirection[] = ['p to q', 'q to p'];
 * // The one covers both modes, the other seeks one of them:
 * directions.map((direction) => closestNormal(p, direction, new Normal(2, 1)).stddev); // [3.16228, 1.02337]
 * ```
 */
export type KlDirection = 'q to p' | 'p to q';

const DIRECTIONS: readonly KlDirection[] = ['q to p', 'p to q'];

const MOST_STEPS = 400;
/** Length of the natural gradient, in units of σ, below which the divergence no longer changes in its tenth digit. */
const SMALLEST_STEP = 1e-7;

/** The most that a step may change ln σ by. */
const LONGEST_STEP = 14;

/**
 * Returns the normal q closest to a mixture p on the real line, in one direction of the KL divergence.
 *
 * `p to q`: the least KL(p‖q) = E_p[ln p/q]. It has the mean and the variance of p, whatever p is, and covers all of it.
 * `q to p`: a least KL(q‖p) = E_q[ln q/p], found from `start` by natural gradient steps on the quadrature. There may be several;
 * the one found depends on the start.
 *
 * @throws InvalidArgumentError when p is not one-dimensional; UsageError when the descent has not settled after 400 steps
 *
 * @example
 * ```ts
 * import { closestNormal, GaussianMixture, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-3, 1), new Normal(3, 1)]);
 * closestNormal(p, 'p to q').stddev; // 3.16228
 * closestNormal(p, 'q to p', new Normal(2, 1)).mean; // 2.98431
 * ```
 */
export function closestNormal(p: GaussianMixture, direction: KlDirection, start?: Normal): Normal {
  requireDistribution('p', p);
  if (p.dimension !== 1) throw new InvalidArgumentError('p', `expected one dimension, got ${p.dimension}`);
  if (!DIRECTIONS.includes(direction)) {
    throw new InvalidArgumentError('direction', `expected one of ${DIRECTIONS.join(', ')}, got ${shown(direction)}`);
  }
  if (start !== undefined) requireDistribution('start', start);
  const parts = componentsOf(p);
  const { deviations, stddev } = momentsOf(parts);
  const first = meanOf(nth(parts.components, 0));
  const matched = new Normal(nth(first, 0) - 2 * nth(nth(deviations, 0), 0), nth(stddev, 0));
  return direction === 'p to q' ? matched : descend(p, start ?? matched);
}

function descend(p: GaussianMixture, start: Normal): Normal {
  let q = start;
  let value = quadratureKl(q, p);
  let rate = 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { mean, stddev } = quadratureKlGradient(q, p);
    // The Fisher information of N(μ, σ²) is 1/σ² in μ and 2 in ln σ: steps in units of σ, the same on every scale.
    const [along, wider] = [-q.stddev * nth(mean, 0), -0.5 * q.stddev * nth(stddev, 0)];
    if (Math.hypot(along, wider) < SMALLEST_STEP) return q;
    // Where q is far wider than the components of p, a whole step would leave the floats.
    const whole = Math.min(1, LONGEST_STEP / Math.abs(wider));
    for (;;) {
      const length = rate * whole;
      const next = new Normal(q.mean + length * q.stddev * along, q.stddev * Math.exp(length * wider));
      const there = quadratureKl(next, p);
      if (there < value || rate < 1e-9) {
        if (there >= value) return q; // no shorter step goes down: what is left is rounding
        [q, value] = [next, there];
        rate = Math.min(1, 2 * rate);
        break;
      }
      rate /= 2;
    }
  }
  throw new UsageError(`no normal closest to p was found in ${MOST_STEPS} steps; start nearer to one of its modes`);
}
