import { setImmediate as afterIo } from 'node:timers/promises';
import { type Binarisation, pixelRows, unchanging } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { fillNormal } from '../../data/random-kernels';
import { RandomStream } from '../../math/random';
import { named } from '../../nth';
import type { tf } from '../../tensors';
import { type Bound, negativeBound } from '../elbo';
import type { Vae } from '../model';
import { makeRunner, type Runner, type TrainingDevice } from './runner';

/** Images times samples at a time. */
const BATCH = 500;

export interface HeldOutOptions {
  readonly seed: number;
  /** Dynamic binarisation becomes a fixed one, so that epochs differ by the model alone. */
  readonly binarisation: Binarisation;
  readonly device: TrainingDevice;
  readonly threads: number;
  readonly bound: Bound;
  /** S of the importance-weighted bound. The ELBO is the same on average with one sample, which is what it gets. */
  readonly samples: number;
}

/** The negative bound of a fixed set of images with fixed noise, as the model is trained. */
export class HeldOut {
  private constructor(
    private readonly count: number,
    /** Batch by batch; the last is filled up with black images and no noise, which are not counted. */
    private readonly batches: readonly { readonly x: Float32Array; readonly noise: Float32Array }[],
    private readonly runner: Runner<string, 'loss'>,
    /** What all batches share of the prior. */
    private readonly shared: Runner<never, string> | null,
  ) {}

  static async create(model: Vae, set: ImageSet, options: HeldOutOptions): Promise<HeldOut> {
    const { seed, binarisation, device, threads, bound } = options;
    const samples = bound === 'elbo' ? 1 : options.samples;
    const { pixels, latent } = model;
    const { count } = set;
    const everything = Uint32Array.from({ length: count }, (_, i) => i);
    const rows = pixelRows(set, everything, { binarisation: unchanging(binarisation), seed });
    const stream = RandomStream.of(seed, 'vae/held-out/noise');
    const draws = Array.from({ length: samples }, () => {
      const noise = new Float32Array(count * latent);
      fillNormal(stream, noise);
      return noise;
    });
    const size = Math.min(Math.max(Math.floor(BATCH / samples), 1), count);
    const batches = Array.from({ length: Math.ceil(count / size) }, (_, i) => ({
      x: rowsFrom(rows, pixels, i * size, size),
      noise: sideBySide(draws, i * size * latent, size * latent),
    }));
    const { shared } = model.prior;
    const work =
      shared && (await makeRunner<never, string>(() => ({ ...shared.compute() }), { device, threads, inputs: {} }));
    const runner = await makeRunner<string, 'loss'>((given) => ({ loss: lossOf(model, bound, given) }), {
      device,
      threads,
      inputs: { x: [size, pixels], noise: [samples, size, latent], ...shared?.shapes },
    });
    return new HeldOut(count, batches, runner, work);
  }

  /** The mean over the images, nats. The model's variables must be up to date. */
  async loss(): Promise<number> {
    let [sum, left] = [0, this.count];
    const shared = await this.shared?.run({});
    for (const batch of this.batches) {
      const { loss } = await this.runner.run({ ...batch, ...shared });
      for (let i = 0; i < Math.min(left, loss.length); i++) sum += loss[i] as number;
      left -= loss.length;
      // Eagerly, nothing else would let a signal in: 10,000 images took half a minute in which no Ctrl-C was heard.
      await afterIo();
    }
    return sum / this.count;
  }

  async dispose(): Promise<void> {
    await this.shared?.dispose();
    await this.runner.dispose();
  }
}

/** The negative bound of each image, with what is given of the prior. */
function lossOf(model: Vae, bound: Bound, given: Readonly<Record<string, tf.Tensor>>): tf.Tensor1D {
  const { family, prior, density } = model;
  const inputs = { x: named(given, 'x') as tf.Tensor2D, noise: named(given, 'noise') as tf.Tensor3D };
  return negativeBound(model, inputs, bound, prior.shared ? family.density(prior.shared.density(given)) : density);
}

/** The batch that begins at `first` of each draw, one draw behind the other; where a draw ends, zeros. */
function sideBySide(draws: readonly Float32Array[], first: number, length: number): Float32Array {
  const all = new Float32Array(draws.length * length);
  draws.forEach((draw, s) => {
    all.set(draw.subarray(first, first + length), s * length);
  });
  return all;
}

/** Rows `start` to `start + count`, in place where there are so many, else filled up with zeros. */
function rowsFrom(values: Float32Array, width: number, start: number, count: number): Float32Array {
  const rows = values.subarray(start * width, (start + count) * width);
  if (rows.length === count * width) return rows;
  const filled = new Float32Array(count * width);
  filled.set(rows);
  return filled;
}
