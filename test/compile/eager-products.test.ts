import { describe, expect, it } from 'vitest';
import { tf } from '../../src/tensors';

type Size = readonly [n: number, m: number, p: number];

/** As TensorFlow.js's `cpu` 4.22 computes it: 48 products are added in double precision, their sums in single precision. */
function plainProduct([n, m, p]: Size, a: (i: number, k: number) => number, b: (k: number, j: number) => number) {
  const result = new Float32Array(n * p);
  for (let from = 0; from < m; from += 48) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = from; k < Math.min(from + 48, m); k++) sum += a(i, k) * b(k, j);
        result[i * p + j] = (result[i * p + j] ?? 0) + sum;
      }
    }
  }
  return result;
}

const SIZES: readonly Size[] = [
  [33, 97, 31],
  [1, 784, 13],
  [2, 5, 1001],
  [1030, 47, 3],
  [8, 48, 32],
  [4, 2, 3],
];
const LAYOUTS = [false, true].flatMap((ofA) => [false, true].map((ofB) => [ofA, ofB] as const));
const ATTRIBUTES = ['as they are', 'transposed'] as const;

describe('products of eager tensors on cpu', () => {
  it.each(SIZES)('have the bits of plain loops: %i × %i × %i, in every layout, one and several', (...size) => {
    const [n, m, p] = size;
    for (const [ofA, ofB] of LAYOUTS) {
      for (const batch of [[], [3]]) {
        const a = tf.randomNormal([...batch, ...(ofA ? [m, n] : [n, m])], 0, 1, 'float32', 1);
        const b = tf.randomNormal([...batch, ...(ofB ? [p, m] : [m, p])], 0, 3, 'float32', 2);
        const [left, right] = [a.dataSync<'float32'>(), b.dataSync<'float32'>()];
        const made = tf.matMul(a, b, ofA, ofB).dataSync<'float32'>();
        for (let i = 0; i < (batch[0] ?? 1); i++) {
          const [x, y] = [left.subarray(i * n * m), right.subarray(i * m * p)];
          const expected = plainProduct(
            size,
            (row, k) => x[ofA ? k * n + row : row * m + k] ?? NaN,
            (k, column) => y[ofB ? column * m + k : k * p + column] ?? NaN,
          );
          const what = `A ${ATTRIBUTES[Number(ofA)]}, B ${ATTRIBUTES[Number(ofB)]}, batch ${i}`;
          expect(Buffer.compare(bytes(made.subarray(i * n * p, (i + 1) * n * p)), bytes(expected)), what).toBe(0);
        }
      }
    }
  });

  it('carry infinities and NaN as the plain loops do', () => {
    const a = tf.tidy(
      () => tf.ones([40, 50]).mul(tf.tensor([Infinity, 1, -Infinity, NaN, 0]).tile([10])) as tf.Tensor2D,
    );
    const b = tf.zeros<tf.Rank.R2>([50, 20]);
    expect([...new Set(tf.matMul(a, b).dataSync())]).toEqual([NaN]);
  });

  it('leave integers and broadcast batches to TensorFlow.js, which is right about them', () => {
    const ones = tf.ones<tf.Rank.R2>([50, 50], 'int32');
    const product = tf.matMul(ones, ones);
    expect([product.dtype, product.dataSync()[0]]).toEqual(['int32', 50]);
    expect(tf.matMul(tf.ones([3, 50, 50]), tf.ones([1, 50, 50])).dataSync()[7499]).toBe(50);
  });
});

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
