import { describe, expect, it } from 'vitest';
import { binarise } from '../../src/data/batches';
import { drawBits, fillNormal } from '../../src/data/random-kernels';
import { RandomStream } from '../../src/math/random';

describe('draws in WebAssembly', () => {
  it('are the normals of the stream, bit for bit, in the middle, the tails and far out, and leave it where it would be', () => {
    for (const length of [0, 1, 2, 7, 40, 4095, 4096, 4097, 300_000]) {
      const [one, many] = [RandomStream.of(length, 'normals'), RandomStream.of(length, 'normals')];
      const [expected, got] = [new Float32Array(length), new Float32Array(length)];
      one.fillNormal(expected);
      fillNormal(many, got);
      expect(Buffer.compare(Buffer.from(got.buffer), Buffer.from(expected.buffer)), `${length}`).toBe(0);
      expect(many.state()).toEqual(one.state());
    }
  });

  it('reach past the 25 standard deviations squared where the quantile takes its last formula', () => {
    // √(−ln p) > 5: one draw in 36 billion on either side. So a state whose next uniform is 2^-53, the smallest there is.
    const state = { generator: 'xoroshiro128plus', words: [0, 1, -1, -1] } as const;
    const [one, other] = [RandomStream.restore(state), RandomStream.restore(state)];
    const expected = Math.fround(one.normal());
    const got = new Float32Array(1);
    fillNormal(other, got);
    expect(expected).toBeLessThan(-5);
    expect(got[0]).toBe(expected);
  });

  it('are the bits of intensities, bit for bit, for rows of any length', () => {
    for (const size of [1, 8, 13, 784, 5000]) {
      const bytes = Uint8Array.from({ length: 3 * size }, (_, i) => [0, 0, 255, (i * 37) % 256][i % 4] as number);
      const rows = [0, 1, 2].map((i) => bytes.subarray(i * size, (i + 1) * size));
      const [one, other] = [RandomStream.of(size, 'bits'), RandomStream.of(size, 'bits')];
      const expected = binarise(
        Float32Array.from(bytes, (byte) => byte / 255),
        one,
      );
      const got = new Float32Array(bytes.length);
      drawBits(other, rows, got);
      expect(got).toEqual(expected);
      expect(other.state()).toEqual(one.state());
    }
  });
});
