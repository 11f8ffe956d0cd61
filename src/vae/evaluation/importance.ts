import { join } from 'node:path';
import { pixelRows, unchanging } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { digestOf } from '../../data/rows';
import { checkBinarisation, usualBinarisation } from '../binarisation';
import type { Vae } from '../model';
import { checkChoice, checkSize } from '../networks';
import { checkOption, type ValueOf } from '../option';
import type { TrainingDevice } from '../training/runner';
import { SCORING_OPTIONS } from './option-table';
import { blocksName, type KeptBlocks } from './score-blocks';
import type { Shape } from './score-images';
import { type Block, ScoredBlocks } from './scored-blocks';
import { type ScoringWork, scoreAll } from './scorer';

type Scoring = typeof SCORING_OPTIONS;
type ScoringOptions = { readonly [N in keyof Scoring as N extends 'limit' ? never : N]: ValueOf<Scoring, N> };

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
export interface ImportanceOptions extends ScoringOptions {
  /** Default: for `bernoulli` `fixed`, the same bits for every model and every run of one seed; `none` for every other likelihood. */
  readonly binarisation?: 'none' | 'fixed';
  /** Rows (samples times images) computed at a time: bounds the memory and changes no result beyond rounding. */
  readonly chunk?: number;
  /** Default: `cpu`, compiled. */
  readonly device?: TrainingDevice;
  /** Threads on `cpu`; any number gives the same bits. Default: the number of cores. */
  readonly threads?: number;
  /** Ends the work between two chunks by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as images are done, in their order. */
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

/** Pixels computed at a time by default: enough to keep the matrix products busy, and few enough to stay in a core's cache. */
const PIXELS = 1 << 18;

/** Exactly `samples` samples for every image, whatever the chunk; each image has noise of its own. */
export async function importanceScores(model: Vae, set: ImageSet, options: ImportanceOptions): Promise<ImageScores> {
  const { samples, seed, chunk = rowsFor(model), onProgress } = options;
  const { binarisation = unchanging(usualBinarisation(model.options.likelihood)) } = options;
  for (const name of ['samples', 'seed'] as const) checkOption(SCORING_OPTIONS[name], options[name], name);
  checkSize('chunk', chunk);
  checkChoice('binarisation', binarisation, { none: true, fixed: true });
  checkBinarisation(model, binarisation);
  const shape: Shape = {
    samples: inEqualParts(samples, chunk),
    images: Math.min(set.count, Math.max(1, Math.floor(chunk / samples))),
  };
  const { density, latent } = model;
  const folder = blocksFolder(set, options, { binarisation, chunk });
  const blocks = await ScoredBlocks.open(folder, { count: set.count, latent, size: blockSize(set.count, shape) });
  let done = set.count - blocks.missing.reduce((sum, { count }) => sum + count, 0);
  if (done > 0) onProgress?.(done);
  const work = blocks.missing.flatMap((block) =>
    callsOf(block, shape.images).map(
      ({ first, count }): ScoringWork => ({
        job: () => ({ first, count, x: rowsOf(set, { first, count }, shape, { binarisation, seed }) }),
        consume: (rows) => {
          blocks.put(block, first, rows);
          done += count;
          onProgress?.(done);
        },
      }),
    ),
  );
  const scoring = { shape, samples, seed, latent, closedFormKl: density.closedFormKl !== null };
  const { device, threads, signal } = options;
  try {
    await scoreAll(model, scoring, work, { device, threads, signal: blocks.until(signal) });
  } finally {
    await blocks.written();
  }
  return blocks.scores;
}

/** A block's images, those of one call together. */
function callsOf({ first, count }: Block, images: number): Block[] {
  const calls = Array.from({ length: Math.ceil(count / images) }, (_, i) => first + i * images);
  return calls.map((from) => ({ first: from, count: Math.min(images, first + count - from) }));
}

/** Their pixels, and zeros for what fills up the call. */
function rowsOf(
  set: ImageSet,
  { first, count }: Block,
  { images }: Shape,
  how: Parameters<typeof pixelRows>[2],
): Float32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => first + i);
  const rows = pixelRows(set, order, how);
  if (count === images) return rows;
  const filled = new Float32Array((rows.length / count) * images);
  filled.set(rows);
  return filled;
}

/** The largest part, of at most `most`, when `total` is divided into parts of one size or nearly so: little is computed in vain. */
function inEqualParts(total: number, most: number): number {
  return Math.ceil(total / Math.ceil(total / most));
}

/** What is lost at most when it is killed: some fiftieth of the work, in whole calls. */
function blockSize(count: number, { images }: Shape): number {
  return images * Math.ceil(Math.max(count / 50, 20) / images);
}

function blocksFolder(
  set: ImageSet,
  { keep, samples, seed, device = 'cpu' }: ImportanceOptions,
  by: { readonly binarisation: string; readonly chunk: number },
): string | null {
  if (!keep) return null;
  const { folder, weights } = keep;
  return join(folder, blocksName({ ...by, weights, images: digestOf(set), samples, seed, device }));
}

function rowsFor({ pixels }: Vae): number {
  return Math.max(50, Math.floor(PIXELS / pixels));
}
