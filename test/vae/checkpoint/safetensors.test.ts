import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../../src/vae/checkpoint/safetensors';

const tensors = new Map<string, NamedTensor>([
  ['b/kernel', { shape: [2, 3], values: Float32Array.of(1, -2, 0.5, 3, 1e-30, -0) }],
  ['a/bias', { shape: [3], values: Float32Array.of(Math.fround(0.1), 2, 3) }],
  ['scalar', { shape: [], values: Float32Array.of(7) }],
]);

/** A file by hand: any header, any values. */
function file(header: unknown, values: readonly number[] = []): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(Float32Array.from(values).buffer)]);
}

describe('a safetensors file', () => {
  it('is laid out as published: length, JSON header, little-endian values without gaps', () => {
    const bytes = Buffer.from(encodeSafetensors(tensors, { format: 'pt' }));
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(bytes[8]).toBe('{'.charCodeAt(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8'));
    expect(header).toEqual({
      __metadata__: { format: 'pt' },
      'b/kernel': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      'a/bias': { dtype: 'F32', shape: [3], data_offsets: [24, 36] },
      scalar: { dtype: 'F32', shape: [], data_offsets: [36, 40] },
    });
    expect(bytes.length).toBe(8 + length + 40);
    const at = (i: number) => bytes.readFloatLE(8 + length + 4 * i);
    expect([0, 1, 5, 6, 9].map(at)).toEqual([1, -2, -0, Math.fround(0.1), 7]);
    // IEEE 754, little-endian: 1 is 00 00 80 3f.
    expect([...bytes.subarray(8 + length, 12 + length)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  it('comes back bit for bit', () => {
    expect(decodeSafetensors(encodeSafetensors(tensors), 'x')).toEqual(tensors);
  });

  it('is read whatever order and padding another writer chose', () => {
    const header = `${JSON.stringify({
      late: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
      early: { dtype: 'F32', shape: [1, 2], data_offsets: [0, 8] },
    })}   `;
    const read = decodeSafetensors(file(header, [1, 2, 3]), 'x');
    expect(read.get('early')).toEqual({ shape: [1, 2], values: Float32Array.of(1, 2) });
    expect(read.get('late')?.values).toEqual(Float32Array.of(3));
  });

  it('is refused in one line where it is cut short or not of this kind', () => {
    const refusal = (bytes: Uint8Array) => expect(() => decodeSafetensors(bytes, 'w.safetensors'));
    const whole = encodeSafetensors(tensors);
    const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
    refusal(whole.subarray(0, 5)).toThrow('w.safetensors: not a safetensors file of float32 tensors: it has 5 bytes');
    refusal(whole.subarray(0, 40)).toThrow('more than there are');
    refusal(whole.subarray(0, whole.length - 1)).toThrow('scalar ends at byte');
    refusal(Buffer.concat([whole, Buffer.alloc(3)])).toThrow('3 bytes belong to no tensor');
    refusal(file('no json')).toThrow('its header is not a JSON object');
    refusal(file({ a: { ...entry, dtype: 'F16' } }, [1])).toThrow('a: expected dtype F32, got "F16"');
    refusal(file({ a: { ...entry, shape: [2] } }, [1])).toThrow('a: has 4 bytes, expected 8 for shape [2]');
    refusal(file({ a: { ...entry, data_offsets: [4, 8] } }, [1, 2])).toThrow('a: starts at 4, expected 0');
    refusal(file({ a: null })).toThrow('a: expected dtype F32, got undefined');
    refusal(Buffer.from('PK\u0003\u0004 this is a zip archive')).toThrow('more than there are');
  });
});
