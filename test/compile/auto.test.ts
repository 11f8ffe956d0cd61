import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';

// As if a GPU were there and the fastest; what is compiled here never gets as far as running on it.
vi.mock('../../src/compile/runtime/devices', () => ({
  chooseDevice: async (requested: string) => ({
    name: 'webgpu',
    reason: requested === 'auto' ? 'fastest for a matrix product' : 'asked for',
  }),
}));

afterEach(() => tf.disposeVariables());

/** A step whose gradient is a transposed convolution in groups, which ONNX Runtime computes wrongly on webgpu. */
function pooled() {
  const w = tf.variable(tf.ones([1, 2, 2, 2]));
  const optimizer = tf.train.sgd(0.5);
  const loss = (x: tf.Tensor) => tf.sum(tf.maxPool(tf.mul(w, x) as tf.Tensor4D, 2, 1, 'valid')) as tf.Scalar;
  return { w, step: ({ x }: { x: tf.Tensor }) => optimizer.minimize(() => loss(x), true) as tf.Scalar };
}
const inputs = { x: [1, 2, 2, 2] } as const;

describe('a function that the fastest device would compute wrongly', () => {
  it('is compiled for cpu by auto, which says why', async () => {
    const { w, step } = pooled();
    const compiled = await compile(step, { device: 'auto', inputs });
    expect(compiled.device.name).toBe('cpu');
    expect(compiled.device.reason).toMatch(
      /^fastest for a matrix product, but ConvTranspose\(.*\) cannot be compiled for webgpu: .* is wrong there$/,
    );
    expect(compiled.toString()).toContain('then SGD updates');
    tf.dispose(await compiled.run({ x: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) }));
    await compiled.sync();
    await compiled.dispose();
    expect(Array.from(w.dataSync())).toEqual([1, 1, 1, 1, 1, 1, -2.5, -3]);
  });

  it('is refused where that device was asked for by name', async () => {
    await expect(compile(pooled().step, { device: 'webgpu', inputs })).rejects.toThrow(
      /^ConvTranspose\(.*\) cannot be compiled for webgpu: .* is wrong there; use device cpu$/,
    );
  });
});
