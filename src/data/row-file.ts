import { createHash } from 'node:crypto';
import { nth } from '../nth';
import { DTYPES } from './numbers';
import { OpenFile, type RowFileOptions, WINDOW } from './open-file';

/**
 * Rows of numbers that stay in their file. A row is read with the block around it, and the last 64 MiB of blocks are kept: memory does
 * not grow with the file. A view of some rows shares file and blocks with the whole.
 */
export class RowFile {
  private constructor(
    private readonly file: OpenFile,
    /** Which rows of the file these are, ascending; null for all from `first` on. */
    private readonly chosen: Uint32Array | null,
    private readonly first: number,
    readonly count: number,
  ) {}

  /** Reads the whole file once: what is not finite is found before a training begins. @throws UsageError naming file, row and number */
  static open(options: RowFileOptions): RowFile {
    const file = new OpenFile(options);
    file.scan();
    return new RowFile(file, null, 0, options.count);
  }

  /** Numbers in all rows together. */
  get length(): number {
    return this.count * this.size;
  }

  get size(): number {
    return this.file.options.size;
  }

  get path(): string {
    return this.file.options.path;
  }

  /** Whether rows are bytes, 0…255, or floats. */
  get isBytes(): boolean {
    return DTYPES[this.file.options.dtype].isByte;
  }

  /** The range of the whole file, of which these rows may be a part; for bytes, the range that they may have. */
  get range(): { readonly smallest: number; readonly largest: number } {
    return this.file.scan();
  }

  /** One row; to be read before the next call. */
  row(index: number): Uint8Array | Float32Array {
    const { blockRows, options } = this.file;
    const at = this.rowInFile(index);
    const within = (at % blockRows) * options.size;
    return this.file.block(Math.floor(at / blockRows)).subarray(within, within + options.size);
  }

  /** The rows between two positions, both whole numbers of rows, as `subarray` of an array. */
  subarray(start: number, end: number): RowFile {
    const [from, to] = [start / this.size, end / this.size];
    return new RowFile(this.file, this.chosen?.subarray(from, to) ?? null, this.first + from, to - from);
  }

  /** Some rows, in ascending order. */
  choose(rows: Uint32Array): RowFile {
    return new RowFile(
      this.file,
      rows.map((row) => this.rowInFile(row)),
      0,
      rows.length,
    );
  }

  /** What these rows are, for telling whether they are the same in a later run. */
  digest(): string {
    this.file.checkUnchanged();
    const hash = createHash('sha256').update(this.file.scan().sha256);
    if (this.chosen) hash.update(new Uint8Array(this.chosen.slice().buffer));
    return hash.update(`${this.first}/${this.count}`).digest('hex');
  }

  /**
   * The order in which rows are read: windows of blocks drawn at random, and all rows of a window shuffled. Neighbours on the disk so
   * come within one window of each other, and no more than a window has to be in memory.
   *
   * @param shuffle of the stream that belongs to the epoch
   */
  shuffledOrder(shuffle: (indices: Uint32Array) => void): Uint32Array {
    const starts = this.blockStarts();
    const blocks = Uint32Array.from({ length: starts.length - 1 }, (_, i) => i);
    shuffle(blocks);
    const order = new Uint32Array(this.count);
    let filled = 0;
    for (let at = 0; at < blocks.length; at += WINDOW) {
      const from = filled;
      for (const block of blocks.subarray(at, at + WINDOW)) {
        const end = nth(starts, block + 1);
        for (let row = nth(starts, block); row < end; row++) order[filled++] = row;
      }
      shuffle(order.subarray(from, filled));
    }
    return order;
  }

  /** Where among these rows each block of the file begins, and the end. */
  private blockStarts(): number[] {
    const starts: number[] = [];
    let last = -1;
    for (let i = 0; i < this.count; i++) {
      const block = Math.floor(this.rowInFile(i) / this.file.blockRows);
      if (block !== last) starts.push(i);
      last = block;
    }
    return [...starts, this.count];
  }

  private rowInFile(index: number): number {
    return this.chosen ? nth(this.chosen, index) : this.first + index;
  }
}
