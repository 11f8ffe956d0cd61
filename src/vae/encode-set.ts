import { pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { tf } from '../tensors';
import { checkImages } from './check-images';
import { CHUNK, type Encodings } from './inference';
import type { Vae } from './model';
import { makeRunner, type TrainingDevice } from './training/runner';

/** How many images are encoded at a time, and where. */
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
 */
export async function encodeSet(model: Vae, set: ImageSet, options: EncodeSetOptions = {}): Promise<Encodings> {
  checkImages(model, set, 'data');
  const { device = 'cpu', threads, signal } = options;
  const size = Math.min(CHUNK, set.count);
  const encoder = await makeRunner<'x', 'mean' | 'stddev'>(
    ({ x }) => {
      const { mean, logVariance } = model.encode(x as tf.Tensor2D);
      return { mean, stddev: tf.exp(tf.mul(logVariance, 0.5)) };
    },
    { device, threads, inputs: { x: [size, model.pixels] } },
  );
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
