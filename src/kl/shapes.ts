import type { Distribution } from '../distributions/distribution';
import { requireDistribution } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';

/** @throws InvalidArgumentError naming q or p unless both are distributions, and on the same space. */
export function requireSameShape(q: Distribution, p: Distribution): void {
  requireDistribution('q', q);
  requireDistribution('p', p);
  const shape = ({ eventShape }: Distribution): string => `[${eventShape.join(', ')}]`;
  if (shape(q) === shape(p)) return;
  throw new InvalidArgumentError('p', `expected event shape ${shape(q)}, the same as q's, got ${shape(p)}`);
}
