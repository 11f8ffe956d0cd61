import type { Distribution } from '../distributions/distribution';
import { InvalidArgumentError } from '../errors';

/** @throws InvalidArgumentError naming `p` unless q and p live on the same space. */
export function requireSameShape(q: Distribution, p: Distribution): void {
  const shape = ({ eventShape }: Distribution): string => `[${eventShape.join(', ')}]`;
  if (shape(q) === shape(p)) return;
  throw new InvalidArgumentError('p', `expected event shape ${shape(q)}, the same as q's, got ${shape(p)}`);
}
