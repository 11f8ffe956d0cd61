import { InvalidArgumentError } from '../errors';
import { RandomStream } from '../math/random';
import { nth } from '../nth';
import { type ImageSet, sizeOf } from './dataset';
import { drawBits } from './random-kernels';
import { RowFile } from './row-file';
import { hasBytes, rowOf } from './rows';

/**
 * What the pixels of a batch are. `none`: intensities in [0, 1]; `fixed`: each pixel is 1 with the probability of its
 * intensity, drawn once for the whole set; `dynamic`: drawn anew in every epoch (Salakhutdinov and Murray, 2008).
 */
export type Binarisation = (typeof BINARISATIONS)[number];

export const BINARISATIONS = ['dynamic', 'fixed', 'none'] as const;

/** The same kind of pixels, but the same ones each time: for what is compared over time or between models. */
export function unchanging(binarisation: Binarisation): Exclude<Binarisation, 'dynamic'> {
  return binarisation === 'none' ? 'none' : 'fixed';
}

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  readonly binarisation: Binarisation;
  /** What happens to the images that do not fill a last batch: left out of this epoch, or a smaller batch. */
  readonly lastBatch: 'drop' | 'keep';
}

export interface Batch {
  /** Counted from 0. */
  readonly epoch: number;
  /** Position within the epoch, from 0. */
  readonly index: number;
  /** Which images of the set these are. */
  readonly images: Uint32Array;
  /** `[images.length, height · width · channels]`, row-major. */
  readonly pixels: Float32Array;
}

/** Where the next batch will be taken from; with the same set and options, all that is needed to go on. Plain JSON. */
export interface BatchPosition {
  readonly epoch: number;
  readonly index: number;
}

/**
 * Endless batches of a set in an order shuffled anew for each epoch. Order and noise of every epoch and batch come from
 * random streams of their own, named after them: a position is enough to resume, and nothing depends on what was read before.
 */
export class Batches {
  /** Batches in one epoch. */
  readonly perEpoch: number;
  private epoch = 0;
  private index = 0;
  private order: { readonly epoch: number; readonly images: Uint32Array } | null = null;

  /** @throws InvalidArgumentError when the batch size is not a positive integer, or larger than the set with `drop` */
  constructor(
    private readonly set: ImageSet,
    private readonly options: BatchOptions,
  ) {
    const { batchSize, lastBatch } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new InvalidArgumentError('batchSize', `expected a positive integer, got ${batchSize}`);
    }
    this.perEpoch = Math[lastBatch === 'drop' ? 'floor' : 'ceil'](set.count / batchSize);
    if (this.perEpoch === 0) {
      throw new InvalidArgumentError('batchSize', `expected at most ${set.count} (${set.name}), got ${batchSize}`);
    }
  }

  next(): Batch {
    const { epoch, index } = this;
    const { batchSize } = this.options;
    const images = this.orderOf(epoch).slice(index * batchSize, (index + 1) * batchSize);
    const pixels = this.pixelsOf(images, `${epoch}/${index}`);
    this.index = (index + 1) % this.perEpoch;
    if (this.index === 0) this.epoch++;
    return { epoch, index, images, pixels };
  }

  position(): BatchPosition {
    return { epoch: this.epoch, index: this.index };
  }

  /** @throws InvalidArgumentError when there is no such batch */
  seek({ epoch, index }: BatchPosition): void {
    if (!Number.isSafeInteger(epoch) || epoch < 0) {
      throw new InvalidArgumentError('epoch', `expected an integer ≥ 0, got ${epoch}`);
    }
    if (!Number.isInteger(index) || index < 0 || index >= this.perEpoch) {
      throw new InvalidArgumentError('index', `expected an integer from 0 to ${this.perEpoch - 1}, got ${index}`);
    }
    this.epoch = epoch;
    this.index = index;
  }

  private orderOf(epoch: number): Uint32Array {
    if (this.order?.epoch !== epoch) {
      const stream = RandomStream.of(this.options.seed, `batches/order/${epoch}`);
      this.order = { epoch, images: shuffled(this.set, stream) };
    }
    return this.order.images;
  }

  private pixelsOf(images: Uint32Array, batch: string): Float32Array {
    const { binarisation, seed } = this.options;
    if (binarisation !== 'dynamic') return pixelRows(this.set, images, { binarisation, seed });
    return binaryRows(this.set, images, RandomStream.of(seed, `batches/binarise/${batch}`));
  }
}

/** All images once. Of a file, those that lie together are read together. */
function shuffled({ images, count }: ImageSet, stream: RandomStream): Uint32Array {
  if (images instanceof RowFile) return images.shuffledOrder((indices) => stream.shuffle(indices));
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  stream.shuffle(order);
  return order;
}

/** What each byte is as an intensity, in float32. */
const INTENSITIES: Float32Array = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * The chosen images as rows of floats, `[images.length, height · width · channels]`: intensities in [0, 1] (numbers of any size as they
 * are), or, with `binarisation: 'fixed'`, the 0s and 1s that belong to each image under that seed, whichever images are asked for with it.
 */
export function pixelRows(
  set: ImageSet,
  images: Uint32Array,
  { binarisation, seed }: { binarisation: 'none' | 'fixed'; seed: number } = { binarisation: 'none', seed: 0 },
): Float32Array {
  const size = sizeOf(set);
  const bytes = hasBytes(set);
  const rows = new Float32Array(images.length * size);
  for (let row = 0; row < images.length; row++) {
    const image = nth(images, row);
    const from = rowOf(set, image);
    const to = rows.subarray(row * size, (row + 1) * size);
    if (bytes) for (let i = 0; i < size; i++) to[i] = INTENSITIES[from[i] as number] as number;
    else to.set(from);
    if (binarisation === 'fixed') binarise(to, RandomStream.of(seed, `batches/binarise/image/${image}`));
  }
  return rows;
}

/** `binarise(pixelRows(set, images), stream)`, bit for bit, in one pass over the bytes: it is done for every training step. */
function binaryRows(set: ImageSet, images: Uint32Array, stream: RandomStream): Float32Array {
  if (!hasBytes(set)) return binarise(pixelRows(set, images), stream);
  const size = sizeOf(set);
  const rows = new Float32Array(images.length * size);
  drawBits(stream, rowsOf(set, images), rows);
  return rows;
}

function* rowsOf(set: ImageSet, images: Uint32Array): Generator<Uint8Array> {
  for (const image of images) yield rowOf(set, image) as Uint8Array;
}

/** Replaces every intensity by a draw of Bernoulli(intensity), in place. Black and white pixels consume no random number. */
export function binarise(intensities: Float32Array, stream: RandomStream): Float32Array {
  for (let i = 0; i < intensities.length; i++) {
    const intensity = intensities[i] as number;
    if (intensity > 0 && intensity < 1) intensities[i] = stream.uniform() < intensity ? 1 : 0;
  }
  return intensities;
}
