import { InvalidArgumentError } from '../errors';

/** How numbers lie in a file, by NumPy's names without the byte order, which is little-endian. */
export type Dtype = 'b1' | 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'f4' | 'f8';

interface NumberFormat {
  /** The size of one number. */
  readonly bytes: number;
  /** Whether it is read as it stands: a byte. */
  readonly isByte: boolean;
  /** One number, in full precision. */
  read(view: DataView, at: number): number;
  decode(raw: Uint8Array): Float32Array;
}

function format(bytes: number, read: (view: DataView, at: number) => number): NumberFormat {
  return {
    bytes,
    isByte: false,
    read,
    decode: (raw) => {
      const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
      const values = new Float32Array(raw.length / bytes);
      for (let i = 0; i < values.length; i++) values[i] = read(view, i * bytes);
      return values;
    },
  };
}

export const DTYPES: { readonly [D in Dtype]: NumberFormat } = {
  b1: format(1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)),
  u1: { ...format(1, (view, at) => view.getUint8(at)), isByte: true },
  i1: format(1, (view, at) => view.getInt8(at)),
  u2: format(2, (view, at) => view.getUint16(at, true)),
  i2: format(2, (view, at) => view.getInt16(at, true)),
  u4: format(4, (view, at) => view.getUint32(at, true)),
  i4: format(4, (view, at) => view.getInt32(at, true)),
  u8: format(8, (view, at) => Number(view.getBigUint64(at, true))),
  i8: format(8, (view, at) => Number(view.getBigInt64(at, true))),
  f2: format(2, (view, at) => half(view.getUint16(at, true))),
  f4: format(4, (view, at) => view.getFloat32(at, true)),
  f8: format(8, (view, at) => view.getFloat64(at, true)),
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** @throws InvalidArgumentError at the first number that is not finite */
export function checkFinite(values: ArrayLike<number>, name: string, size: number): void {
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const place = size > 1 ? `row ${Math.floor(i / size)}, number ${i % size}` : `row ${i}`;
    throw new InvalidArgumentError(name, `${place}: expected a finite number, got ${values[i]}`);
  }
}
