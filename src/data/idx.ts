import { InvalidArgumentError } from '../errors';

/** An IDX file of unsigned bytes: the format of the MNIST database (described on its home page). */
export interface Idx {
  readonly shape: readonly number[];
  /** The product of `shape` bytes, last dimension fastest. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes (already decompressed). The values are a view of `bytes`, not a copy.
 *
 * @param name the file's name, for the error messages
 * @param rank the number of dimensions that the caller expects: 3 for images, 1 for labels
 * @throws InvalidArgumentError on another magic number, missing bytes or bytes left over
 */
export function parseIdx(bytes: Uint8Array, name: string, rank: number): Idx {
  const headerLength = 4 + 4 * rank;
  const magic = (UNSIGNED_BYTE << 8) | rank;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 4 && view.getUint32(0) !== magic) {
    throw new InvalidArgumentError(
      name,
      `expected the magic number ${hex(magic)} (IDX, unsigned bytes, ${rank} dimensions), got ${hex(view.getUint32(0))}`,
    );
  }
  if (bytes.length < headerLength) {
    throw new InvalidArgumentError(
      name,
      `truncated: expected an IDX header of ${headerLength} bytes, got ${bytes.length}`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = headerLength + product(shape);
  if (bytes.length < expected) {
    throw new InvalidArgumentError(
      name,
      `truncated: expected ${expected} bytes for the shape ${shape.join('×')}, got ${bytes.length}`,
    );
  }
  if (bytes.length > expected) {
    throw new InvalidArgumentError(
      name,
      `${bytes.length - expected} trailing bytes after the shape ${shape.join('×')} (${expected} bytes)`,
    );
  }
  return { shape, values: bytes.subarray(headerLength) };
}

/** Writes an IDX file of unsigned bytes. @throws InvalidArgumentError when `values` does not fill the shape. */
export function encodeIdx({ shape, values }: Idx): Uint8Array {
  if (product(shape) !== values.length) {
    throw new InvalidArgumentError(
      'values',
      `expected ${product(shape)} bytes for ${shape.join('×')}, got ${values.length}`,
    );
  }
  const headerLength = 4 + 4 * shape.length;
  const bytes = new Uint8Array(headerLength + values.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (UNSIGNED_BYTE << 8) | shape.length);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(values, headerLength);
  return bytes;
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
