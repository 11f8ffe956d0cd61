import { join } from 'node:path';
import { pixelRows } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { digestOf } from '../../data/rows';
import type { Vae } from '../model';
import { checkChoice, checkSize } from '../networks';
import { defaultThreads } from '../training/options';
import type { TrainingDevice } from '../training/runner';
import { blocksName, type KeptBlocks, keepBlock, readBlock } from './score-blocks';
import { emptyScores, Scorer, type Shape } from './scorer';

/**
 * How many samples score each image, and from which seed.
 *
 * @example
 * ```ts
 * import { evaluate, type ImportanceOptions, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const options: ImportanceOptions = { samples: 5, seed: 1, binarisation: 'fixed', device: 'cpu', threads: 1 };
 * const { test } = syntheticDigits({ train: 10, test: 20, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * (await evaluate(model, test, options)).scores.kl.length; // 20
 * model.dispose();
 * ```
 */
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
  /** Called after each block of images. */
  readonly onProgress?: (imagesDone: number) => void;
  /** Keeps every block of scored images, and takes those that are there: after an interruption it goes on, to the same bits. */
  readonly keep?: KeptBlocks;
}

/**
 * Image by image, in nats.
 *
 * @example
 * ```ts
 * import { type ImageScores } from 'gmm-vae';
 *
 * // The image that the model explains worst.
 * const worst = ({ logLikelihood }: ImageScores) => logLikelihood.indexOf(Math.min(...logLikelihood));
 * const scores = { logLikelihood: Float64Array.of(-90, -120, -80) };
 * worst({ ...scores, reconstruction: new Float64Array(3), kl: new Float64Array(3), means: new Float32Array(6) }); // 1
 * ```
 */
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

/** Exactly `samples` samples for every image, whatever the chunk; each image has noise of its own. */
export async function importanceScores(model: Vae, set: ImageSet, options: ImportanceOptions): Promise<ImageScores> {
  const { samples, seed, binarisation = 'fixed', chunk = rowsFor(model) } = options;
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
  const folder = blocksFolder(set, options, { binarisation, chunk });
  const scorer = new Scorer(model, shape, rowsOf, options);
  const size = blockSize(set.count, shape);
  try {
    for (let first = 0; first < set.count; first += size) {
      const count = Math.min(size, set.count - first);
      const kept = folder === null ? null : await readBlock(folder, first, count, model.latent);
      const block = kept ?? (await scorer.score(first, count));
      if (folder !== null && !kept) await keepBlock(folder, first, block);
      scores.logLikelihood.set(block.logLikelihood, first);
      scores.reconstruction.set(block.reconstruction, first);
      scores.kl.set(block.kl, first);
      scores.means.set(block.means, first * model.latent);
      if (kept) options.onProgress?.(first + count);
    }
    return scores;
  } finally {
    await scorer.dispose();
  }
}

/** What is lost at most when it is killed: some fiftieth of the work, in whole calls. */
function blockSize(count: number, { images }: Shape): number {
  return images * Math.ceil(Math.max(count / 50, 20) / images);
}

function blocksFolder(
  set: ImageSet,
  { keep, samples, seed, device = 'cpu', threads = defaultThreads() }: ImportanceOptions,
  by: { readonly binarisation: string; readonly chunk: number },
): string | null {
  if (!keep) return null;
  const { folder, weights } = keep;
  return join(folder, blocksName({ ...by, weights, images: digestOf(set), samples, seed, device, threads }));
}

function rowsFor({ pixels }: Vae): number {
  return Math.max(50, Math.floor(PIXELS / pixels));
}
