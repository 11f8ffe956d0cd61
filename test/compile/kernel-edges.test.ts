import { describe, expect, it } from 'vitest';
import { tf } from '../../src/tensors';
import { type Case, compiled, described } from './fixtures/case';

const f32 = (...values: number[]): tf.Tensor => tf.tensor1d(values);
const i32 = (...values: number[]): tf.Tensor => tf.tensor1d(values, 'int32');
const bool = (...values: number[]): tf.Tensor => tf.tensor1d(values, 'bool');

const MIN = -(2 ** 31);

describe('compiled is what TensorFlow.js computes on its cpu backend, to the last bit, for', () => {
  it.each<Case>([
    ['a sum over no axis', ({ x }) => tf.sum(x as tf.Tensor, []), { x: tf.ones([2, 2]) }],
    ['a maximum over no axis', ({ x }) => tf.max(x as tf.Tensor, []), { x: tf.tensor2d([[1, Number.NaN]]) }],
    ['a mean over no axis', ({ x }) => tf.mean(x as tf.Tensor, []), { x: tf.ones([2, 2]) }],
    ['all over no axis', ({ x }) => tf.all(x as tf.Tensor, []), { x: bool(1, 0) }],
    ['a reshape of nothing', ({ x }) => tf.reshape(x as tf.Tensor, [3, 0]), { x: tf.zeros([0, 2]) }],
    ['a reshape of nothing to fewer axes', ({ x }) => tf.reshape(x as tf.Tensor, [0]), { x: tf.zeros([2, 0]) }],
    ['an exclusive product of nothing', ({ x }) => tf.cumprod(x as tf.Tensor, 0, true), { x: tf.zeros([0]) }],
    [
      'a split into more parts than a GPU binds to one kernel',
      ({ x }) => tf.concat(tf.split(x as tf.Tensor, 20, 1).reverse(), 1),
      { x: tf.range(0, 60, 1).reshape([3, 20]) },
    ],
    [
      'integers from what is none',
      ({ x }) => tf.cast(x as tf.Tensor, 'int32'),
      { x: f32(Number.NaN, Infinity, -Infinity, 1e20, 2.7, -2.7, 2 ** 31, MIN) },
    ],
    [
      'integer division by zero and by −1',
      ({ x, y }) => tf.floorDiv(x as tf.Tensor, y as tf.Tensor),
      { x: i32(1, -1, 0, 7, MIN, MIN, 5, -7), y: i32(0, 0, 0, 2, -1, 0, -1, 2) },
    ],
    [
      'integer remainder by zero and by −1',
      ({ x, y }) => tf.mod(x as tf.Tensor, y as tf.Tensor),
      { x: i32(1, -1, 0, 7, MIN, MIN, 5, -7), y: i32(0, 0, 0, 2, -1, 0, -1, 2) },
    ],
    [
      'integer division by a constant',
      ({ x }) => tf.floorDiv(x as tf.Tensor, tf.scalar(-3, 'int32')),
      { x: i32(7, -7, 6, MIN) },
    ],
    [
      'float division to integers',
      ({ x, y }) => tf.floorDiv(x as tf.Tensor, y as tf.Tensor),
      { x: f32(7.5, -7.5, 1, 0, Number.NaN), y: f32(2, 2, 0, 0, 1) },
    ],
    ...(
      [
        [0, Infinity],
        [-Infinity, 5],
        [-1e10, 1e10],
        [-0.5, 1.5],
      ] as const
    ).flatMap(([min, max]): Case[] => [
      [
        `integers within ${min} and ${max}`,
        ({ x }) => tf.clipByValue(x as tf.Tensor, min, max),
        { x: i32(-7, -1, 0, 1, 2, 300) },
      ],
      [`bools within ${min} and ${max}`, ({ x }) => tf.clipByValue(x as tf.Tensor, min, max), { x: bool(0, 1) }],
    ]),
    [
      'a choice between float32 and int32',
      ({ x, y }) => tf.where(bool(1, 0), x as tf.Tensor, y as tf.Tensor),
      { x: i32(1, 2), y: f32(0.5, 1.5) },
    ],
    [
      'a choice between bool and float32',
      ({ x, y }) => tf.where(bool(1, 0), x as tf.Tensor, y as tf.Tensor),
      { x: bool(1, 1), y: f32(0.5, 1.5) },
    ],
    [
      'a concatenation of float32 and int32',
      ({ x, y }) => tf.concat([x as tf.Tensor, y as tf.Tensor]),
      { x: f32(1.5), y: i32(2) },
    ],
    [
      'a concatenation of int32 and float32',
      ({ x, y }) => tf.concat([x as tf.Tensor, y as tf.Tensor]),
      { x: i32(2), y: f32(1.5) },
    ],
    ['running sums of bool', ({ x }) => tf.cumsum(x as tf.Tensor), { x: bool(1, 0, 1) }],
    ['running products of bool', ({ x }) => tf.cumprod(x as tf.Tensor), { x: bool(1, 0, 1) }],
    ['the square of bool', ({ x }) => tf.square(x as tf.Tensor), { x: bool(1, 0) }],
    ['the absolute value of bool', ({ x }) => tf.abs(x as tf.Tensor), { x: bool(1, 0) }],
    ['the relu of bool', ({ x }) => tf.relu(x as tf.Tensor), { x: bool(1, 0) }],
    ['clipping bool', ({ x }) => tf.clipByValue(x as tf.Tensor, 0, 1), { x: bool(1, 0) }],
    [
      'differences of bool',
      ({ x, y }) => tf.squaredDifference(x as tf.Tensor, y as tf.Tensor),
      { x: bool(1, 0), y: bool(1, 1) },
    ],
    ['powers of bool', ({ x, y }) => tf.pow(x as tf.Tensor, y as tf.Tensor), { x: bool(1, 0, 0), y: bool(1, 1, 0) }],
    ['the largest of bool', ({ x }) => tf.topk(x as tf.Tensor, 2).values, { x: bool(0, 1, 0) }],
    ['products of bool', ({ x }) => tf.dot(x as tf.Tensor, x as tf.Tensor), { x: bool(0, 1, 0) }],
    [
      'the largest integer of each window',
      ({ x }) => tf.maxPool(x as tf.Tensor4D, 2, 1, 'same'),
      { x: tf.tensor4d([MIN, -7, 2 ** 24 + 1, -(2 ** 24) - 1, 5, MIN], [1, 2, 3, 1], 'int32') },
    ],
    [
      'the largest bool of each window',
      ({ x }) => tf.maxPool(x as tf.Tensor4D, [1, 2], 1, 'valid'),
      { x: tf.tensor4d([0, 0, 1, 0, 0, 0], [1, 2, 3, 1], 'bool') },
    ],
    [
      'the remainder of a number that vanishes beside its divisor',
      ({ x, y }) => tf.mod(x as tf.Tensor, y as tf.Tensor),
      { x: f32(1e-10, -1e-10, 1, 0, -6, 5, 5, -0), y: f32(-1, 1, -(2 ** 31), -3, 3, Infinity, -Infinity, 3) },
    ],
    [
      'the angle of what is no number',
      ({ x, y }) => tf.atan2(y as tf.Tensor, x as tf.Tensor),
      { x: f32(0, -0, 1, Number.NaN, 0, 0), y: f32(Number.NaN, Number.NaN, Number.NaN, 0, 0, Infinity) },
    ],
    [
      'how often each of some integers occurs, with bools as weights',
      ({ x, w }) => tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 3),
      { x: i32(0, 1, 2), w: bool(1, 0, 1) },
    ],
    [
      'sums of bools by index',
      ({ x }) => tf.einsum('ij->j', x as tf.Tensor),
      { x: tf.tensor2d([1, 1, 0, 1], [2, 2], 'bool') },
    ],
    [
      'products of bools by index',
      ({ x }) => tf.einsum('ij,jk->ijk', x as tf.Tensor, x as tf.Tensor),
      { x: tf.tensor2d([1, 1, 0, 1], [2, 2], 'bool') },
    ],
    ['padding bool', ({ x }) => tf.pad(x as tf.Tensor, [[1, 1]], true as unknown as number), { x: bool(0, 1, 0) }],
    [
      'the gradient of a maximum over 3D windows with equal elements',
      ({ x }) => tf.grad((v: tf.Tensor) => tf.sum(tf.maxPool3d(v as tf.Tensor5D, 2, 1, 'valid')))(x as tf.Tensor),
      { x: tf.ones([1, 2, 3, 2, 1]) },
    ],
    ...(['conv3d', 'maxPool3d', 'avgPool3d'] as const).map(
      (op): Case => [
        `${op} and its gradients where the stride is longer than the window`,
        ({ x, w }) => {
          const [volume, filter] = [x as tf.Tensor5D, w as tf.Tensor5D];
          const fn = (v: tf.Tensor, k: tf.Tensor): tf.Tensor => {
            if (op === 'conv3d') return tf.conv3d(v as tf.Tensor5D, k as tf.Tensor5D, [2, 3, 2], 'same');
            const pool = tf[op](v as tf.Tensor5D, [1, 1, 2], [2, 3, 2], 'same');
            return tf.mul(pool, tf.mean(k));
          };
          const gradients = tf.grads((v: tf.Tensor, k: tf.Tensor) => tf.sum(tf.square(fn(v, k))))([volume, filter]);
          return tf.concat([fn(volume, filter), ...gradients].map((part) => tf.reshape(part, [-1])));
        },
        // Small whole numbers, whose sums are exact in every order.
        { x: tf.reshape(tf.range(0, 96), [1, 6, 8, 2, 1]), w: tf.ones([1, 1, 2, 1, 1]) },
      ],
    ),
    [
      'a window that is not square, with padding in numbers',
      ({ x }) => tf.avgPool(x as tf.Tensor4D, [3, 3], [2, 1], 0),
      { x: tf.reshape(tf.range(0, 24), [1, 4, 6, 1]) },
    ],
    [
      'the gradient of a maximum over 2D windows with equal elements',
      ({ x }) => tf.grad((v: tf.Tensor) => tf.sum(tf.maxPool(v as tf.Tensor4D, 2, 1, 'valid')))(x as tf.Tensor),
      { x: tf.ones([1, 2, 3, 1]) },
    ],
  ])('%s', async (_, fn, inputs) => {
    expect(described(await compiled(fn, inputs))).toEqual(described(fn(inputs)));
  });
});

describe('a sigmoid', () => {
  it.each([
    ['', (x: tf.Tensor) => tf.sigmoid(x)],
    [
      ' behind a product',
      (x: tf.Tensor) => tf.fused.matMul({ a: x as tf.Tensor2D, b: tf.eye(1), activation: 'sigmoid' }),
    ],
  ])('keeps its digits where it is small%s, so that its logarithm is right', async (_, fn) => {
    const points = [-80, -50, -20, -15, -10, -5, -1, 0, 1, 20, -Infinity, Infinity, Number.NaN];
    const x = tf.tensor2d(points, [points.length, 1]);
    const [own, eager] = [(await compiled(({ x }) => fn(x as tf.Tensor), { x })).dataSync(), fn(x).dataSync()];
    own.forEach((value, i) => {
      const expected = eager[i] as number;
      if (!Number.isFinite(expected) || expected === 0) expect(value).toBe(expected);
      // Three float32 roundings of 6e-8, and ONNX Runtime's exponential is off by as much again.
      else expect(Math.abs(value / expected - 1), `at ${points[i]}`).toBeLessThan(3e-7);
    });
  });
});

it('a sum of products of different types is refused, which TensorFlow.js computes in one or the other', async () => {
  const fn = ({ x, y }: Record<string, tf.Tensor>): tf.Tensor => tf.einsum('i,i->', x as tf.Tensor, y as tf.Tensor);
  await expect(compiled(fn, { x: f32(1), y: i32(1) })).rejects.toThrow(
    'einsum: f32[1] and i32[1] are of different types, expected one: tf.cast one to the type of the other',
  );
});

it('a normalisation of integers is computed in float32, where TensorFlow.js cuts it to integers', async () => {
  const fn = ({ x }: Record<string, tf.Tensor>): tf.Tensor =>
    tf.batchNorm(x as tf.Tensor2D, tf.scalar(1), tf.scalar(4), 0, 1, 0);
  expect(described(await compiled(fn, { x: tf.tensor2d([2, 4], [1, 2], 'int32') }))).toEqual([
    'float32',
    [1, 2],
    [0.5, 1.5],
  ]);
});

describe('an index outside of what is gathered from is refused, wherever it would lead', () => {
  it.each<Case>([
    ['negative', ({ x, i }) => tf.gather(x as tf.Tensor, i as tf.Tensor1D), { x: f32(1, 2, 3), i: i32(0, -1) }],
    ['too large', ({ x, i }) => tf.gather(x as tf.Tensor, i as tf.Tensor1D), { x: f32(1, 2, 3), i: i32(0, 3) }],
    [
      'negative in a batch',
      ({ x, i }) => tf.gather(x as tf.Tensor, i as tf.Tensor1D, 1, 1),
      { x: tf.ones([2, 3]), i: tf.tensor2d([0, -1], [2, 1], 'int32') },
    ],
    [
      'too large in a batch',
      ({ x, i }) => tf.gather(x as tf.Tensor, i as tf.Tensor1D, 1, 1),
      { x: tf.ones([2, 3]), i: tf.tensor2d([3, 0], [2, 1], 'int32') },
    ],
  ])('%s', async (_, fn, inputs) => {
    await expect(compiled(fn, inputs)).rejects.toThrow(/indices element out of data bounds/);
  });

  it.each([-1, 3])('at once where it is a constant: %d', async (index) => {
    await expect(
      compiled(({ x }) => tf.gather(x as tf.Tensor, i32(index) as tf.Tensor1D), { x: f32(1, 2, 3) }),
    ).rejects.toThrow(`gather: the index ${index} is not in [0, 2]`);
  });
});
