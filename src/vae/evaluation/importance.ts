import { setImmediate as afterIo } from 'node:timers/promises';
import { pixelRows } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { RandomStream } from '../../math/random';
import { tf } from '../../tensors';
import { sampleTerms } from '../elbo';
import type { Vae } from '../model';
import { checkChoice, checkSize } from '../networks';
import type { PriorDensity } from '../priors/prior';
import { makeRunner, type Runner, type TrainingDevice } from '../training/runner';

export interface ImportanceOptions {
  /** S: samples of z per image. */
  readonly samples: number;
  readonly seed: number;
  /** Default: `fixed`, the same bits for every model and every run of one seed. */
  readonly binarisation?: 'none' | 'fixed';
  /** Rows (samples times images) computed at a time: bounds the memory and changes no result beyond rounding. */
  readonly chunk?: number;
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  /** Threads on `cpu`; the same number gives the same bits. Default: the number of cores. */
  readonly threads?: number;
  /** Ends the work between two chunks by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (imagesDone: number) => void;
}

/** Image by image, in nats. */
export interface ImageScores {
  /** ln 1/S Σ_s p(x|z_s)·p(z_s)/q(z_s|x): a lower bound on ln p(x) in expectation, tight as S grows (Burda et al., 2016). */
  readonly logLikelihood: Float64Array;
  /** −1/S Σ_s ln p(x|z_s). */
  readonly reconstruction: Float64Array;
  /** Equation (9) where the prior has it, else equation (11) with the samples. */
  readonly kl: Float64Array;
  /** The posterior means, `[n, d]`. */
  readonly means: Float32Array;
}

/** Pixels computed at a time by default: enough to keep the matrix products busy, and few enough to stay in the caches. */
const PIXELS = 1 << 19;

type Terms = Runner<'x' | 'noise', 'logLikelihood' | 'logRatio' | 'mean' | 'kl'>;

interface Shape {
  /** Per call. */
  readonly images: number;
  /** Per image and call. */
  readonly samples: number;
}

/** Exactly `samples` samples for every image, whatever the chunk; each image has noise of its own. */
export async function importanceScores(model: Vae, set: ImageSet, options: ImportanceOptions): Promise<ImageScores> {
  const { samples, seed, binarisation = 'fixed', device = 'cpu', threads, chunk = rowsFor(model) } = options;
  checkSize('samples', samples);
  checkSize('chunk', chunk);
  checkChoice('binarisation', binarisation, { none: true, fixed: true });
  const shape: Shape = {
    samples: Math.min(samples, chunk),
    images: Math.min(set.count, Math.max(1, Math.floor(chunk / samples))),
  };
  const rowsOf = (start: number, count: number): Float32Array =>
    pixelRows(
      set,
      Uint32Array.from({ length: count }, (_, i) => start + i),
      { binarisation, seed },
    );
  const scores = emptyScores(set.count, model.latent);
  const prior = model.prior.frozen();
  const terms = await makeRunner(
    ({ x, noise }: Record<'x' | 'noise', tf.Tensor>) => allTerms(model, prior, x as tf.Tensor2D, noise as tf.Tensor3D),
    {
      device,
      threads,
      inputs: { x: [shape.images, model.pixels], noise: [shape.samples, shape.images, model.latent] },
    },
  );
  try {
    for (let start = 0; start < set.count; start += shape.images) {
      await scoreImages(model, terms, shape, { start, rowsOf, scores, options });
      options.onProgress?.(Math.min(start + shape.images, set.count));
    }
    return scores;
  } finally {
    await terms.dispose();
  }
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
  readonly start: number;
  /** Some images in [0, 1], from one on. */
  readonly rowsOf: (start: number, count: number) => Float32Array;
  readonly scores: ImageScores;
  readonly options: ImportanceOptions;
}

/** The images of one call, over as many calls as their samples need. What fills up a call is computed and not counted. */
async function scoreImages(
  model: Vae,
  terms: Terms,
  shape: Shape,
  { start, rowsOf, scores, options }: Work,
): Promise<void> {
  const { pixels, latent } = model;
  const { samples, seed, signal } = options;
  const count = Math.min(shape.images, scores.logLikelihood.length - start);
  const x = new Float32Array(shape.images * pixels);
  x.set(rowsOf(start, count));
  const streams = Array.from({ length: count }, (_, i) => RandomStream.of(seed, `vae/importance/noise/${start + i}`));
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

function rowsFor({ pixels }: Vae): number {
  return Math.max(50, Math.floor(PIXELS / pixels));
}

function emptyScores(count: number, d: number): ImageScores {
  const scores = () => new Float64Array(count);
  return { logLikelihood: scores(), reconstruction: scores(), kl: scores(), means: new Float32Array(count * d) };
}
