import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { imagesFromArray } from '../../src/data/from-code';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { objective } from '../../src/vae/elbo';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { exportDecoder, exportEncoder } from '../../src/vae/export-model';
import { decode, encode } from '../../src/vae/inference';
import { loadCheckpoint } from '../../src/vae/load';
import { Vae, type VaeOptions } from '../../src/vae/model';
import type { HandmadeOptions, Layers, NetworkFunction, NetworkOptions } from '../../src/vae/networks';
import { train } from '../../src/vae/training/train';
import { expectClose } from './gradients';

const made: Vae[] = [];
afterAll(() => {
  for (const model of made) model.dispose();
});

const SIDE = 8;
const PIXELS = SIDE * SIDE;
const OPTIONS: VaeOptions = { pixels: PIXELS, latent: 2, hidden: [], prior: { kind: 'standard-normal' }, seed: 5 };
const make = (network: NetworkOptions, more: Partial<VaeOptions> = {}): Vae => {
  const model = new Vae({ ...OPTIONS, network, ...more });
  made.push(model);
  return model;
};

/** Bars of every height. */
const set = imagesFromArray(
  Float32Array.from({ length: 40 * PIXELS }, (_, i) =>
    Math.floor((i % PIXELS) / SIDE) < 1 + (Math.floor(i / PIXELS) % 7) ? 0.9 : 0.1,
  ),
  { shape: [40, SIDE, SIDE] },
);
const uniform = (length: number): Float32Array => {
  const stream = RandomStream.of(2, 'handmade');
  return Float32Array.from({ length }, () => stream.uniform());
};

const gated = (units: number, name: string, x: tf.Tensor, layers: Layers): tf.Tensor => {
  const value = layers.dense({ units, name: `${name}/value`, kernelInitializer: 'heNormal' }).apply(x);
  const gate = layers.dense({ units, name: `${name}/gate`, kernelInitializer: 'heNormal' }).apply(x);
  return tf.mul(value, tf.sigmoid(gate));
};
const GATED: HandmadeOptions = {
  kind: 'custom',
  encoder: (x, layers) => layers.output().apply(gated(5, 'hidden2', gated(9, 'hidden1', x, layers), layers)),
  decoder: (z, layers) => layers.output().apply(gated(9, 'hidden2', gated(5, 'hidden1', z, layers), layers)),
};

const block = (name: string, filters: number, layers: Layers) => {
  const dataFormat = 'channelsFirst' as const;
  const half = (i: number) => [
    layers.groupNorm({ name: `${name}/norm${i}`, dataFormat }),
    layers.activation('relu'),
    layers.conv2d({
      name: `${name}/convolution${i}`,
      filters,
      kernelSize: 3,
      kernelInitializer: 'heNormal',
      dataFormat,
    }),
  ];
  return layers.residual([...half(1), ...half(2)]);
};
const CONV: HandmadeOptions = {
  kind: 'custom',
  encoder: (x, layers) => {
    const dataFormat = 'channelsFirst' as const;
    const down = { filters: 4, kernelSize: 4, strides: 2, kernelInitializer: 'heNormal', dataFormat } as const;
    return layers
      .sequential([
        layers.reshape([1, SIDE, SIDE]),
        layers.conv2d({ name: 'down1', ...down }),
        block('down1/block1', 4, layers),
        layers.groupNorm({ name: 'norm', dataFormat }),
        layers.activation('relu'),
        layers.output(),
      ])
      .apply(x);
  },
  decoder: (z, layers) => {
    const dataFormat = 'channelsFirst' as const;
    const up = {
      filters: layers.outputChannels,
      kernelSize: 4,
      strides: 2,
      useBias: false,
      kernelInitializer: 'heNormal',
      dataFormat,
    } as const;
    return layers
      .sequential([
        layers.dense({ name: 'features', units: 64, kernelInitializer: 'glorotNormal' }),
        layers.reshape([4, 4, 4]),
        block('up1/block1', 4, layers),
        layers.groupNorm({ name: 'up1/norm', dataFormat }),
        layers.activation('relu'),
        layers.conv2dTranspose({ name: 'up1', ...up }),
        layers.output({ dataFormat }),
      ])
      .apply(z);
  },
};

/** All kinds of layers with smooth functions, channels last, and a tensor of its own. */
const SMOOTH: HandmadeOptions = {
  kind: 'custom',
  encoder: (x, layers) => {
    const image = layers.reshape([SIDE, SIDE, 1]).apply(x);
    const down = layers.conv2d({ filters: 3, kernelSize: 3, strides: [2, 1], activation: 'tanh' }).apply(image);
    const same = layers.residual([
      layers.groupNorm(),
      layers.conv2d({ filters: 3, kernelSize: [1, 3], activation: 'swish' }),
    ]);
    const rows = layers.flatten().apply(same.apply(down));
    const scaled = tf.mul(rows, layers.weight({ name: 'scale', shape: [96], initializer: { stddev: 0.5 } }));
    return layers
      .output()
      .apply(layers.groupNorm({ groups: 1 }).apply(layers.dense({ units: 6, activation: 'softplus' }).apply(scaled)));
  },
  decoder: (z, layers) => {
    const start = layers.reshape([2, 2, 3]).apply(layers.dense({ units: 12, activation: 'elu' }).apply(z));
    const up = layers
      .conv2dTranspose({ filters: 2, kernelSize: 3, strides: 3, padding: 'valid', activation: 'tanh' })
      .apply(start);
    const more = layers.conv2dTranspose({ filters: 1, kernelSize: 3, padding: 'valid' }).apply(up);
    return layers.output().apply(more);
  },
};

const inputsOf = (n: number, latent = 2) => {
  const noise = new Float32Array(n * latent);
  RandomStream.of(3, 'handmade/noise').fillNormal(noise);
  return {
    x: tf.tensor2d(uniform(n * PIXELS), [n, PIXELS]),
    noise: tf.tensor3d(noise, [1, n, latent]),
    klWeight: tf.scalar(1),
  };
};
const lossOf = (model: Vae, inputs: ReturnType<typeof inputsOf>): number =>
  tf.tidy(() => objective(model, inputs).loss.dataSync()[0] as number);
const values = (model: Vae): [string, number[]][] =>
  [...model.variables].map(([name, variable]) => [name, [...variable.dataSync()]]);

describe('networks made by hand', () => {
  it.each([
    ['gated', GATED, { hidden: [9, 5], network: { kind: 'gated' } }],
    ['conv', CONV, { network: { kind: 'conv', height: SIDE, width: SIDE, maps: [4] }, likelihood: 'gaussian' }],
  ] as const)('that copy %s train to the same bits', async (_, network, more) => {
    const likelihood = 'likelihood' in more ? more.likelihood : 'bernoulli';
    const meanImage = uniform(PIXELS);
    const [copy, original] = [
      make(network, { likelihood, meanImage }),
      make({ kind: 'dense' }, { ...more, meanImage }),
    ];
    expect(values(copy)).toEqual(values(original));
    const options = { epochs: 2, batchSize: 10, seed: 1, threads: 1, binarisation: 'none' } as const;
    const histories = [await train(copy, set, options), await train(original, set, options)];
    expect(histories[0]?.steps).toEqual(histories[1]?.steps);
    expect(values(copy)).toEqual(values(original));
    const scored = await Promise.all(
      [copy, original].map((model) => evaluate(model, set, { samples: 4, seed: 1, threads: 1 })),
    );
    expect(scored[0]?.scores).toEqual(scored[1]?.scores);
  });

  it('have gradients that agree with differences of the loss', () => {
    const model = make(SMOOTH);
    const inputs = inputsOf(3);
    const variables = [...model.variables];
    expect(variables).toHaveLength(20);
    const { grads } = tf.variableGrads(
      () => objective(model, inputs).loss,
      variables.map(([, variable]) => variable),
    );
    for (const [name, variable] of variables) {
      const before = variable.dataSync<'float32'>().slice();
      const at = Array.from({ length: Math.min(4, before.length) }, (_, i) => (i * 7) % before.length);
      const h = 0.01;
      const moved = (i: number, by: number): number => {
        const after = before.slice();
        after[i] = (after[i] as number) + by;
        variable.assign(tf.tensor(after, variable.shape));
        return lossOf(model, inputs);
      };
      const differences = at.map((i) => (moved(i, h) - moved(i, -h)) / (2 * h));
      variable.assign(tf.tensor(before, variable.shape));
      const gradient = (grads[variable.name] as tf.Tensor).dataSync();
      // 40 nats in float32 over a step of 0.02: two digits behind the point, beside h² of the third derivative.
      expectClose(
        at.map((i) => gradient[i] as number),
        differences,
        5e-3,
      );
      expect(Math.max(...gradient.map(Math.abs)), name).toBeGreaterThan(0);
    }
  });

  it.each([
    ['smooth layers', SMOOTH],
    ['convolutions', CONV],
  ] as const)('take compiled the steps that they take eagerly: %s', async (_, network) => {
    const compiled = make(network, { prior: { kind: 'gaussian-mixture', components: 3 } });
    const eager = make(network, { prior: { kind: 'gaussian-mixture', components: 3 } });
    const options = { epochs: 2, batchSize: 10, seed: 1, threads: 1, binarisation: 'none' } as const;
    const steps = [await train(compiled, set, options), await train(eager, set, { ...options, device: 'eager' })];
    expect(steps[0]?.steps).toHaveLength(8);
    expectClose(steps[0]?.steps.map(({ loss }) => loss) ?? [], steps[1]?.steps.map(({ loss }) => loss) ?? [], 1e-5);
    // A bias before a group norm has a gradient of rounding alone, which Adam divides by itself.
    for (const [name, variable] of [...compiled.variables].filter(([name]) => !name.endsWith('bias')))
      expectClose(variable.dataSync(), (eager.variables.get(name) as tf.Variable).dataSync(), 2e-4);
  });

  it('may be models of tf.layers, whose variables are named by place', async () => {
    const models = () => {
      const kernelInitializer = (seed: number) => tf.initializers.glorotNormal({ seed });
      const encoder = tf.sequential({
        layers: [
          tf.layers.reshape({ inputShape: [PIXELS], targetShape: [SIDE, SIDE, 1] }),
          tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', kernelInitializer: kernelInitializer(1) }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.flatten(),
          tf.layers.dense({ units: 4, kernelInitializer: kernelInitializer(2) }),
        ],
      });
      const decoder = tf.sequential({
        layers: [
          tf.layers.dense({ inputShape: [2], units: 16, activation: 'tanh', kernelInitializer: kernelInitializer(3) }),
          tf.layers.dense({ units: PIXELS, kernelInitializer: kernelInitializer(4) }),
        ],
      });
      return { kind: 'custom', encoder, decoder } as const;
    };
    const [compiled, eager] = [make(models()), make(models())];
    expect([...compiled.variables.keys()].slice(0, 5)).toEqual([
      'encoder/layer2/kernel',
      'encoder/layer2/bias',
      'encoder/layer5/kernel',
      'encoder/layer5/bias',
      'decoder/layer1/kernel',
    ]);
    const options = {
      epochs: 3,
      batchSize: 10,
      seed: 1,
      threads: 1,
      binarisation: 'none',
      learningRate: 0.01,
    } as const;
    const { epochs } = await train(compiled, set, options);
    const again = await train(eager, set, { ...options, device: 'eager' });
    expectClose(
      epochs.map(({ loss }) => loss),
      again.epochs.map(({ loss }) => loss),
      1e-5,
    );
    expect(epochs[2]?.loss).toBeLessThan(epochs[0]?.loss as number);
    const normed = tf.sequential({
      layers: [tf.layers.dense({ inputShape: [PIXELS], units: 4 }), tf.layers.batchNormalization()],
    });
    expect(() => make({ ...GATED, encoder: normed })).toThrow(
      'network.encoder: expected a model whose weights are all trained, got batch_normalization',
    );
  });

  it.each([
    ['gated', GATED],
    ['convolutions', CONV],
  ] as const)('are exported to ONNX for any number of rows: %s', async (_, network) => {
    const model = make(network);
    const images = uniform(7 * PIXELS);
    const { means, stddevs } = encode(model, images);
    const encoder = await ort.InferenceSession.create(exportEncoder(model));
    const { mean, stddev } = await encoder.run({ images: new ort.Tensor('float32', images, [7, PIXELS]) });
    expectClose(mean?.data as Float32Array, means);
    expectClose(stddev?.data as Float32Array, stddevs);
    const decoder = await ort.InferenceSession.create(exportDecoder(model));
    const decoded = await decoder.run({ latents: new ort.Tensor('float32', means, [7, 2]) });
    expectClose(decoded.images?.data as Float32Array, decode(model, means));
  });

  it('are kept by name, resumed to the same bits, and loaded with the same code alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'handmade-'));
    const options = { batchSize: 10, seed: 1, threads: 1, binarisation: 'none' } as const;
    const whole = make(GATED);
    await train(whole, set, { ...options, epochs: 2 });
    await train(make(GATED), set, { ...options, epochs: 1, checkpoint: { folder } });
    const resumed = make(GATED);
    await train(resumed, set, { ...options, epochs: 2, checkpoint: { folder, resume: true } });
    expect(values(resumed)).toEqual(values(whole));
    const { model, manifest } = await loadCheckpoint(folder, 'last', { network: GATED });
    made.push(model);
    expect(values(model)).toEqual(values(whole));
    expect(manifest.model.network).toEqual({ kind: 'custom' });
    await expect(loadCheckpoint(folder)).rejects.toThrow(
      `${folder}: its networks were made by hand: load it in a program, with loadCheckpoint(folder, which, { network })`,
    );
    const plain: NetworkFunction = (z, layers) => {
      const dense = (units: number, name: string, x: tf.Tensor) => layers.dense({ units, name }).apply(x);
      const first = tf.mul(dense(5, 'hidden1/value', z), dense(5, 'hidden1/gate', z));
      return layers.output().apply(tf.mul(dense(9, 'hidden2/value', first), dense(9, 'hidden2/gate', first)));
    };
    const ungated = { ...GATED, decoder: plain };
    const message = `${folder}: kept with other networks of the same variables: the decoder gives for a code of 0.5 `;
    await expect(loadCheckpoint(folder, 'last', { network: ungated })).rejects.toThrow(message);
    const going = { ...options, epochs: 3, checkpoint: { folder, resume: true } };
    await expect(train(make(ungated), set, going)).rejects.toThrow(message);
    const wider: NetworkFunction = (x, layers) => layers.output().apply(layers.dense({ units: 6 }).apply(x));
    await expect(loadCheckpoint(folder, 'last', { network: { ...GATED, encoder: wider } })).rejects.toThrow(
      `${folder}: kept with other networks: encoder/dense1/kernel is none there, [64, 6] here; encoder/dense1/bias is none there, [6] here; encoder/output/kernel is [5, 4] there, [6, 4] here, and 8 more`,
    );
  });

  it('start a decoder at the mean image, with rows and with images of several colours', () => {
    const meanImage = Float32Array.from(uniform(PIXELS), (x) => 0.1 + 0.8 * x);
    const rows: NetworkFunction = (z, layers) => layers.output().apply(tf.mul(z, 0));
    const images: NetworkFunction = (z, layers) =>
      layers.output().apply(tf.mul(layers.reshape([4, 4, 4]).apply(layers.dense({ units: 64 }).apply(z)), 0));
    expectClose(decode(make({ ...GATED, decoder: rows }, { meanImage }), [1, 2]), meanImage);
    expectClose(decode(make({ ...GATED, decoder: images }, { meanImage, channels: 4 }), [1, 2]), meanImage);
  });

  it('lead a transposed convolution to any size that its strides bring back', () => {
    const up =
      (outputSize?: [number, number]): NetworkFunction =>
      (z, layers) =>
        layers
          .conv2dTranspose({ filters: 1, kernelSize: 3, strides: 2, ...(outputSize && { outputSize }) })
          .apply(layers.reshape([3, 4, 1]).apply(layers.dense({ units: 12 }).apply(z)))
          .flatten() as tf.Tensor;
    const sizeOf = (decoder: NetworkFunction): string => {
      try {
        make({ ...GATED, decoder });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(sizeOf(up())).toContain('got [96]');
    expect(sizeOf(up([5, 7]))).toContain('got [70]');
    expect(sizeOf(up([5, 6]))).toContain(
      'decoder/conv2dTranspose1.outputSize: expected a size that strides 2×2 bring back to 3×4, got 5×6',
    );
  });

  const dense =
    (units: number): NetworkFunction =>
    (x, layers) =>
      layers.dense({ units }).apply(x);
  it.each<[string, Partial<HandmadeOptions>, string]>([
    [
      'too few outputs',
      { encoder: dense(3) },
      'network.encoder: expected to return [n, 4], the means and log variances of 2 latent dimensions, got [n, 3]; end with layers.output()',
    ],
    [
      'too few pixels',
      { decoder: dense(63) },
      'network.decoder: expected to return [n, 64], the 64 parameters of the likelihood, got [n, 63]; end with layers.output()',
    ],
    [
      'another number of rows',
      { encoder: (x, layers) => tf.reshape(layers.dense({ units: 4 }).apply(x), [1, 8]) },
      'got [1, 8]',
    ],
    ['nothing', { encoder: (() => undefined) as unknown as NetworkFunction }, 'got undefined'],
    [
      'a promise',
      { encoder: (async () => tf.zeros([2, 4])) as unknown as NetworkFunction },
      'got a promise: a network is not an async function',
    ],
    [
      'no function',
      { encoder: 'dense' as unknown as NetworkFunction },
      'network.encoder: expected a function of rows, or a model of tf.layers, got string',
    ],
    [
      'a name twice',
      { encoder: (x, layers) => layers.output({ name: 'a' }).apply(layers.dense({ units: 3, name: 'a' }).apply(x)) },
      'network.encoder: expected a name of its own for each layer, got a twice',
    ],
    [
      'a shared layer for another width',
      {
        encoder: (x, layers) => {
          const shared = layers.dense({ units: 4 });
          return shared.apply(shared.apply(x));
        },
      },
      'network.encoder: dense1 expected [n, 64], as when it was made, got [n, 4]',
    ],
    [
      'a table as image',
      { encoder: (x, layers) => layers.conv2d({ filters: 1, kernelSize: 3 }).apply(x) },
      'encoder/conv2d1: expected images of rank 4, got a tensor of rank 2: reshape it',
    ],
    [
      'an unknown activation',
      { encoder: (x, layers) => layers.dense({ units: 4, activation: 'gelu' as 'relu' }).apply(x) },
      'encoder/dense1.activation: expected linear or relu',
    ],
    [
      'groups that do not divide',
      { encoder: (x, layers) => layers.output().apply(layers.groupNorm({ groups: 5 }).apply(x)) },
      'encoder/groupNorm1.groups: expected a divisor of 64 channels, got 5',
    ],
    [
      'channels of other outputs',
      {
        decoder: (z, layers) =>
          layers.output().apply(layers.reshape([4, 4, 4]).apply(layers.dense({ units: 64 }).apply(z))),
      },
      'decoder/output: expected images of 64 pixels with 1 channels, the outputs of a pixel, got 4×4 with 4',
    ],
  ])('refuse %s', (_, network, message) => {
    expect(() => make({ ...GATED, ...network })).toThrow(message);
  });

  it('refuse hidden sizes beside them, and layers that come later', () => {
    expect(() => make(GATED, { hidden: [3] })).toThrow('hidden: expected none, since the networks are made by hand');
    let calls = 0;
    const growing: NetworkFunction = (x, layers) =>
      layers.output().apply(calls++ === 0 ? x : layers.dense({ units: 3 }).apply(x));
    const model = make({ ...GATED, encoder: growing });
    expect(() => encode(model, uniform(PIXELS))).toThrow(
      'network.encoder: expected the same layers in every call, got dense1, which the first did not have',
    );
  });

  it('leave no variables behind where they are refused', () => {
    const before = tf.memory().numTensors;
    expect(() => make({ ...GATED, encoder: dense(3) })).toThrow();
    expect(() => make({ ...GATED, decoder: dense(3) })).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});
