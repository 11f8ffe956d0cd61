import { describe, expect, it } from 'vitest';
import { tf } from '../../src/tensors';
import { type Case, compiled, described } from './fixtures/case';

const { zeros, ones } = tf;

/** A function of several tensors, followed by the gradients of the sum of its elements. */
function withGradients(fn: (...x: tf.Tensor[]) => tf.Tensor, ...shapes: number[][]): [Operation, Case[2]] {
  const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, ones(shape)]));
  const values = (given: Record<string, tf.Tensor>): tf.Tensor[] => shapes.map((_, i) => given[`x${i}`] as tf.Tensor);
  return [
    (given) => [fn(...values(given)), ...tf.grads((...x: tf.Tensor[]) => tf.sum(fn(...x)))(values(given))],
    inputs,
  ];
}
type Operation = (inputs: Record<string, tf.Tensor>) => tf.Tensor[];

const conv2d = (x: tf.Tensor, w?: tf.Tensor): tf.Tensor => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'valid');
const depthwise = (x: tf.Tensor, w?: tf.Tensor): tf.Tensor =>
  tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 'valid');
const conv3d = (x: tf.Tensor, w?: tf.Tensor): tf.Tensor => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, 2, 'valid');
const pool2d =
  (op: 'maxPool' | 'avgPool') =>
  (x: tf.Tensor): tf.Tensor =>
    tf[op](x as tf.Tensor4D, 3, 2, 'valid');
const pool3d =
  (op: 'maxPool3d' | 'avgPool3d') =>
  (x: tf.Tensor): tf.Tensor =>
    tf[op](x as tf.Tensor5D, 3, 2, 'valid');

// Without images, without a window that fits, without channels in, without channels out. ONNX Runtime 1.30 refuses some of these, gives what
// lay in memory for others, and for convolutions without channels ends the process.
describe('windows over nothing give, with their gradients, what TensorFlow.js gives', () => {
  it.each<readonly [string, ...ReturnType<typeof withGradients>]>([
    ['conv2d without images', ...withGradients(conv2d, [0, 4, 4, 2], [3, 3, 2, 2])],
    ['conv2d of an image smaller than the window', ...withGradients(conv2d, [1, 1, 4, 2], [3, 3, 2, 2])],
    ['conv2d without channels', ...withGradients(conv2d, [1, 4, 4, 0], [3, 3, 0, 2])],
    ['conv2d to no channels', ...withGradients(conv2d, [1, 4, 4, 2], [3, 3, 2, 0])],
    ...[16, 3].map((images) => {
      const besideImage = (x: tf.Tensor, w?: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 2, 1);
      const name = `conv2d of ${images} images with its only column of windows in the padding`;
      return [name, ...withGradients(besideImage, [images, 6, 2, 4], [4, 1, 4, 12])] as const;
    }),
    ['depthwiseConv2d without images', ...withGradients(depthwise, [0, 4, 4, 2], [3, 3, 2, 2])],
    ['depthwiseConv2d of an image smaller than the window', ...withGradients(depthwise, [1, 1, 4, 2], [3, 3, 2, 2])],
    ['depthwiseConv2d without channels', ...withGradients(depthwise, [1, 4, 4, 0], [3, 3, 0, 2])],
    ['conv3d without volumes', ...withGradients(conv3d, [0, 4, 4, 4, 1], [3, 3, 3, 1, 2])],
    ['conv3d of a volume smaller than the window', ...withGradients(conv3d, [1, 1, 4, 4, 1], [3, 3, 3, 1, 2])],
    ['conv3d without channels', ...withGradients(conv3d, [1, 4, 4, 4, 0], [3, 3, 3, 0, 2])],
    ...(['maxPool', 'avgPool'] as const).flatMap((op) => [
      [`${op} without images`, ...withGradients(pool2d(op), [0, 4, 4, 2])] as const,
      [`${op} of an image smaller than the window`, ...withGradients(pool2d(op), [1, 1, 4, 2])] as const,
      [`${op} without channels`, ...withGradients(pool2d(op), [1, 4, 4, 0])] as const,
    ]),
    ...(['maxPool3d', 'avgPool3d'] as const).flatMap((op) => [
      [`${op} of a volume smaller than the window`, ...withGradients(pool3d(op), [1, 1, 4, 4, 2])] as const,
      [`${op} without channels`, ...withGradients(pool3d(op), [1, 4, 4, 4, 0])] as const,
    ]),
  ])('%s', async (_, fn, inputs) => {
    expect((await compiled(fn, inputs)).map(described)).toEqual(fn(inputs).map(described));
  });
});

describe('of nothing', () => {
  it.each<Case>([
    ['the position of the largest', ({ x }) => tf.argMax(x as tf.Tensor, 1), { x: zeros([3, 0]) }],
    ['the position of the smallest', ({ x }) => tf.argMin(x as tf.Tensor), { x: zeros([0, 3], 'int32') }],
    ['whether any holds', ({ x }) => tf.any(x as tf.Tensor, 0), { x: zeros([0, 3], 'bool') }],
    ['a sum', ({ x }) => tf.sum(x as tf.Tensor, 0), { x: zeros([0, 3]) }],
    ['a maximum', ({ x }) => tf.max(x as tf.Tensor, 0), { x: zeros([0, 3]) }],
    ['products', ({ x }) => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, true), { x: zeros([0, 3]) }],
    ['bools', ({ x }) => tf.concat([x as tf.Tensor, tf.zerosLike(x as tf.Tensor)]), { x: zeros([0], 'bool') }],
  ])('%s is what TensorFlow.js gives', async (_, fn, inputs) => {
    expect(described(await compiled(fn, inputs))).toEqual(described(fn(inputs)));
  });

  it('all hold, as a product of nothing is 1; TensorFlow.js says no', async () => {
    const fn = ({ x }: Record<string, tf.Tensor>): tf.Tensor => tf.all(x as tf.Tensor, 0);
    expect(described(await compiled(fn, { x: zeros([0, 2], 'bool') }))).toEqual(['bool', [2], [1, 1]]);
  });
});
