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

/** Mean and standard deviation of the published code: `load_dynamic_mnist` in its `utils/load_data.py`. */
const [NOISE_MEAN, NOISE_STDDEV] = [0.05, 0.01];

/**
 * Nearly black images as first pseudo-inputs, 0.05 ± 0.01 in every pixel, kept in [0, 1]: `[components, pixels]`. The experiments of
 * Tomczak and Welling (2018) start like this; the −0.05 that their `experiment.py` has as a default is replaced where they load dynamic MNIST.
 */
export function noisePseudoInputs(pixels: number, components: number, seed: number): Float32Array {
  const values = new Float32Array(components * pixels);
  RandomStream.of(seed, 'vae/pseudo-inputs/noise').fillNormal(values);
  return values.map((normal) => Math.min(Math.max(NOISE_MEAN + NOISE_STDDEV * normal, 0), 1));
}
