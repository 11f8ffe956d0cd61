import { InvalidArgumentError } from '../../errors';
import type { Vae } from '../model';

/** @throws InvalidArgumentError unless q(z|x) is a diagonal normal, whose density is known at any z */
export function checkNormal({ family }: Pick<Vae, 'family'>): void {
  if (family.kind === 'normal') return;
  throw new InvalidArgumentError(
    'model',
    `expected one whose q(z|x) is a diagonal normal, got one with a ${family.kind}`,
  );
}
