import { InvalidArgumentError } from '../errors';

/** A `.npy` file, version 1.0, of float32 numbers in row-major order. @throws InvalidArgumentError when the values do not fill the shape */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== values.length) {
    throw new InvalidArgumentError('values', `expected ${shape.join('·')} numbers, got ${values.length}`);
  }
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims}), }`;
  // The numbers begin at a multiple of 64 bytes, behind a line end.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length + 4 * values.length);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(Buffer.from(`${text.padEnd(length - 11)}\n`), 10);
  const view = new DataView(bytes.buffer, length);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
}
