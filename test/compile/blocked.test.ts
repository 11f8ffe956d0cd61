import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { channelBlock } from '../../src/compile/runtime/channel-block';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { compiled } from './fixtures/case';

interface Convolution {
  readonly images: number;
  readonly channels: readonly [number, number];
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly dilation: number;
  readonly pad: 'same' | 'valid';
  readonly format: 'NHWC' | 'NCHW';
}

/** The convolution and its gradients by image and filter, weighted so that every output counts differently; all in one vector. */
const withGradients =
  ({ stride, dilation, pad, format }: Convolution) =>
  ({ x, w }: Record<string, tf.Tensor>): tf.Tensor => {
    const f = (image: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
      tf.conv2d(image as tf.Tensor4D, filter as tf.Tensor4D, stride, pad, format, dilation);
    // TensorFlow.js has no gradients of dilated convolutions.
    const loss = (image: tf.Tensor, filter: tf.Tensor): tf.Tensor => tf.sum(tf.sin(f(image, filter)));
    const gradients = dilation === 1 ? tf.grads(loss)([x as tf.Tensor, w as tf.Tensor]) : [];
    return tf.concat([f(x as tf.Tensor, w as tf.Tensor), ...gradients].map((part) => tf.reshape(part, [-1])));
  };

const count = fc.oneof(fc.constantFrom(1, 3, 8, 12, 16, 24, 32), fc.integer({ min: 1, max: 40 }));
const length = fc.integer({ min: 1, max: 9 });
const taps = fc.integer({ min: 1, max: 4 });
const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    images: count,
    channels: fc.tuple(count, count),
    size: fc.tuple(length, length),
    kernel: fc.tuple(taps, taps),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    pad: fc.constantFrom('same' as const, 'valid' as const),
    format: fc.constantFrom('NHWC' as const, 'NCHW' as const),
  })
  // TensorFlow.js's own rules: a window lies within its image, and no stride with dilation.
  .filter(({ size, kernel, pad, dilation, stride }) => {
    const reaches = kernel.some((k, axis) => (k - 1) * dilation + 1 > (size[axis] as number));
    return !(pad === 'valid' && reaches) && (dilation === 1 || stride === 1);
  });

function inputsOf({ images, channels, size, kernel, format }: Convolution): Record<string, tf.Tensor> {
  const stream = RandomStream.of(1, 'test/blocked');
  const drawn = (shape: number[]): tf.Tensor => {
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
    stream.fillNormal(values);
    return tf.tensor(values, shape);
  };
  const x = format === 'NCHW' ? [images, channels[0], ...size] : [images, ...size, channels[0]];
  return { x: drawn(x), w: drawn([...kernel, ...channels]) };
}

describe('convolutions in blocks of channels', () => {
  it('give what TensorFlow.js gives, with their gradients, for any number of images and channels', async () => {
    await fc.assert(
      fc.asyncProperty(convolutions, async (convolution) => {
        const [fn, inputs] = [withGradients(convolution), inputsOf(convolution)];
        const [got, expected] = [await compiled(fn, inputs), fn(inputs)].map((t) => Array.from(t.dataSync())) as [
          number[],
          number[],
        ];
        const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(got.length).toBe(expected.length);
        // float32 sums of up to 40 images times 81 places in another order.
        const furthest = got.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))), 0);
        expect(furthest / scale).toBeLessThan(2e-5);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('are taken where the processor has them and most of a block is filled, not where it is not', async () => {
    const block = await channelBlock();
    const operators = async (images: number, channels: number): Promise<string> => {
      const convolution = { images, channels: [channels, channels], size: [6, 6], kernel: [3, 3] } as const;
      const all = { ...convolution, stride: 1, dilation: 1, pad: 'same', format: 'NCHW' } as const;
      const step = await compile(withGradients(all), { inputs: inputsOf(all), threads: 1 });
      const text = step.toString();
      await step.dispose();
      return text;
    };
    // Forwards, and by image and by filter.
    expect((await operators(16, 16)).match(/BlockedConv/g) ?? []).toHaveLength(block === null ? 0 : 3);
    expect(await operators(17, 17)).not.toContain('BlockedConv');
    expect([null, 8, 16]).toContain(block);
  });
});
