import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../errors';
import { nth } from '../nth';
import { DTYPES, type Dtype } from './numbers';

/** Bytes of a block: what is read at a time, and stays together when rows are shuffled. */
const BLOCK = 1 << 20;
/** Blocks that are shuffled together. */
const WINDOW = 32;
/** Blocks kept in memory: those of two windows, since a batch may begin in one and end in the next. */
const KEPT = 2 * WINDOW;

export interface RowFileOptions {
  readonly path: string;
  /** Bytes before the first row. */
  readonly offset: number;
  readonly dtype: Dtype;
  /** Numbers in a row. */
  readonly size: number;
  /** Rows in the file. */
  readonly count: number;
  /** What counts as 1, for floats; bytes are 0…255. Default: 1. */
  readonly white?: number;
}

/** What one pass over all rows finds. */
interface Scan {
  readonly sha256: string;
  readonly smallest: number;
  readonly largest: number;
}

/** The file itself, shared by all views of it, and the blocks that were read last. */
class OpenFile {
  readonly blockRows: number;
  private readonly descriptor: number;
  /** Blocks in the order of their last use, the latest last. */
  private readonly blocks = new Map<number, Uint8Array | Float32Array>();
  private found: Scan | null = null;
  /** Memory of a block that nothing refers to any more. */
  private spare: Uint8Array | null = null;
  private readonly changed: number;

  constructor(readonly options: RowFileOptions) {
    const { path, size, dtype } = options;
    this.blockRows = Math.max(1, Math.floor(BLOCK / (size * DTYPES[dtype].bytes)));
    this.descriptor = openSync(path, 'r');
    this.changed = fstatSync(this.descriptor).mtimeMs;
    closer.register(this, this.descriptor);
  }

  /** Rows `block · blockRows` and on. */
  block(block: number): Uint8Array | Float32Array {
    const known = this.blocks.get(block);
    const values = known ?? this.read(block);
    this.blocks.delete(block);
    this.blocks.set(block, values);
    if (this.blocks.size > KEPT) this.forgetOldest();
    return values;
  }

  /** Its memory is used again: new memory for every block would pile up until it is collected. */
  private forgetOldest(): void {
    const oldest = this.blocks.keys().next().value as number;
    const values = this.blocks.get(oldest);
    this.blocks.delete(oldest);
    if (values instanceof Uint8Array) this.spare = new Uint8Array(values.buffer);
  }

  private read(block: number): Uint8Array | Float32Array {
    // Here too, not in the digest alone: a training would go on with what somebody else is writing.
    this.checkUnchanged();
    const { path, offset, dtype, size, count, white = 1 } = this.options;
    const { bytes, decode, isByte } = DTYPES[dtype];
    const rows = Math.min(this.blockRows, count - block * this.blockRows);
    const memory = this.spare ?? new Uint8Array(this.blockRows * size * bytes);
    this.spare = null;
    const raw = memory.subarray(0, rows * size * bytes);
    const at = offset + block * this.blockRows * size * bytes;
    let done = 0;
    while (done < raw.length) {
      const got = readSync(this.descriptor, raw, done, raw.length - done, at + done);
      if (got === 0)
        throw new UsageError(
          `${path}: ends at byte ${at + done}, ${raw.length - done} bytes early: it was cut while it was read`,
        );
      done += got;
    }
    if (isByte) return raw;
    const values = decode(raw);
    this.spare = memory;
    if (white !== 1) for (let i = 0; i < values.length; i++) values[i]! /= white;
    return values;
  }

  scan(): Scan {
    this.found ??= this.readAll();
    return this.found;
  }

  private readAll(): Scan {
    const { path, size, count } = this.options;
    const hash = createHash('sha256');
    let [smallest, largest] = DTYPES[this.options.dtype].isByte
      ? [0, 255]
      : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let block = 0; block * this.blockRows < count; block++) {
      const values = this.read(block);
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      // Bytes are finite, and lie in the range that they have.
      if (values instanceof Uint8Array) {
        this.spare = new Uint8Array(values.buffer);
        continue;
      }
      for (let i = 0; i < values.length; i++) {
        const value = values[i] as number;
        if (!Number.isFinite(value)) {
          const row = block * this.blockRows + Math.floor(i / size);
          throw new UsageError(`${path}: row ${row}, number ${i % size}: expected a finite number, got ${value}`);
        }
        if (value < smallest) smallest = value;
        if (value > largest) largest = value;
      }
    }
    return { sha256: hash.digest('hex'), smallest, largest };
  }

  /** @throws UsageError when the file is no longer what was scanned */
  checkUnchanged(): void {
    if (fstatSync(this.descriptor).mtimeMs !== this.changed) {
      throw new UsageError(`${this.options.path}: was changed while it was in use; start again`);
    }
  }
}

const closer = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

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
