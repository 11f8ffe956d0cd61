import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { Normal } from '../../src/distributions/normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { makeLikelihood } from '../../src/vae/likelihoods';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { LOG_VARIANCE_BOUND } from '../../src/vae/tensor-math';
import { expectClose, numericalGradient } from './gradients';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const bounded = (raw: number): number => LOG_VARIANCE_BOUND * Math.tanh(raw / LOG_VARIANCE_BOUND);
const normals = (length: number, name: string, scale = 1): number[] => {
  const stream = RandomStream.of(1, name);
  return Array.from({ length }, () => scale * stream.normal());
};

/**
 * ln p of one pixel of `c` bytes by the definition in float64, differences of the logistic's distribution function: right where a bin has more
 * than about 1e-12.
 */
function mixtureLogProb(bytes: readonly number[], raw: readonly number[], k: number): number {
  const c = bytes.length;
  const x = bytes.map((byte) => (2 * byte) / 255 - 1);
  const pairs = (c * (c - 1)) / 2;
  const weights = raw.slice(0, k).map(Math.exp);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const probability = weights.reduce((sum, weight, component) => {
    const [locations, scales] = [0, 1].map((part) =>
      raw.slice(k + (part * k + component) * c, k + (part * k + component + 1) * c),
    );
    const coefficients = raw.slice(k + 2 * k * c + component * pairs).map(Math.tanh);
    const product = x.reduce((all, value, j) => {
      const location =
        (locations?.[j] as number) +
        x.slice(0, j).reduce((m, xi, i) => m + (coefficients[(j * (j - 1)) / 2 + i] as number) * xi, 0);
      const scale = Math.exp(bounded(scales?.[j] as number));
      const upper = bytes[j] === 255 ? 1 : sigmoid((value + 1 / 255 - location) / scale);
      const lower = bytes[j] === 0 ? 0 : sigmoid((value - 1 / 255 - location) / scale);
      return all * (upper - lower);
    }, 1);
    return sum + (weight / total) * product;
  }, 0);
  return Math.log(probability);
}

/** Takes one pixel, as the library computes it. */
const ours = (bytes: readonly number[], raw: readonly number[], mixtures: number): number => {
  const likelihood = makeLikelihood('logistic-mixture', { pixels: bytes.length, channels: bytes.length, mixtures });
  return tf.tidy(
    () => likelihood.logProb(tf.tensor1d(bytes.map((b) => b / 255)), tf.tensor1d([...raw])).dataSync()[0] as number,
  );
};
const outputsOf = (channels: number, mixtures: number): number =>
  mixtures * (1 + 2 * channels + (channels * (channels - 1)) / 2);

describe('the discretised mixture of logistics', () => {
  it.each([
    [1, 3],
    [3, 2],
    [2, 4],
    [5, 2],
  ])(
    'has the probability of its definition in float64, of %d channels with %d components, and its gradient',
    (channels, mixtures) => {
      const raw = normals(outputsOf(channels, mixtures), `mixture/${channels}`, 0.7);
      const likelihood = makeLikelihood('logistic-mixture', { pixels: channels, channels, mixtures });
      for (const bytes of [
        [0, 255, 128, 1, 30],
        [255, 0, 3, 255, 0],
        [100, 131, 254, 90, 177],
      ].map((all) => all.slice(0, channels))) {
        const value = (at: number[]): number => mixtureLogProb(bytes, at, mixtures);
        expectClose([ours(bytes, raw, mixtures)], [value(raw)]);
        const gradient = tf.tidy(() => {
          const x = tf.tensor1d(bytes.map((b) => b / 255));
          return [
            ...tf
              .grad((at) => likelihood.logProb(x, at))(tf.tensor1d(raw))
              .dataSync(),
          ];
        });
        expectClose(gradient, numericalGradient(value, raw));
      }
    },
  );

  it.each([1, 2])('gives probabilities that sum to 1 over the bytes of %d channels', (channels) => {
    const raw = normals(outputsOf(channels, 2), 'sum', 1);
    const all = Array.from({ length: 256 ** channels }, (_, i) =>
      Array.from({ length: channels }, (_, j) => Math.floor(i / 256 ** j) % 256),
    );
    const likelihood = makeLikelihood('logistic-mixture', { pixels: channels, channels, mixtures: 2 });
    const total = tf.tidy(() => {
      const x = tf.div(tf.tensor2d(all), 255);
      return tf.sum(tf.exp(likelihood.logProb(x, tf.tensor2d([raw])))).dataSync()[0];
    });
    expect(total).toBeCloseTo(1, 4);
  });

  it('stays finite and exact far from its location, where the difference of two sigmoids is 0 in float32', () => {
    // ln(σ(a) − σ(b)) with a = −2/s + …: the tail is e^{−distance/s} times the width of a bin.
    const raw = [0, 1, -4]; // m = 1, s = e^−4 nearly
    const scale = Math.exp(bounded(-4));
    const distance = 2 - 2 / 255;
    const expected = -distance / scale + Math.log(Math.exp(1 / 255 / scale) - Math.exp(-1 / 255 / scale));
    expectClose([ours([1], raw, 1)], [expected]);
    const gradient = tf.tidy(() => {
      const { logProb } = makeLikelihood('logistic-mixture', { pixels: 1, channels: 1, mixtures: 1 });
      return [
        ...tf
          .grad((at) => logProb(tf.tensor1d([1 / 255]), at))(tf.tensor1d(raw))
          .dataSync(),
      ];
    });
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(gradient[1]).toBeCloseTo(-1 / scale, 3);
  });

  it('has the mean of its 256 values to within half a step', () => {
    for (const raw of [
      [0, 0.3, -1],
      [0, -1.2, -2],
      [0, 0.9, 0.5],
      [0.4, -0.2, 0.2, 0.5, -3, -2],
    ]) {
      const mixtures = raw.length / 3;
      const exact = Array.from(
        { length: 256 },
        (_, v) => (v / 255) * Math.exp(mixtureLogProb([v], raw, mixtures)),
      ).reduce((a, b) => a + b, 0);
      const { mean } = makeLikelihood('logistic-mixture', { pixels: 1, channels: 1, mixtures });
      expect(Math.abs((tf.tidy(() => mean(tf.tensor1d(raw)).dataSync()[0]) as number) - exact)).toBeLessThan(0.5 / 255);
    }
  });

  it('has means that are intensities, however far a location lies beyond black or white', () => {
    const { mean } = makeLikelihood('logistic-mixture', { pixels: 3, channels: 3, mixtures: 2 });
    for (const location of [-300, -20, -1.5, 1.5, 20, 300]) {
      for (const scale of [-8, -3, 0, 5]) {
        const parts = [[0.3, -1.7], Array(6).fill(location), Array(6).fill(scale), normals(6, `${location}/${scale}`)];
        const means = tf.tidy(() => mean(tf.tensor1d(parts.flat())).dataSync());
        expect([...means].filter((x) => !(x >= 0 && x <= 1))).toEqual([]);
        if (scale < 0) expect(means[0]).toBeCloseTo(location > 0 ? 1 : 0, 2);
      }
    }
  });

  it('sums over the places of an image, with the outputs of one kind side by side', () => {
    const [places, mixtures] = [4, 2];
    const likelihood = makeLikelihood('logistic-mixture', { pixels: 3 * places, channels: 3, mixtures });
    const perPlace = Array.from({ length: places }, (_, p) => normals(outputsOf(3, mixtures), `place/${p}`, 0.6));
    const bytes = Array.from({ length: places }, (_, p) => [10 * p, 255 - p, 90]);
    expect(likelihood.kinds.reduce((sum, width) => sum + width, 0)).toBe(outputsOf(3, mixtures));
    // From [place][output] to [kind][place][width of the kind].
    let at = 0;
    const raw = likelihood.kinds.flatMap((width) => {
      const first = at;
      at += width;
      return perPlace.flatMap((outputs) => outputs.slice(first, first + width));
    });
    const expected = perPlace.reduce(
      (sum, outputs, p) => sum + mixtureLogProb(bytes[p] as number[], outputs, mixtures),
      0,
    );
    const got = tf.tidy(() =>
      likelihood.logProb(tf.tensor1d(bytes.flat().map((b) => b / 255)), tf.tensor1d(raw)).dataSync(),
    );
    expectClose(got, [expected]);
  });

  it('is computed by a compiled step as it is eagerly, for several draws of several images', async () => {
    const likelihood = makeLikelihood('logistic-mixture', { pixels: 6, channels: 3, mixtures: 2 });
    const raw = tf.tensor3d(normals(2 * 5 * 2 * outputsOf(3, 2), 'draws'), [2, 5, 2 * outputsOf(3, 2)]);
    const x = tf.tensor2d(
      Array.from({ length: 30 }, (_, i) => ((i * 37) % 256) / 255),
      [5, 6],
    );
    const fn = ({ x, raw }: Record<'x' | 'raw', tf.Tensor>) => ({
      logProb: likelihood.logProb(x, raw),
      mean: likelihood.mean(raw),
      gradient: tf.grad((at: tf.Tensor) => tf.sum(likelihood.logProb(x, at)))(raw),
    });
    const compiled = await compile(fn, { inputs: { x: [5, 6], raw: raw.shape } });
    const [eager, got] = [tf.tidy(() => fn({ x, raw })), await compiled.run({ x, raw })];
    expect(eager.logProb.shape).toEqual([2, 5]);
    expect(eager.mean.shape).toEqual([2, 5, 6]);
    for (const name of ['logProb', 'mean', 'gradient'] as const)
      expectClose(got[name].dataSync(), eager[name].dataSync());
    tf.dispose([eager, got, x, raw]);
    await compiled.dispose();
  });
});

describe('normal intensities with one σ', () => {
  const [x, raw] = [
    [0.2, 0.9, 0.5],
    [0.5, -1, 2],
  ];
  const expected = (sigma: number): number =>
    x.reduce((sum, value, i) => sum + new Normal(sigmoid(raw[i] as number), sigma).logProb(value), 0);

  it('have the float64 density with a given σ', () => {
    for (const stddev of [0.03, 0.5]) {
      const { logProb } = makeLikelihood('gaussian-fixed', { pixels: 3, channels: 1, stddev });
      expectClose(
        tf.tidy(() => logProb(tf.tensor1d(x), tf.tensor1d(raw)).dataSync()),
        [expected(stddev)],
      );
    }
  });

  it('have it with a learned σ, which starts at 0.1, and its gradient by ln σ²', () => {
    const likelihood = makeLikelihood('gaussian-global', { pixels: 3, channels: 1 });
    const variable = likelihood.variables.get('likelihood/raw-log-variance') as tf.Variable;
    const logProb = () => tf.sum(likelihood.logProb(tf.tensor1d(x), tf.tensor1d(raw))) as tf.Scalar;
    expectClose(
      tf.tidy(() => logProb().dataSync()),
      [expected(0.1)],
    );
    const at = variable.dataSync()[0] as number;
    const { grads } = tf.variableGrads(logProb, [variable]);
    const gradient = (grads[variable.name] as tf.Tensor).dataSync();
    expectClose(
      gradient,
      numericalGradient(([r]) => expected(Math.exp(bounded(r as number) / 2)), [at]),
    );
    tf.dispose(grads);
    variable.dispose();
  });
});

describe('a model', () => {
  const options: VaeOptions = { pixels: 12, latent: 2, hidden: [], prior: { kind: 'standard-normal' }, seed: 1 };
  const made: Vae[] = [];
  afterAll(() => {
    for (const model of made) model.dispose();
  });

  it('has a learned σ among its variables', () => {
    const model = new Vae({ ...options, likelihood: 'gaussian-global' });
    made.push(model);
    expect([...model.variables.keys()]).toContain('likelihood/raw-log-variance');
  });

  it.each([
    [{ stddev: 0.1 }, 'stddev: expected none with likelihood bernoulli: it belongs to gaussian-fixed'],
    [{ likelihood: 'gaussian-fixed', stddev: 0 }, 'stddev: expected a finite number > 0, got 0'],
    [{ likelihood: 'gaussian', mixtures: 2 }, 'mixtures: expected none with likelihood gaussian'],
    [{ likelihood: 'logistic-mixture', mixtures: 0 }, 'mixtures: expected a positive integer, got 0'],
    [{ channels: 5 }, 'channels: expected a divisor of 12, got 5'],
    [
      { channels: 1, network: { kind: 'conv', height: 2, width: 2, channels: 3 } },
      'channels: expected 3, as the network has, got 1',
    ],
  ])('refuses %j', (more, message) => {
    expect(() => new Vae({ ...options, ...(more as Partial<VaeOptions>) })).toThrow(message);
  });
});
