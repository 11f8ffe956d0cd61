import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../files';
import type { ImageScores } from './importance';

/**
 * Where to keep scores, and the weights that they belong to.
 *
 * @example
 * ```ts
 * import { evaluate, type KeptBlocks, syntheticDigits, Vae } from 'gmm-vae';
 *
 * const keep: KeptBlocks = { folder: 'scores', weights: 'the SHA-256 of the weights’ file' };
 * const { test } = syntheticDigits({ train: 10, test: 20, seed: 1 });
 * const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
 * // A second call takes the scores that are there.
 * const first = await evaluate(model, test, { samples: 5, seed: 1, threads: 1, keep });
 * const second = await evaluate(model, test, { samples: 5, seed: 1, threads: 1, keep });
 * first.report.nll === second.report.nll; // true
 * model.dispose();
 * ```
 */
export interface KeptBlocks {
  readonly folder: string;
  /** SHA-256 of the weights' file. */
  readonly weights: string;
}

/** Everything that the bits of scores depend on, besides the code. */
export interface ScoredBy {
  readonly weights: string;
  /** SHA-256 of the images. */
  readonly images: string;
  readonly samples: number;
  readonly seed: number;
  readonly binarisation: string;
  /** Rows at a time. Like the device, this decides how float32 sums are grouped; the number of threads does not. */
  readonly chunk: number;
  readonly device: string;
}

/** Raised whenever the same weights would get different scores. */
const VERSION = 2;

interface BlockFile {
  readonly logLikelihood: number[];
  readonly reconstruction: number[];
  readonly kl: number[];
  /** Little-endian float32 numbers in base64. */
  readonly means: string;
}

const schema: z.ZodType<BlockFile> = z.object({
  logLikelihood: z.array(z.number()),
  reconstruction: z.array(z.number()),
  kl: z.array(z.number()),
  means: z.base64(),
});

/** Names the folder that holds blocks of exactly these scores. */
export function blocksName(by: ScoredBy): string {
  const { weights, images, samples, seed, binarisation, chunk, device } = by;
  const key = [VERSION, weights, images, samples, seed, binarisation, chunk, device];
  return `blocks-${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)}`;
}

/** Returns null if there is no whole block of that many images, which is then scored again. */
export async function readBlock(folder: string, first: number, count: number, d: number): Promise<ImageScores | null> {
  try {
    const file = schema.parse(JSON.parse(await readFile(pathOf(folder, first), 'utf8')));
    const block = {
      logLikelihood: Float64Array.from(file.logLikelihood),
      reconstruction: Float64Array.from(file.reconstruction),
      kl: Float64Array.from(file.kl),
      means: floatsFrom(Buffer.from(file.means, 'base64')),
    };
    const { logLikelihood, reconstruction, kl, means } = block;
    const whole = [logLikelihood, reconstruction, kl].every(({ length }) => length === count);
    return whole && means.length === count * d ? block : null;
  } catch {
    return null;
  }
}

/** Keeps a block, unless a score is not finite: JSON cannot hold it, and the evaluation ends. */
export async function keepBlock(folder: string, first: number, scores: ImageScores): Promise<void> {
  const { logLikelihood, reconstruction, kl, means } = scores;
  if (![logLikelihood, reconstruction, kl].every((values) => values.every(Number.isFinite))) return;
  await mkdir(folder, { recursive: true });
  const file: BlockFile = {
    logLikelihood: Array.from(logLikelihood),
    reconstruction: Array.from(reconstruction),
    kl: Array.from(kl),
    means: bytesOf(means).toString('base64'),
  };
  await writeAtomically(pathOf(folder, first), `${JSON.stringify(file)}\n`);
}

/** Links or copies the blocks of another checkpoint's folder. Their names tell which weights they belong to. */
export async function takeOverBlocks(
  from: string,
  to: string,
  take: (from: string, to: string) => Promise<void>,
): Promise<void> {
  for (const name of (await readdir(from)).filter((entry) => SCORES.test(entry))) {
    await mkdir(join(to, name), { recursive: true });
    const blocks = (await readdir(join(from, name))).filter((entry) => BLOCK.test(entry));
    for (const block of blocks) await take(join(from, name, block), join(to, name, block));
  }
}

export async function countBlocks(checkpoint: string): Promise<number> {
  const names = (await readdir(checkpoint)).filter((entry) => SCORES.test(entry));
  const blocks = await Promise.all(names.map((name) => readdir(join(checkpoint, name))));
  return blocks.flat().filter((entry) => BLOCK.test(entry)).length;
}

const SCORES = /^blocks-[\da-f]{16}$/;
const BLOCK = /^\d+\.json$/;

const pathOf = (folder: string, first: number): string => join(folder, `${String(first).padStart(6, '0')}.json`);

const FLOAT = 4;

function bytesOf(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * FLOAT);
  values.forEach((value, i) => {
    bytes.writeFloatLE(value, i * FLOAT);
  });
  return bytes;
}

function floatsFrom(bytes: Buffer): Float32Array {
  return Float32Array.from({ length: bytes.length / FLOAT }, (_, i) => bytes.readFloatLE(i * FLOAT));
}
