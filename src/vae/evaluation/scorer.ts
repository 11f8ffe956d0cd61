import { setImmediate as afterIo } from 'node:timers/promises';
import { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { sampleTerms } from '../elbo';
import type { Vae } from '../model';
import type { PriorDensity } from '../priors/prior';
import { makeRunner, type Runner } from '../training/runner';
import type { ImageScores, ImportanceOptions } from './importance';

type Terms = Runner<'x' | 'noise', 'logLikelihood' | 'logRatio' | 'mean' | 'kl'>;

export interface Shape {
  /** Images per call. */
  readonly images: number;
  /** Samples per image and call. */
  readonly samples: number;
}

/** Scores blocks. Compiles on the first call, which never comes if all blocks are kept. */
export class Scorer {
  private terms: Promise<Terms> | null = null;

  constructor(
    private readonly model: Vae,
    private readonly shape: Shape,
    /** Some images in [0, 1], from one on. */
    private readonly rowsOf: (start: number, count: number) => Float32Array,
    private readonly options: ImportanceOptions,
  ) {}

  async score(first: number, count: number): Promise<ImageScores> {
    const { model, shape, rowsOf, options } = this;
    this.terms ??= termsOf(model, shape, options);
    const terms = await this.terms;
    const scores = emptyScores(count, model.latent);
    for (let start = 0; start < count; start += shape.images) {
      await scoreImages(model, terms, shape, { first, start, rowsOf, scores, options });
      options.onProgress?.(first + Math.min(start + shape.images, count));
    }
    return scores;
  }

  async dispose(): Promise<void> {
    await (await this.terms?.catch(() => null))?.dispose();
  }
}

function termsOf(model: Vae, shape: Shape, { device = 'cpu', threads }: ImportanceOptions): Promise<Terms> {
  const prior = model.prior.frozen();
  return makeRunner(
    ({ x, noise }: Record<'x' | 'noise', tf.Tensor>) => allTerms(model, prior, x as tf.Tensor2D, noise as tf.Tensor3D),
    {
      device,
      threads,
      inputs: { x: [shape.images, model.pixels], noise: [shape.samples, shape.images, model.latent] },
    },
  );
}

/** Where the closed form is missing, `kl` repeats the samples' mean. */
function allTerms(
  model: Vae,
  prior: PriorDensity,
  x: tf.Tensor2D,
  noise: tf.Tensor3D,
): Record<'logLikelihood' | 'logRatio' | 'mean' | 'kl', tf.Tensor> {
  return tf.tidy(() => {
    const { logLikelihood, logRatio, posterior } = sampleTerms(model, x, noise, false, prior);
    const closedForm = prior.closedFormKl?.(posterior.mean, posterior.logVariance);
    return { logLikelihood, logRatio, mean: posterior.mean, kl: closedForm ?? tf.mean(logRatio, 0) };
  });
}

interface Work {
  /** The block's first image; `start` is this call's first image within the block. */
  readonly first: number;
  readonly start: number;
  readonly rowsOf: (start: number, count: number) => Float32Array;
  readonly scores: ImageScores;
  readonly options: ImportanceOptions;
}

/** The images of one call, over as many calls as their samples need. What fills up a call is computed and not counted. */
async function scoreImages(
  model: Vae,
  terms: Terms,
  shape: Shape,
  { first, start, rowsOf, scores, options }: Work,
): Promise<void> {
  const { pixels, latent } = model;
  const { samples, seed, signal } = options;
  const count = Math.min(shape.images, scores.logLikelihood.length - start);
  const x = new Float32Array(shape.images * pixels);
  x.set(rowsOf(first + start, count));
  const streams = Array.from({ length: count }, (_, i) =>
    RandomStream.of(seed, `vae/importance/noise/${first + start + i}`),
  );
  const sums = Array.from({ length: count }, () => new StreamingLogSumExp());
  for (let done = 0; done < samples; done += shape.samples) {
    signal?.throwIfAborted();
    const now = Math.min(shape.samples, samples - done);
    const noise = sampleMajorNoise(streams, now, shape, latent);
    const { logLikelihood, logRatio, mean, kl } = await terms.run({ x, noise });
    for (let i = 0; i < count; i++) {
      const at = start + i;
      let klSum = 0;
      for (let s = 0; s < now; s++) {
        const [likelihood, ratio] = [
          logLikelihood[s * shape.images + i] as number,
          logRatio[s * shape.images + i] as number,
        ];
        sums[i]?.push(likelihood - ratio);
        scores.reconstruction[at]! -= likelihood / samples;
        klSum += ratio;
      }
      scores.kl[at]! += model.prior.closedFormKl ? ((kl[i] as number) * now) / samples : klSum / samples;
      if (done === 0) scores.means.set(mean.subarray(i * latent, (i + 1) * latent), at * latent);
    }
    await afterIo();
  }
  sums.forEach((sum, i) => {
    scores.logLikelihood[start + i] = sum.value - Math.log(samples);
  });
}

/** `[shape.samples, shape.images, d]`; each image draws from its own stream, one sample after the other. */
function sampleMajorNoise(streams: readonly RandomStream[], samples: number, shape: Shape, d: number): Float32Array {
  const noise = new Float32Array(shape.samples * shape.images * d);
  streams.forEach((stream, i) => {
    for (let s = 0; s < samples; s++) {
      const at = (s * shape.images + i) * d;
      stream.fillNormal(noise.subarray(at, at + d));
    }
  });
  return noise;
}

/** ln Σ exp(x_i) of numbers that come one by one, in float64: their largest and the sum relative to it. */
export class StreamingLogSumExp {
  private largest = Number.NEGATIVE_INFINITY;
  private sum = 0;

  push(x: number): void {
    if (x === Number.NEGATIVE_INFINITY) return;
    if (x > this.largest) {
      this.sum = this.sum * Math.exp(this.largest - x) + 1;
      this.largest = x;
    } else this.sum += Math.exp(x - this.largest);
  }

  /** −∞ before the first finite term. */
  get value(): number {
    return this.largest + Math.log(this.sum);
  }
}

export function emptyScores(count: number, d: number): ImageScores {
  const scores = () => new Float64Array(count);
  return { logLikelihood: scores(), reconstruction: scores(), kl: scores(), means: new Float32Array(count * d) };
}
