import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../files';
import type { ImageScores } from './importance';

/** Where scores are kept, and of which weights they are. */
export interface KeptBlocks {
  readonly folder: string;
  /** SHA-256 of the weights' file. */
  readonly weights: string;
}

/** All that the bits of scores depend on, besides the code. */
export interface ScoredBy {
  readonly weights: string;
  /** SHA-256 of the images. */
  readonly images: string;
  readonly samples: number;
  readonly seed: number;
  readonly binarisation: string;
  /** Rows at a time, device and threads: how float32 sums are grouped. */
  readonly chunk: number;
  readonly device: string;
  readonly threads: number;
}

/** Raised whenever the same weights would get other scores. */
const VERSION = 1;

interface BlockFile {
  readonly logLikelihood: number[];
  readonly reconstruction: number[];
  readonly kl: number[];
  /** float32, little-endian, in base64. */
  readonly means: string;
}

const schema: z.ZodType<BlockFile> = z.object({
  logLikelihood: z.array(z.number()),
  reconstruction: z.array(z.number()),
  kl: z.array(z.number()),
  means: z.base64(),
});

/** The folder in which blocks of exactly these scores are, by its name. */
export function blocksName(by: ScoredBy): string {
  const { weights, images, samples, seed, binarisation, chunk, device, threads } = by;
  const key = [VERSION, weights, images, samples, seed, binarisation, chunk, device, threads];
  return `scores-${createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16)}`;
}

/** Null where no whole block of that many images begins there: it is scored again. */
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

/** Nothing where a score is not finite: that has no place in JSON, and ends the evaluation. */
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

/** ln p(x) image by image of the one set of scores that a checkpoint's folder keeps; null where there is none, or more. */
export async function keptLogLikelihood(checkpoint: string): Promise<readonly number[] | null> {
  const [name, ...others] = (await readdir(checkpoint)).filter((entry) => SCORES.test(entry));
  if (name === undefined || others.length > 0) return null;
  const blocks = (await readdir(join(checkpoint, name))).filter((entry) => BLOCK.test(entry)).sort();
  const files = await Promise.all(blocks.map((block) => readFile(join(checkpoint, name, block), 'utf8')));
  return files.flatMap((text) => schema.parse(JSON.parse(text)).logLikelihood);
}

/** Hard links, else copies, of blocks that another checkpoint's folder keeps: of the same weights they are the same scores. */
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

const SCORES = /^scores-[\da-f]{16}$/;
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
