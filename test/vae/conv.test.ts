import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { elboTerms } from '../../src/vae/elbo';
import { decode, encode } from '../../src/vae/inference';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { expectClose } from './gradients';

interface TorchCase {
  readonly name: string;
  readonly model: {
    readonly height: number;
    readonly width: number;
    readonly channels: number;
    readonly maps: readonly number[];
    readonly blocks: number;
    readonly hidden: readonly number[];
    readonly latent: number;
    readonly components: number;
  };
  readonly images: number;
  readonly x: readonly number[];
  readonly noise: readonly number[];
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly values: number[] }>>;
  readonly expected: {
    readonly reconstruction: number[];
    readonly kl: number[];
    readonly loss: number;
    readonly gradients: Readonly<Record<string, number[]>>;
  };
}

/** Written by conv-torch.mjs beside it, which says how. */
const CASES = JSON.parse(readFileSync(join(__dirname, 'fixtures', 'conv-torch.json'), 'utf8')) as TorchCase[];

const made: Vae[] = [];
afterAll(() => {
  for (const model of made) model.dispose();
});
const make = (options: VaeOptions): Vae => {
  const model = new Vae(options);
  made.push(model);
  return model;
};

const SHAPE = { height: 5, width: 7, channels: 2 } as const;
const conv = (more: object = {}): VaeOptions => ({
  pixels: 70,
  latent: 2,
  hidden: [],
  network: { kind: 'conv', ...SHAPE, maps: [3, 4], ...more },
  prior: { kind: 'standard-normal' },
  seed: 1,
});
const uniform = (length: number): Float32Array => {
  const stream = RandomStream.of(2, 'conv');
  return Float32Array.from({ length }, () => stream.uniform());
};

function modelOf({ model: shape, weights }: TorchCase): Vae {
  const { height, width, channels, maps, blocks, hidden, latent, components } = shape;
  const model = make({
    pixels: height * width * channels,
    latent,
    hidden,
    network: { kind: 'conv', height, width, channels, maps, blocks },
    prior: components > 0 ? { kind: 'gaussian-mixture', components } : { kind: 'standard-normal' },
    seed: 7,
  });
  expect([...model.variables.keys()]).toEqual(Object.keys(weights));
  for (const [name, variable] of model.variables) {
    const { shape, values } = weights[name] as { shape: number[]; values: number[] };
    variable.assign(tf.tensor(values, shape));
  }
  return model;
}

/** The loss, its parts and its gradient by all variables, as one function to run eagerly or compiled. */
function lossAndGradients(model: Vae, x: tf.Tensor, noise: tf.Tensor): Record<string, tf.Tensor> {
  const variables = [...model.variables];
  const parts: Record<string, tf.Tensor> = {};
  const { value, grads } = tf.variableGrads(
    () => {
      const { reconstruction, kl } = elboTerms(model, x as tf.Tensor2D, noise as tf.Tensor3D);
      parts.reconstruction = tf.keep(reconstruction);
      parts.kl = tf.keep(kl);
      return tf.mean(tf.add(reconstruction, kl)) as tf.Scalar;
    },
    variables.map(([, variable]) => variable),
  );
  const gradients = variables.map(([name, variable]) => [name, grads[variable.name] as tf.Tensor]);
  const own = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.clone()]));
  tf.dispose(parts);
  return { loss: value, ...own, ...Object.fromEntries(gradients) };
}

describe('convolutions', () => {
  it.each(CASES.map((one) => [one.name, one] as const))(
    'have the values and gradients of the same network in PyTorch, eagerly and compiled: %s',
    async (_, one) => {
      const model = modelOf(one);
      const [x, noise] = [
        tf.tensor2d([...one.x], [one.images, model.pixels]),
        tf.tensor3d([...one.noise], [1, one.images, model.latent]),
      ];
      const eager = tf.tidy(() => lossAndGradients(model, x, noise));
      const compiled = await compile((inputs) => lossAndGradients(model, inputs.x, inputs.noise), {
        inputs: { x: x.shape, noise: noise.shape },
      });
      const { loss, reconstruction, kl, gradients } = one.expected;
      const expected: Record<string, number[]> = { loss: [loss], reconstruction, kl, ...gradients };
      for (const results of [eager, await compiled.run({ x, noise })]) {
        expect(Object.keys(results).toSorted()).toEqual(Object.keys(expected).toSorted());
        // Group norm of four numbers, twice in a row, loses a digit of float32.
        for (const [name, tensor] of Object.entries(results))
          expectClose(tensor.dataSync(), expected[name] as number[], 5e-5);
        tf.dispose(results);
      }
      await compiled.dispose();
      tf.dispose([x, noise]);
    },
  );

  it('know no batch: an image has the same code beside any others', () => {
    const model = make(conv());
    const images = uniform(3 * 70);
    const together = encode(model, images).means;
    for (let i = 0; i < 3; i++) {
      const alone = encode(model, images.subarray(70 * i, 70 * (i + 1))).means;
      expectClose(alone, together.subarray(2 * i, 2 * (i + 1)), 1e-6);
    }
  });

  it('start from the mean image, in the order of its rows, whatever else the likelihood needs', () => {
    const meanImage = Float32Array.from(uniform(70), (x) => 0.1 + 0.8 * x);
    for (const likelihood of ['bernoulli', 'gaussian'] as const) {
      const model = make({ ...conv(), likelihood, meanImage });
      for (const [name, variable] of model.variables) {
        if (name.startsWith('decoder/up1/')) variable.assign(tf.zerosLike(variable));
      }
      expectClose(decode(model, [0.3, -2]), meanImage, 1e-6);
    }
  });

  it('lay the outputs of one kind side by side, channel by channel of a pixel', () => {
    const [one, two] = [make(conv()), make({ ...conv(), likelihood: 'gaussian' })];
    for (const [name, variable] of two.variables) {
      const own = one.variables.get(name) as tf.Variable;
      // The last kernel is [4, 4, kinds · channels, maps]: the first kind's channels come first.
      if (name === 'decoder/up1/kernel') {
        const rest = variable.slice([0, 0, 2, 0], [4, 4, 2, 3]);
        variable.assign(tf.concat([own as tf.Tensor4D, rest as tf.Tensor4D], 2));
      } else if (name !== 'decoder/output/bias') variable.assign(own as tf.Tensor);
    }
    const z = [0.4, -1.1, 2, 0.2];
    expectClose(decode(two, z), decode(one, z), 1e-6);
  });

  it('take images of any size, and name the sizes after halving in the shapes of their variables', () => {
    const sizes = [[2, 2], [3, 2], [28, 28], [17, 9], [64, 3]] as const; // biome-ignore format: one line
    for (const [height, width] of sizes) {
      const model = make({
        ...conv(),
        pixels: height * width,
        network: { kind: 'conv', height, width, maps: [2], blocks: 1 },
      });
      const code = Math.ceil(height / 2) * Math.ceil(width / 2) * 2;
      expect(model.variables.get('encoder/output/kernel')?.shape).toEqual([code, 4]);
      expect(decode(model, encode(model, uniform(height * width)).means)).toHaveLength(height * width);
    }
  });

  it.each([
    [{ maps: [] }, 'network.maps: expected 1 to 3 numbers for images of 5×7, which can be halved so often, got 0'],
    [{ maps: [1, 1, 1, 1] }, 'network.maps: expected 1 to 3 numbers'],
    [{ maps: [0] }, 'network.maps[0]: expected a positive integer, got 0'],
    [{ maps: [2 ** 14, 2 ** 14] }, 'expected an array of at most 134217728 numbers'],
    [{ blocks: -1 }, 'network.blocks: expected an integer ≥ 0, got -1'],
    [{ blocks: 0.5 }, 'network.blocks: expected an integer ≥ 0, got 0.5'],
    [{ height: 6 }, 'network: expected 70 numbers an image, got 6·7·2'],
    [{ height: 1, width: 35 }, 'network.kind: expected dense for images of 1×35 pixels, which cannot be halved'],
    [{ kind: 'transformer' }, 'network.kind: expected gated or dense or conv or custom, got "transformer"'],
  ])('refuse %j', (more, message) => {
    expect(() => make(conv(more))).toThrow(message);
  });
});
