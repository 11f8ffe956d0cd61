import { UsageError } from '../../errors';
import { decodeUtf8 } from '../../text-files';

/** A float32 array with its shape, row-major. */
export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const FLOAT = 4;
const LENGTH = 8;

/**
 * The tensors as a safetensors file (https://github.com/huggingface/safetensors, "Format"): the header's length as a
 * little-endian 64-bit integer, the header in JSON, and the values little-endian, one tensor behind the other without gaps.
 * The header is padded with spaces so that the values start at a multiple of 8 bytes.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of tensors) {
    const start = end;
    end += values.length * FLOAT;
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil(json.length / LENGTH) * LENGTH;
  const bytes = new Uint8Array(LENGTH + padded + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  bytes.fill(0x20, LENGTH, LENGTH + padded);
  bytes.set(json, LENGTH);
  let at = LENGTH + padded;
  for (const { values } of tensors.values()) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += FLOAT;
    }
  }
  return bytes;
}

/** @throws UsageError, one line with the path, on anything but a whole safetensors file of float32 tensors */
export function decodeSafetensors(bytes: Uint8Array, path: string): Map<string, NamedTensor> {
  const refuse = (problem: string): never => {
    throw new UsageError(`${path}: not a safetensors file of float32 tensors: ${problem}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < LENGTH) refuse(`it has ${bytes.length} bytes`);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bytes.length - LENGTH) refuse(`the header should have ${headerLength} bytes, more than there are`);
  const start = LENGTH + headerLength;
  const tensors = new Map<string, NamedTensor>();
  let expected = 0;
  for (const [name, entry] of entries(bytes.subarray(LENGTH, start), refuse)) {
    const problem = entryProblem(entry, expected);
    if (problem) refuse(`${name}: ${problem}`);
    const [from, to] = entry.data_offsets;
    if (start + to > bytes.length) refuse(`${name} ends at byte ${start + to} of ${bytes.length}`);
    const values = Float32Array.from({ length: (to - from) / FLOAT }, (_, i) =>
      view.getFloat32(start + from + i * FLOAT, true),
    );
    tensors.set(name, { shape: entry.shape, values });
    expected = to;
  }
  if (start + expected !== bytes.length) refuse(`${bytes.length - start - expected} bytes belong to no tensor`);
  return tensors;
}

/** The header's tensors in the order of their values. */
function entries(header: Uint8Array, refuse: (problem: string) => never): [string, Entry][] {
  const parsed = parse(header, refuse);
  const tensors = Object.entries(parsed).filter(([name]) => name !== '__metadata__') as [string, Entry][];
  const first = ([, entry]: [string, Entry]): number => Number(entry?.data_offsets?.[0]);
  return tensors.sort((a, b) => first(a) - first(b));
}

function parse(header: Uint8Array, refuse: (problem: string) => never): object {
  try {
    const parsed: unknown = JSON.parse(decodeUtf8(header, 'the header'));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // said below
  }
  return refuse('its header is not a JSON object');
}

function entryProblem(entry: Entry, expectedStart: number): string | null {
  const { dtype, shape, data_offsets: offsets } = entry ?? {};
  if (dtype !== 'F32') return `expected dtype F32, got ${JSON.stringify(dtype)}`;
  const isSize = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) return 'expected a shape of whole numbers';
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) return 'expected two data_offsets';
  const size = shape.reduce((product: number, n: number) => product * n, 1) * FLOAT;
  const [from, to] = entry.data_offsets;
  if (from !== expectedStart) return `starts at ${from}, expected ${expectedStart}`;
  return to - from === size ? null : `has ${to - from} bytes, expected ${size} for shape [${shape.join(', ')}]`;
}
