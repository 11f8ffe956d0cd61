import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../errors';
import { DTYPES, type Dtype } from './numbers';

/** Bytes of a block: what is read at a time, and stays together when rows are shuffled. */
const BLOCK = 1 << 20;
/** Blocks that are shuffled together. */
export const WINDOW = 32;
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
export class OpenFile {
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
