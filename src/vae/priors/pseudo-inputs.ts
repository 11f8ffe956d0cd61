import { pixelRows } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { InvalidArgumentError } from '../../errors';
import { RandomStream } from '../../math/random';

/**
 * Different images of the set, drawn at random, as first pseudo-inputs of a VampPrior: `[components, D]` in [0, 1].
 *
 * @throws InvalidArgumentError when the set has fewer images
 */
export function pseudoInputs(set: ImageSet, components: number, seed: number): Float32Array {
  if (components > set.count) {
    throw new InvalidArgumentError('components', `expected at most ${set.count} (${set.name}), got ${components}`);
  }
  const order = Uint32Array.from({ length: set.count }, (_, i) => i);
  RandomStream.of(seed, 'vae/pseudo-inputs').shuffle(order);
  return pixelRows(set, order.subarray(0, components));
}
