/** A `.npy` file, version 1.0, written from NumPy's description of the format. */
export function npy(descr: string, shape: readonly number[], bytes: Uint8Array, fortran = false): Uint8Array {
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${dims}), }`;
  const header = text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 11, ' ').concat('\n');
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length % 256, header.length >> 8]);
  return Buffer.concat([start, Buffer.from(header), bytes]);
}

export function bytesOf(values: Float32Array | Float64Array | Uint8Array | BigInt64Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
