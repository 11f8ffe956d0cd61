import type { ImageScores } from './importance';
import { keepBlock, readBlock } from './score-blocks';
import { widthOf } from './score-images';

/** Images that are kept together, and lost together when the work is killed. */
export interface Block {
  readonly first: number;
  readonly count: number;
}

/** The scores of a set, block by block: those that were kept are taken from the folder, and every other is written when it is whole. */
export class ScoredBlocks {
  readonly scores: ImageScores;
  /** What is still to be scored. */
  readonly missing: readonly Block[];
  private writing: Promise<void> = Promise.resolve();
  private readonly failure = new AbortController();

  private constructor(
    private readonly folder: string | null,
    private readonly latent: number,
    count: number,
    kept: ReadonlyMap<Block, ImageScores | null>,
  ) {
    this.scores = emptyScores(count, latent);
    for (const [{ first }, block] of kept) if (block) this.take(first, block);
    this.missing = [...kept].flatMap(([block, scores]) => (scores ? [] : [block]));
  }

  /** @param folder where blocks are kept; null keeps none */
  static async open(
    folder: string | null,
    set: { count: number; latent: number; size: number },
  ): Promise<ScoredBlocks> {
    const { count, latent, size } = set;
    const kept = new Map<Block, ImageScores | null>();
    for (let first = 0; first < count; first += size) {
      const block = { first, count: Math.min(size, count - first) };
      kept.set(block, folder === null ? null : await readBlock(folder, first, block.count, latent));
    }
    return new ScoredBlocks(folder, latent, count, kept);
  }

  /** Rows of `scoreImages` for images from `first` on, in the order of the images; with the last of a block, the block is written. */
  put(block: Block, first: number, rows: Float64Array): void {
    const { scores, latent } = this;
    const width = widthOf(latent);
    const count = rows.length / width;
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * width, (i + 1) * width);
      const [logLikelihood, reconstruction, kl] = row as unknown as [number, number, number];
      scores.logLikelihood[first + i] = logLikelihood;
      scores.reconstruction[first + i] = reconstruction;
      scores.kl[first + i] = kl;
      scores.means.set(row.subarray(3), (first + i) * latent);
    }
    if (this.folder !== null && first + count === block.first + block.count) this.write(this.folder, block);
  }

  /** Fires where the other does, or when a block cannot be written. */
  until(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.failure.signal]) : this.failure.signal;
  }

  /** Resolves when all is written that is whole. Throws why a block could not be. */
  async written(): Promise<void> {
    await this.writing;
    if (this.failure.signal.aborted) throw this.failure.signal.reason;
  }

  /** Beside the scoring of other blocks, one file after the other. */
  private write(folder: string, { first, count }: Block): void {
    const { logLikelihood, reconstruction, kl, means } = this.scores;
    const end = first + count;
    const block = {
      logLikelihood: logLikelihood.slice(first, end),
      reconstruction: reconstruction.slice(first, end),
      kl: kl.slice(first, end),
      means: means.slice(first * this.latent, end * this.latent),
    };
    this.writing = this.writing
      .then(() => keepBlock(folder, first, block))
      .catch((error: unknown) => this.failure.abort(error));
  }

  private take(first: number, { logLikelihood, reconstruction, kl, means }: ImageScores): void {
    this.scores.logLikelihood.set(logLikelihood, first);
    this.scores.reconstruction.set(reconstruction, first);
    this.scores.kl.set(kl, first);
    this.scores.means.set(means, first * this.latent);
  }
}

function emptyScores(count: number, d: number): ImageScores {
  const scores = () => new Float64Array(count);
  return { logLikelihood: scores(), reconstruction: scores(), kl: scores(), means: new Float32Array(count * d) };
}
