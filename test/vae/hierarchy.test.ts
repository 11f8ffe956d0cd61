import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { imagesFromArray } from '../../src/data/from-code';
import { Moments } from '../../src/math/moments';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { elboTerms, sampleTerms } from '../../src/vae/elbo';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { elboSurgery } from '../../src/vae/evaluation/surgery';
import { exportDecoder, exportEncoder } from '../../src/vae/export-model';
import { decode, encode, samplePrior } from '../../src/vae/inference';
import { loadCheckpoint } from '../../src/vae/load';
import { type PriorOptions, Vae, type VaeOptions } from '../../src/vae/model';
import type { HandmadeOptions } from '../../src/vae/networks';
import { packDecoder } from '../../src/vae/pack-decoder';
import { train } from '../../src/vae/training/train';
import { expectClose, numericalGradient } from './gradients';

const made: Vae[] = [];
afterAll(() => {
  for (const model of made) model.dispose();
});
const OPTIONS: VaeOptions = {
  pixels: 6,
  latent: 5,
  hierarchy: { top: 2 },
  hidden: [7, 4],
  network: { kind: 'dense', activation: 'tanh' },
  prior: { kind: 'standard-normal' },
  seed: 5,
};
const make = (more: Partial<VaeOptions> = {}): Vae => {
  const model = new Vae({ ...OPTIONS, ...more });
  made.push(model);
  return model;
};
const normals = (length: number, name: string): Float32Array => {
  const values = new Float32Array(length);
  RandomStream.of(1, `hierarchy/${name}`).fillNormal(values);
  return values;
};

type Weights = Readonly<Record<string, readonly number[]>>;
const weightsOf = (model: Vae): Weights =>
  Object.fromEntries([...model.variables].map(([name, variable]) => [name, [...variable.dataSync()]]));

/** The published two-level model with tanh layers, in float64, for one image and one draw: written from its formulae. */
function reference(w: Weights, x: readonly number[], noise: readonly number[], top: number) {
  const affine = (name: string, input: readonly number[]): number[] =>
    (w[`${name}/bias`] as number[]).map((b, j, { length }) =>
      input.reduce((sum, value, i) => sum + value * ((w[`${name}/kernel`] as number[])[i * length + j] as number), b),
    );
  const hidden = (name: string, input: readonly number[]): number[] => affine(name, input).map(Math.tanh);
  const normal = (rows: readonly number[]) => {
    const d = rows.length / 2;
    return { mean: rows.slice(0, d), logVariance: rows.slice(d).map((r) => 10 * Math.tanh(r / 10)) };
  };
  const draw = ({ mean, logVariance }: ReturnType<typeof normal>, epsilon: readonly number[]): number[] =>
    mean.map((m, j) => m + Math.exp((logVariance[j] as number) / 2) * (epsilon[j] as number));
  const logNormal = ({ mean, logVariance }: ReturnType<typeof normal>, z: readonly number[]): number =>
    z.reduce((sum, value, j) => {
      const v = logVariance[j] as number;
      return sum - 0.5 * (Math.log(2 * Math.PI) + v + (value - (mean[j] as number)) ** 2 / Math.exp(v));
    }, 0);
  const lower = noise.length - top;
  const q2 = normal(affine('encoder/output', hidden('encoder/hidden2', hidden('encoder/hidden1', x))));
  const z2 = draw(q2, noise.slice(lower));
  const both = [...hidden('hierarchy/q/x/hidden1', x), ...hidden('hierarchy/q/z2/hidden1', z2)];
  const q1 = normal(affine('hierarchy/q/output', hidden('hierarchy/q/joint/hidden1', both)));
  const z1 = draw(q1, noise.slice(0, lower));
  const p1 = normal(affine('hierarchy/p/output', hidden('hierarchy/p/hidden2', hidden('hierarchy/p/hidden1', z2))));
  const read = [...hidden('decoder/z1/hidden1', z1), ...hidden('decoder/z2/hidden1', z2)];
  const logits = affine('decoder/output', hidden('decoder/hidden1', read));
  const standard = normal(new Array(2 * top).fill(0));
  return {
    z2,
    logLikelihood: logits.reduce((sum, l, i) => sum + (x[i] as number) * l - Math.log1p(Math.exp(l)), 0),
    logQ: logNormal(q2, z2) + logNormal(q1, z1),
    logLower: logNormal(p1, z1),
    logTop: logNormal(standard, z2),
  };
}

const X = [
  [0, 1, 1, 0, 1, 0],
  [1, 1, 0, 0.5, 0, 1],
];
const PRIORS: readonly PriorOptions[] = [
  { kind: 'standard-normal' },
  { kind: 'gaussian-mixture', components: 3 },
  { kind: 'gaussian-mixture', components: 2, covariance: 'full' },
  { kind: 'vamp', components: 4 },
];
const setOf = (height: number, width: number) =>
  imagesFromArray(
    Float32Array.from({ length: 60 * height * width }, (_, i) => ((i * 7) % 11) / 10),
    { shape: [60, height, width] },
  );
const [small, large] = [setOf(2, 3), setOf(8, 6)];

describe('the two-level model', () => {
  it.each(PRIORS.map((prior) => [`${prior.kind} ${'covariance' in prior ? prior.covariance : ''}`, prior] as const))(
    'has the likelihood and the KL term of float64, draw by draw, with the prior %s over z₂',
    (_, prior) => {
      const model = make({ prior });
      const [S, n, d] = [3, 2, 5];
      const noise = normals(S * n * d, 'values');
      const { logLikelihood, logRatio } = sampleTerms(model, tf.tensor2d(X), tf.tensor3d(noise, [S, n, d]));
      const density = model.prior.distribution();
      expect(density.dimension).toBe(2);
      const weights = weightsOf(model);
      const expected = Array.from({ length: S * n }, (_, i) => {
        const own = [...noise.subarray(i * d, (i + 1) * d)];
        const terms = reference(weights, X[i % n] as number[], own, 2);
        return [terms.logLikelihood, terms.logQ - terms.logLower - density.logProb(terms.z2)] as const;
      });
      expectClose(
        logLikelihood.dataSync(),
        expected.map(([likelihood]) => likelihood),
        1e-5,
      );
      expectClose(
        logRatio.dataSync(),
        expected.map(([, ratio]) => ratio),
        1e-5,
      );
    },
  );

  it('has the gradients of its negative ELBO that float64 has, in every weight', () => {
    const model = make();
    const noise = normals(3 * 2 * 5, 'gradients');
    const weights = weightsOf(model);
    const negativeElbo = (w: Weights): number =>
      Array.from({ length: 6 }, (_, i) => {
        const terms = reference(w, X[i % 2] as number[], [...noise.subarray(i * 5, (i + 1) * 5)], 2);
        return terms.logQ - terms.logLower - terms.logTop - terms.logLikelihood;
      }).reduce((sum, value) => sum + value / 6, 0);
    const variables = [...model.variables];
    const { value, grads } = tf.variableGrads(
      () => {
        const { reconstruction, kl } = elboTerms(model, tf.tensor2d(X), tf.tensor3d(noise, [3, 2, 5]));
        return tf.mean(tf.add(reconstruction, kl)) as tf.Scalar;
      },
      variables.map(([, variable]) => variable),
    );
    expectClose(value.dataSync(), [negativeElbo(weights)], 1e-6);
    // Two for each of 3 + 4 + 3 + 4 layers.
    expect(variables).toHaveLength(28);
    for (const [name, variable] of variables) {
      const expected = numericalGradient((x) => negativeElbo({ ...weights, [name]: x }), weights[name] as number[]);
      expectClose((grads[variable.name] as tf.Tensor).dataSync(), expected, 2e-5);
    }
  });

  it.each(PRIORS)('estimates KL and ln p(x) that quadrature over both levels gives, with %j', async (prior) => {
    const model = make({
      latent: 2,
      hierarchy: { top: 1 },
      prior: prior.kind === 'gaussian-mixture' ? { ...prior, covariance: 'diagonal' } : prior,
    });
    const [weights, density] = [weightsOf(model), model.prior.distribution()];
    const x = X[0] as number[];
    // The trapezoidal rule with steps of 0.4: for functions as smooth as these, far below what 20,000 draws tell.
    const axis = Array.from({ length: 41 }, (_, i) => -8 + i * 0.4);
    let [kl, evidence, square] = [0, 0, 0];
    for (const a of axis) {
      for (const b of axis) {
        const { z2, logLikelihood, logQ, logLower } = reference(weights, x, [a, b], 1);
        const logRatio = logQ - logLower - density.logProb(z2);
        const mass = (Math.exp(-0.5 * (a * a + b * b)) / (2 * Math.PI)) * 0.16;
        kl += mass * logRatio;
        evidence += mass * Math.exp(logLikelihood - logRatio);
        square += mass * Math.exp(2 * (logLikelihood - logRatio));
      }
    }
    const draws = 20_000;
    const noise = tf.tensor3d(normals(draws * 2, 'kl'), [draws, 1, 2]);
    const moments = new Moments();
    for (const ratio of sampleTerms(model, tf.tensor2d([x]), noise).logRatio.dataSync()) moments.push(ratio);
    // Five standard errors: a false alarm in two million.
    expect(Math.abs(moments.mean - kl)).toBeLessThan(5 * (moments.standardError as number) + 1e-5);
    expect(kl).toBeGreaterThan(0);
    expect(moments.standardError).toBeLessThan(0.02);
    const one = imagesFromArray(Float32Array.from(x), { shape: [1, 2, 3] });
    const { report } = await evaluate(model, one, { samples: 4000, seed: 1, threads: 1 });
    // The standard error of the logarithm of a mean of weights, by the same quadrature: five of them.
    const standardError = Math.sqrt((square / evidence ** 2 - 1) / 4000);
    expect(standardError).toBeLessThan(0.15);
    expect(Math.abs(report.nll + Math.log(evidence))).toBeLessThan(5 * standardError);
    expect(report.elbo).toBeLessThan(Math.log(evidence) + 0.02);
  });

  const custom: HandmadeOptions = {
    kind: 'custom',
    encoder: (x, layers) => layers.output().apply(layers.dense({ units: 6, activation: 'tanh' }).apply(x)),
    decoder: (z, layers) => layers.output().apply(layers.dense({ units: 6, activation: 'tanh' }).apply(z)),
  };
  const NETWORKS: readonly (readonly [string, Partial<VaeOptions>])[] = [
    ['gated', { network: { kind: 'gated' } }],
    [
      'conv',
      {
        hidden: [],
        hierarchy: { top: 2, units: 6 },
        network: { kind: 'conv', height: 8, width: 6, maps: [4] },
        pixels: 48,
      },
    ],
    ['custom', { hidden: [], hierarchy: { top: 2, units: 6 }, network: custom }],
  ];
  it.each(NETWORKS)(
    'takes compiled the steps that it takes eagerly, is kept, resumed and scored the same on any device: %s',
    async (_, more) => {
      const set = more.pixels ? large : small;
      const options = { ...more, prior: { kind: 'vamp', components: 3 } } as const;
      const training = {
        epochs: 3,
        batchSize: 10,
        seed: 1,
        threads: 1,
        samples: 2,
        learningRate: 0.01,
        validation: set,
      } as const;
      const [compiled, eager] = [make(options), make(options)];
      const whole = await train(compiled, set, training);
      const other = await train(eager, set, { ...training, device: 'eager' });
      const lossesOf = (history: typeof whole) => history.steps.map(({ loss }) => loss);
      expectClose(lossesOf(whole), lossesOf(other), 2e-5);
      expect(whole.epochs[2]?.loss).toBeLessThan(whole.epochs[0]?.loss as number);
      const folder = mkdtempSync(join(tmpdir(), 'hierarchy-'));
      await train(make(options), set, { ...training, epochs: 1, checkpoint: { folder } });
      await train(make(options), set, { ...training, checkpoint: { folder, resume: true } });
      const { model } = await loadCheckpoint(
        folder,
        'last',
        more.network?.kind === 'custom' ? { network: custom } : {},
      );
      made.push(model);
      for (const [name, variable] of compiled.variables)
        expect(model.variables.get(name)?.dataSync()).toEqual(variable.dataSync());
      const scores = [
        await evaluate(model, set, { samples: 50, seed: 1, threads: 1 }),
        await evaluate(model, set, { samples: 50, seed: 1, device: 'eager', chunk: 70 }),
      ].map((evaluation) => evaluation.scores);
      for (const part of ['logLikelihood', 'kl', 'reconstruction', 'means'] as const)
        expectClose(scores[0]?.[part] ?? [], scores[1]?.[part] ?? [], 2e-5);
    },
  );

  it('is encoded by both levels, here as in ONNX files, with z₂ by the normal that it is', async () => {
    const model = make();
    const images = Float32Array.from({ length: 18 }, (_, i) => ((i * 5) % 7) / 6);
    const { means, stddevs } = encode(model, images);
    const top = tf.tidy(() => model.encode(tf.tensor2d(images, [3, 6])).mean.dataSync());
    for (let i = 0; i < 3; i++) expectClose(means.subarray(i * 5 + 3, i * 5 + 5), top.subarray(2 * i, 2 * i + 2), 1e-5);
    const encoder = await ort.InferenceSession.create(exportEncoder(model));
    const { mean, stddev } = await encoder.run({ images: new ort.Tensor('float32', images, [3, 6]) });
    expectClose(mean?.data as Float32Array, means);
    expectClose(stddev?.data as Float32Array, stddevs);
    const decoder = await ort.InferenceSession.create(exportDecoder(model));
    const decoded = await decoder.run({ latents: new ort.Tensor('float32', means, [3, 5]) });
    expectClose(decoded.images?.data as Float32Array, decode(model, means));
  });

  it('is sampled from the top: z₂ of the prior or of one of its components, then z₁ of p(z₁|z₂)', () => {
    const model = make({ prior: { kind: 'gaussian-mixture', components: 3 } });
    const count = 4000;
    const { latents, images } = samplePrior(model, { count, seed: 1, component: 1 });
    expect(images).toHaveLength(count * 6);
    const component = model.prior.distribution().components[1];
    const [mean, covariance] = [component?.mean ?? [], component?.covarianceMatrix() ?? []];
    for (const j of [0, 1]) {
      const moments = new Moments();
      for (let i = 0; i < count; i++) moments.push(latents[i * 5 + 3 + j] as number);
      expect(Math.abs(moments.mean - ((mean as number[])[j] as number))).toBeLessThan(
        5 * Math.sqrt((covariance[3 * j] as number) / count),
      );
    }
    // What is left of z₁ once p(z₁|z₂) is taken off is standard normal: five standard errors of mean and variance.
    const whitened = new Moments();
    const weights = weightsOf(model);
    for (let i = 0; i < 200; i++) {
      const z = [...latents.subarray(i * 5, (i + 1) * 5)];
      const layer = (name: string, input: number[]): number[] =>
        (weights[`${name}/bias`] as number[]).map((b, j, { length }) =>
          input.reduce(
            (sum, value, k) => sum + value * ((weights[`${name}/kernel`] as number[])[k * length + j] as number),
            b,
          ),
        );
      const rows = layer(
        'hierarchy/p/output',
        layer('hierarchy/p/hidden2', layer('hierarchy/p/hidden1', z.slice(3)).map(Math.tanh)).map(Math.tanh),
      );
      for (let j = 0; j < 3; j++)
        whitened.push(((z[j] as number) - (rows[j] as number)) / Math.exp(5 * Math.tanh((rows[3 + j] as number) / 10)));
    }
    expect(Math.abs(whitened.mean)).toBeLessThan(5 / Math.sqrt(600));
    expect(Math.abs((whitened.variance as number) - 1)).toBeLessThan(5 * Math.sqrt(2 / 600));
  });

  it('has the layers of the published code', () => {
    const model = make({
      pixels: 784,
      latent: 80,
      hierarchy: { top: 40 },
      hidden: [300, 300],
      network: { kind: 'gated' },
    });
    const shapes = Object.fromEntries(
      [...model.variables]
        .filter(([name]) => /(value|output)\/kernel$/.test(name))
        .map(([name, { shape }]) => [name, shape]),
    );
    expect(shapes).toEqual({
      'encoder/hidden1/value/kernel': [784, 300],
      'encoder/hidden2/value/kernel': [300, 300],
      'encoder/output/kernel': [300, 80],
      'hierarchy/q/x/hidden1/value/kernel': [784, 300],
      'hierarchy/q/z2/hidden1/value/kernel': [40, 300],
      'hierarchy/q/joint/hidden1/value/kernel': [600, 300],
      'hierarchy/q/output/kernel': [300, 80],
      'hierarchy/p/hidden1/value/kernel': [40, 300],
      'hierarchy/p/hidden2/value/kernel': [300, 300],
      'hierarchy/p/output/kernel': [300, 80],
      'decoder/z1/hidden1/value/kernel': [40, 300],
      'decoder/z2/hidden1/value/kernel': [40, 300],
      'decoder/hidden1/value/kernel': [600, 300],
      'decoder/output/kernel': [300, 784],
    });
  });

  it('has its prior fitted by EM to z₂', async () => {
    const model = make({ prior: { kind: 'gaussian-mixture', components: 3 } });
    const { epochs } = await train(model, small, { epochs: 2, batchSize: 10, seed: 1, threads: 1, fitPriorAfter: 1 });
    expect(epochs).toHaveLength(2);
    expect(model.prior.distribution().dimension).toBe(2);
  });

  it('is refused where levels have no dimensions, and by what needs a normal', async () => {
    expect(() => make({ hierarchy: { top: 5 } })).toThrow(
      'hierarchy.top: expected an integer from 1 to 4, so that both levels have dimensions, got 5 of 5',
    );
    expect(() => make({ hierarchy: { top: 0 } })).toThrow('hierarchy.top: expected an integer from 1 to 4');
    expect(() => make({ hierarchy: { top: 1, units: 0 } })).toThrow(
      'hierarchy.units: expected a positive integer, got 0',
    );
    expect(() => make({ flow: { kind: 'planar', length: 1 } })).toThrow(
      'flow: expected none beside a hierarchy: choose one',
    );
    expect(() => make({ prior: { kind: 'standard-normal', sampledKl: false } })).toThrow(
      'prior.sampledKl: expected true or nothing with a hierarchy: no closed form of KL(q ‖ p) is known for its q',
    );
    const model = make();
    expect(() => elboSurgery(model, new Float32Array(12), { seed: 1 })).toThrow('got one with a hierarchy');
    expect(() => packDecoder(model)).toThrow('model: expected one with one level of z, got two');
    await expect(train(model, small, { epochs: 1, batchSize: 10, seed: 1, stickingTheLanding: true })).rejects.toThrow(
      'stickingTheLanding: expected false where q(z|x) is not normal',
    );
  });
});
