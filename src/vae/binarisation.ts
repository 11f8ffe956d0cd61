import type { Binarisation } from '../data/batches';
import { InvalidArgumentError } from '../errors';
import { type LikelihoodKind, specOf } from './likelihood-kinds';
import type { Vae } from './model';
import { MODEL_OPTIONS } from './model-table';

/** What pixels are unless told otherwise: bits drawn from intensities for `bernoulli`; what other likelihoods describe are the numbers themselves. */
export function usualBinarisation(kind: LikelihoodKind = MODEL_OPTIONS.likelihood.default): 'dynamic' | 'none' {
  return specOf(kind).of === 'bits' ? 'dynamic' : 'none';
}

/** @throws InvalidArgumentError where the likelihood is of numbers of which no bits can be drawn */
export function checkBinarisation({ likelihood: { support } }: Pick<Vae, 'likelihood'>, how: Binarisation): void {
  if (support === 'unit' || how === 'none') return;
  const numbers = support === 'real' ? 'numbers that are not intensities' : 'the 256 intensities of a byte';
  throw new InvalidArgumentError('binarisation', `expected none for ${numbers}, got ${how}`);
}
