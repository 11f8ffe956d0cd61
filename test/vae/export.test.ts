import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportOnnx } from '../../src/compile/export';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { exportDecoder, exportEncoder } from '../../src/vae/export-model';
import { decode, encode } from '../../src/vae/inference';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { DENSE_NETWORKS } from './dense-networks';

const OPTIONS: VaeOptions = { pixels: 12, latent: 3, hidden: [9, 7], prior: { kind: 'standard-normal' }, seed: 4 };

const uniform = (length: number): Float32Array => {
  const stream = RandomStream.of(1, 'export');
  return Float32Array.from({ length }, () => stream.uniform());
};

/** What plain ONNX Runtime makes of a model, for any number of rows. */
async function run(model: Uint8Array, input: string, values: Float32Array, columns: number) {
  const session = await ort.InferenceSession.create(model);
  expect(session.inputNames).toEqual([input]);
  const results = await session.run({ [input]: new ort.Tensor('float32', values, [values.length / columns, columns]) });
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

const closeTo = (got: Float32Array | undefined, expected: Float32Array): void => {
  expect(got?.length).toBe(expected.length);
  got?.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 5);
  });
};

describe('an exported model', () => {
  it.each([
    ['relu', 'bernoulli'],
    ['gated', 'bernoulli'],
    ['tanh', 'gaussian'],
  ] as const)(
    'with %s layers and %s pixels gives in ONNX Runtime what the library gives, for any number of rows',
    async (network, likelihood) => {
      const model = new Vae({ ...OPTIONS, network: DENSE_NETWORKS[network], likelihood });
      const [encoder, decoder] = [exportEncoder(model), exportDecoder(model)];
      for (const n of [1, 4, 50]) {
        const images = uniform(12 * n);
        const { mean, stddev } = await run(encoder, 'images', images, 12);
        const expected = encode(model, images);
        closeTo(mean, expected.means);
        closeTo(stddev, expected.stddevs);
        closeTo((await run(decoder, 'latents', expected.means, 3)).images, decode(model, expected.means));
      }
      model.dispose();
    },
  );

  it.each([
    ['bernoulli', { height: 4, width: 3 }],
    ['gaussian', { height: 2, width: 2, channels: 3 }],
  ] as const)('of convolutions with %s pixels runs for any number of rows, too', async (likelihood, size) => {
    const model = new Vae({ ...OPTIONS, hidden: [4], network: { kind: 'conv', ...size, maps: [6] }, likelihood });
    const [encoder, decoder] = [exportEncoder(model), exportDecoder(model)];
    for (const n of [1, 50]) {
      const images = uniform(12 * n);
      const { mean, stddev } = await run(encoder, 'images', images, 12);
      const expected = encode(model, images);
      closeTo(mean, expected.means);
      closeTo(stddev, expected.stddevs);
      closeTo((await run(decoder, 'latents', expected.means, 3)).images, decode(model, expected.means));
    }
    model.dispose();
  });

  it('has the weights of the moment at which it was exported', async () => {
    const model = new Vae(OPTIONS);
    const before = exportDecoder(model);
    const z = uniform(3);
    const first = decode(model, z);
    for (const variable of model.variables.values()) variable.assign(tf.zerosLike(variable));
    closeTo((await run(before, 'latents', z, 3)).images, first);
    closeTo((await run(exportDecoder(model), 'latents', z, 3)).images, new Float32Array(12).fill(0.5));
    model.dispose();
  });

  it('is refused where the graph depends on the number of rows, or changes a variable', () => {
    const share = (x: tf.Tensor2D) => ({ y: tf.div(x, x.shape[0]) });
    expect(() => exportOnnx(share, { input: 'x', columns: 2, name: 'share' })).toThrow(
      'share: cannot be exported for any number of rows',
    );
    const counter = tf.variable(tf.scalar(0));
    const counting = (x: tf.Tensor2D) => {
      counter.assign(tf.add(counter, 1) as tf.Scalar);
      return { y: tf.add(x, counter) };
    };
    expect(() => exportOnnx(counting, { input: 'x', columns: 2, name: 'counting' })).toThrow('changes a variable');
    counter.dispose();
  });
});
