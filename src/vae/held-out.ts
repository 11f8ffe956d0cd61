import { type Binarisation, pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { RandomStream } from '../math/random';
import type { tf } from '../tensors';
import { elboTerms } from './elbo';
import type { Vae } from './model';
import { makeRunner, type Runner, type TrainingDevice } from './runner';

/** Images at a time. */
const BATCH = 500;

export interface HeldOutOptions {
  readonly seed: number;
  /** Dynamic binarisation becomes a fixed one, so that epochs differ by the model alone. */
  readonly binarisation: Binarisation;
  readonly device: TrainingDevice;
  readonly threads: number;
}

/** The negative ELBO of a fixed set of images with fixed noise, one sample each, as the model is trained. */
export class HeldOut {
  private constructor(
    private readonly count: number,
    /** Batch by batch; the last is filled up with black images and no noise, which are not counted. */
    private readonly batches: readonly { readonly x: Float32Array; readonly noise: Float32Array }[],
    private readonly runner: Runner<'x' | 'noise', 'reconstruction' | 'kl'>,
  ) {}

  static async create(model: Vae, set: ImageSet, options: HeldOutOptions): Promise<HeldOut> {
    const { seed, binarisation, device, threads } = options;
    const { pixels, latent } = model;
    const { count } = set;
    const everything = Uint32Array.from({ length: count }, (_, i) => i);
    const rows = pixelRows(set, everything, { binarisation: binarisation === 'none' ? 'none' : 'fixed', seed });
    const noise = new Float32Array(count * latent);
    RandomStream.of(seed, 'vae/held-out/noise').fillNormal(noise);
    const size = Math.min(BATCH, count);
    const batches = Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
      x: rowsFrom(rows, pixels, i * size, size),
      noise: rowsFrom(noise, latent, i * size, size),
    }));
    const runner = await makeRunner<'x' | 'noise', 'reconstruction' | 'kl'>(
      ({ x, noise }) => ({ ...elboTerms(model, x as tf.Tensor2D, noise as tf.Tensor3D) }),
      { device, threads, inputs: { x: [size, pixels], noise: [1, size, latent] } },
    );
    return new HeldOut(count, batches, runner);
  }

  /** The mean over the images, nats. The model's variables must be up to date. */
  async loss(): Promise<number> {
    let [sum, left] = [0, this.count];
    for (const batch of this.batches) {
      const { reconstruction, kl } = await this.runner.run(batch);
      for (let i = 0; i < Math.min(left, kl.length); i++) sum += (reconstruction[i] as number) + (kl[i] as number);
      left -= kl.length;
    }
    return sum / this.count;
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }
}

/** Rows `start` to `start + count`, in place where there are so many, else filled up with zeros. */
function rowsFrom(values: Float32Array, width: number, start: number, count: number): Float32Array {
  const rows = values.subarray(start * width, (start + count) * width);
  if (rows.length === count * width) return rows;
  const filled = new Float32Array(count * width);
  filled.set(rows);
  return filled;
}
