import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../files';
import { readText } from '../../text-files';
import type { TestReport } from '../evaluation/evaluate';

/** What the scores of one model depend on. */
export interface ScoredBy {
  /** SHA-256 of the weights' file. */
  readonly weights: string;
  /** SHA-256 of the images. */
  readonly images: string;
  /** The same of their labels, with which clusters are compared; null where there are none. */
  readonly labels: string | null;
  readonly samples: number;
  readonly seed: number;
}

/** The scores of one model, as they are kept beside it. */
export interface KeptScores {
  readonly report: TestReport;
  readonly warnings: readonly string[];
  /** ln p(x) image by image, nats. */
  readonly logLikelihood: readonly number[];
}

/** Raised whenever the same weights would get other scores. */
const VERSION = 2;

const finite = z.number();
export const reportSchema: z.ZodType<TestReport> = z.object({
  nll: finite,
  standardError: finite.nullable(),
  bitsPerDimension: finite,
  elbo: finite,
  kl: finite,
  reconstruction: finite,
  activeUnits: finite,
  effectiveComponents: finite,
  clusterAccuracy: finite.nullable(),
  nmi: finite.nullable(),
});
const schema: z.ZodType<KeptScores> = z.object({
  report: reportSchema,
  warnings: z.array(z.string()),
  logLikelihood: z.array(finite),
});

/** Null where nothing is kept for exactly this; what cannot be read is made again. */
export async function readScores(folder: string, by: ScoredBy): Promise<KeptScores | null> {
  try {
    return schema.parse(JSON.parse(readText(pathOf(folder, by))));
  } catch {
    return null;
  }
}

export async function keepScores(folder: string, by: ScoredBy, scores: KeptScores): Promise<void> {
  await writeAtomically(pathOf(folder, by), `${JSON.stringify(scores)}\n`);
}

function pathOf(folder: string, { weights, images, labels, samples, seed }: ScoredBy): string {
  const key = createHash('sha256').update(JSON.stringify([VERSION, weights, images, labels, samples, seed]));
  return join(folder, `scores-${key.digest('hex').slice(0, 16)}.json`);
}
