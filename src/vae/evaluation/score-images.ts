import { fillNormal } from '../../data/random-kernels';
import { RandomStream } from '../../math/random';

/** What one call computes: the samples of some images. What fills up a call is computed and not counted. */
export interface Shape {
  /** Images per call. */
  readonly images: number;
  /** Samples per image and call. */
  readonly samples: number;
}

/** A function of arrays, on whatever device. */
interface Runs<Inputs extends string, Outputs extends string> {
  run(inputs: Readonly<Record<Inputs, Float32Array>>): Promise<Readonly<Record<Outputs, Float32Array>>>;
}

/** The two functions that scoring consists of: what is done once for an image, and once for each sample. */
export interface ScoringFunctions {
  /** The mean of z, and what else q(z|x) is known by: ln σ² where it is normal. */
  readonly posterior: Runs<'x', 'mean' | 'rest' | 'kl'>;
  readonly samples: Runs<'x' | 'mean' | 'rest' | 'noise', 'logLikelihood' | 'logRatio'>;
}

/** All that the scores of an image depend on besides the image and the model. Plain data. */
export interface Scoring {
  readonly shape: Shape;
  /** Samples per image. */
  readonly samples: number;
  readonly seed: number;
  /** d. */
  readonly latent: number;
  /** Whether `kl` of `posterior` is equation (9); else the KL term is equation (11). */
  readonly closedFormKl: boolean;
}

/** Images of one call. */
export interface ScoringJob {
  /** The first image's number within the set, which names its noise. */
  readonly first: number;
  readonly count: number;
  /** `[shape.images, D]`, of which the first `count` count. */
  readonly x: Float32Array;
}

/** Numbers per image that `scoreImages` returns, for d latent dimensions: ln p(x), reconstruction, KL, and the posterior's mean. */
export function widthOf(latent: number): number {
  return 3 + latent;
}

/**
 * Scores the images of one job, over as many calls as their samples need: a row of `widthOf(d)` numbers for each. Log-weights are float32,
 * and added in float64.
 *
 * @param pause waited for after each call
 */
export async function scoreImages(
  { posterior, samples: sampled }: ScoringFunctions,
  scoring: Scoring,
  { first, count, x }: ScoringJob,
  pause: () => Promise<void> = async () => {},
): Promise<Float64Array> {
  const { shape, samples, seed, latent, closedFormKl } = scoring;
  const { mean, rest, kl } = await posterior.run({ x });
  const streams = Array.from({ length: count }, (_, i) => RandomStream.of(seed, `vae/importance/noise/${first + i}`));
  const sums = streams.map(() => new StreamingLogSumExp());
  const rows = new Float64Array(count * widthOf(latent));
  const rowOf = (i: number): Float64Array => rows.subarray(i * widthOf(latent), (i + 1) * widthOf(latent));
  const noise = new Float32Array(shape.samples * shape.images * latent);
  for (let done = 0; done < samples; done += shape.samples) {
    const now = Math.min(shape.samples, samples - done);
    drawSampleMajor(streams, now, shape, latent, noise);
    const { logLikelihood, logRatio } = await sampled.run({ x, mean, rest, noise });
    sums.forEach((sum, i) => {
      const row = rowOf(i);
      for (let s = 0; s < now; s++) {
        const at = s * shape.images + i;
        sum.push((logLikelihood[at] as number) - (logRatio[at] as number));
        row[1]! -= (logLikelihood[at] as number) / samples;
        row[2]! += (logRatio[at] as number) / samples;
      }
    });
    await pause();
  }
  sums.forEach((sum, i) => {
    const row = rowOf(i);
    row[0] = sum.value - Math.log(samples);
    if (closedFormKl) row[2] = kl[i] as number;
    row.set(mean.subarray(i * latent, (i + 1) * latent), 3);
  });
  return rows;
}

/** `[shape.samples, shape.images, d]`; each image draws from its own stream, one sample after the other. */
function drawSampleMajor(
  streams: readonly RandomStream[],
  samples: number,
  shape: Shape,
  d: number,
  noise: Float32Array,
): void {
  const together = shape.images === 1 ? samples : 1;
  streams.forEach((stream, i) => {
    for (let s = 0; s < samples; s += together) {
      const at = (s * shape.images + i) * d;
      fillNormal(stream, noise.subarray(at, at + together * d));
    }
  });
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
