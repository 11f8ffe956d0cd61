import { pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import type { tf } from '../tensors';
import { checkImages } from './check-images';
import { CHUNK, type Encodings } from './inference';
import type { Vae } from './model';
import { makeRunner, type TrainingDevice } from './training/runner';

/**
 * How many images are encoded at a time, and where.
 *
 * @example
 * ```ts
 * import { encodeSet, type EncodeSetOptions, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const options: EncodeSetOptions = { device: 'cpu', threads: 1 };
 * const { train: digits } = syntheticDigits({ train: 20, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * (await encodeSet(model, digits, options)).stddevs.length; // 40
 * model.dispose();
 * ```
 */
export interface EncodeSetOptions {
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  readonly threads?: number;
  /** Ends the work between two chunks by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * q(z|x) of every image of a set, compiled and some images at a time, so that the set may be larger than memory.
 *
 * @throws InvalidArgumentError when the images do not fit the model; UsageError when the device is not there
 *
 * @example
 * ```ts
 * import { encodeSet, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const { train: digits } = syntheticDigits({ train: 20, test: 10, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * const { means, stddevs } = await encodeSet(model, digits, { threads: 1 });
 * means.length; // 40
 * stddevs.every((stddev) => stddev > 0); // true
 * model.dispose();
 * ```
 */
export async function encodeSet(model: Vae, set: ImageSet, options: EncodeSetOptions = {}): Promise<Encodings> {
  checkImages(model, set, 'data');
  const { device = 'cpu', threads, signal } = options;
  const size = Math.min(CHUNK, set.count);
  const encoder = await makeRunner<'x', 'mean' | 'stddev'>(({ x }) => ({ ...model.moments(x as tf.Tensor2D) }), {
    device,
    threads,
    inputs: { x: [size, model.pixels] },
  });
  try {
    const d = model.latent;
    const [means, stddevs] = [new Float32Array(set.count * d), new Float32Array(set.count * d)];
    for (let start = 0; start < set.count; start += size) {
      signal?.throwIfAborted();
      const count = Math.min(size, set.count - start);
      const x = new Float32Array(size * model.pixels);
      x.set(
        pixelRows(
          set,
          Uint32Array.from({ length: count }, (_, i) => start + i),
        ),
      );
      const { mean, stddev } = await encoder.run({ x });
      means.set(mean.subarray(0, count * d), start * d);
      stddevs.set(stddev.subarray(0, count * d), start * d);
    }
    return { means, stddevs };
  } finally {
    await encoder.dispose();
  }
}
