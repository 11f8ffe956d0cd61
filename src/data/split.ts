import { InvalidArgumentError, shown } from '../errors';
import { RandomStream } from '../math/random';
import type { ImageSet } from './dataset';
import { chooseImages } from './rows';

/** Draws `held` images of a set at random, and parts them from the rest; both stay in the set's own order. */
export function holdOut(set: ImageSet, held: number, seed: number, part: string): { rest: ImageSet; held: ImageSet } {
  if (!Number.isInteger(held) || held < 1 || held >= set.count) {
    throw new InvalidArgumentError(
      part,
      `expected 1 to ${set.count - 1} of the ${set.count} images of ${set.name}, got ${held}`,
    );
  }
  const order = Uint32Array.from({ length: set.count }, (_, i) => i);
  RandomStream.of(seed, `data/split/${part}`).shuffle(order);
  return {
    held: { ...chooseImages(set, order.slice(0, held).sort()), name: `${set.name} ${part}` },
    rest: chooseImages(set, order.slice(held).sort()),
  };
}

/**
 * Draws the images to test on where nothing names them: of one seed always the same.
 * @throws InvalidArgumentError on a share that is not between 0 and 1, or a seed that is no integer
 */
export function drawTest(
  all: ImageSet,
  {
    splitSeed = 1,
    testShare = 0.1,
  }: { readonly splitSeed?: number | undefined; readonly testShare?: number | undefined },
): { rest: ImageSet; held: ImageSet } {
  if (!(testShare > 0 && testShare < 1)) {
    throw new InvalidArgumentError('testShare', `expected a number between 0 and 1, got ${testShare}`);
  }
  if (!Number.isSafeInteger(splitSeed)) {
    throw new InvalidArgumentError('splitSeed', `expected an integer, got ${shown(splitSeed)}`);
  }
  const held = Math.min(Math.max(1, Math.round(all.count * testShare)), all.count - 1);
  return holdOut(all, held, splitSeed, 'test');
}
