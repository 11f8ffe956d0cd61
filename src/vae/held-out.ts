import { type Binarisation, pixelRows } from '../data/batches';
import type { ImageSet } from '../data/dataset';
import { RandomStream } from '../math/random';
import type { tf } from '../tensors';
import { elboTerms } from './elbo';
import type { Vae } from './model';
import { makeRunner, type Runner, type TrainingDevice } from './runner';

/** Images at a time. */
const BATCH = 200;

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
    private readonly model: Vae,
    private readonly rows: Float32Array,
    private readonly seed: number,
    private readonly runner: Runner<'x' | 'noise', 'reconstruction' | 'kl'>,
  ) {}

  static async create(model: Vae, set: ImageSet, options: HeldOutOptions): Promise<HeldOut> {
    const { seed, binarisation, device, threads } = options;
    const everything = Uint32Array.from({ length: set.count }, (_, i) => i);
    const rows = pixelRows(set, everything, { binarisation: binarisation === 'none' ? 'none' : 'fixed', seed });
    const runner = await makeRunner<'x' | 'noise', 'reconstruction' | 'kl'>(
      ({ x, noise }) => ({ ...elboTerms(model, x as tf.Tensor2D, noise as tf.Tensor3D) }),
      { device, threads, inputs: { x: [BATCH, model.pixels], noise: [1, BATCH, model.latent] } },
    );
    return new HeldOut(model, rows, seed, runner);
  }

  /** The mean over the images, nats. The model's variables must be up to date. */
  async loss(): Promise<number> {
    const { pixels, latent } = this.model;
    const count = this.rows.length / pixels;
    const stream = RandomStream.of(this.seed, 'vae/held-out/noise');
    let sum = 0;
    for (let start = 0; start < count; start += BATCH) {
      // The last batch is filled up with black images, which are not counted.
      const x = new Float32Array(BATCH * pixels);
      x.set(this.rows.subarray(start * pixels, (start + BATCH) * pixels));
      const noise = new Float32Array(BATCH * latent);
      stream.fillNormal(noise);
      const { reconstruction, kl } = await this.runner.run({ x, noise });
      for (let i = 0; i < Math.min(BATCH, count - start); i++) sum += (reconstruction[i] as number) + (kl[i] as number);
    }
    return sum / count;
  }

  dispose(): Promise<void> {
    return this.runner.dispose();
  }
}
