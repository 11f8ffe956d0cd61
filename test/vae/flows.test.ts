import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { imagesFromArray } from '../../src/data/from-code';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Moments } from '../../src/math/moments';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { elboTerms, negativeBound, objective } from '../../src/vae/elbo';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { gradientNoise } from '../../src/vae/evaluation/gradient-noise';
import { elboSurgery } from '../../src/vae/evaluation/surgery';
import { exportEncoder } from '../../src/vae/export-model';
import { encode } from '../../src/vae/inference';
import { loadCheckpoint } from '../../src/vae/load';
import { Vae, type VaeOptions } from '../../src/vae/model';
import type { Flow, FlowOptions } from '../../src/vae/posteriors/flow';
import { makeFlow } from '../../src/vae/posteriors/flow';
import type { FullMixturePrior } from '../../src/vae/priors/full-mixture';
import { train } from '../../src/vae/training/train';
import { expectClose, numericalGradient } from './gradients';

const made: Vae[] = [];
afterAll(() => {
  for (const model of made) model.dispose();
});
const OPTIONS: VaeOptions = {
  pixels: 6,
  latent: 2,
  hidden: [5],
  network: { kind: 'dense', activation: 'tanh' },
  prior: { kind: 'gaussian-mixture', components: 3 },
  seed: 5,
};
const make = (more: Partial<VaeOptions>): Vae => {
  const model = new Vae({ ...OPTIONS, ...more });
  made.push(model);
  return model;
};
const FLOWS: readonly (readonly [string, FlowOptions])[] = [
  ['planar', { kind: 'planar', length: 3 }],
  ['iaf', { kind: 'iaf', length: 3, units: 7 }],
];
const normals = (length: number, name: string): Float32Array => {
  const values = new Float32Array(length);
  RandomStream.of(1, `flows/${name}`).fillNormal(values);
  return values;
};

/** The same maps in float64, one point at a time: an implementation of its own, by the formulae of the papers. */
type Map64 = (z: number[], context: number[], weights: Record<string, number[]>) => { z: number[]; logDet: number };
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const dot = (a: number[], b: number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
const MAPS: Record<FlowOptions['kind'], (d: number, length: number, units: number) => Map64> = {
  planar: (d, length) => (z, context) => {
    let [at, logDet] = [z, 0];
    for (let k = 0; k < length; k++) {
      const own = context.slice(k * (2 * d + 1), (k + 1) * (2 * d + 1));
      const [u, w, b] = [own.slice(0, d), own.slice(d, 2 * d), own[2 * d] as number];
      const slope = 0.999 * (Math.log(1 + Math.exp(dot(w, u)) * (Math.E - 1)) - 1);
      const uHat = u.map((x, j) => x + ((slope - dot(w, u)) * (w[j] as number)) / dot(w, w));
      const h = Math.tanh(dot(w, at) + b);
      logDet += Math.log(Math.abs(1 + (1 - h * h) * dot(w, uHat)));
      at = at.map((x, j) => x + (uHat[j] as number) * h);
    }
    return { z: at, logDet };
  },
  iaf: (d, length, units) => (z, context, weights) => {
    let [at, logDet] = [z, 0];
    for (let k = 1; k <= length; k++) {
      const of = (name: string): number[] => weights[`flow/step${k}/${name}`] as number[];
      const order = Array.from({ length: d }, (_, j) => (k % 2 === 0 ? d - 1 - j : j));
      const next = [...at];
      order.forEach((j, position) => {
        // What a unit of degree g sees: the first g dimensions in this order.
        const hidden = Array.from({ length: units }, (_, unit) => {
          const seen = order.slice(0, unit % d);
          const sum =
            seen.reduce((total, i) => total + (at[i] as number) * (of('kernel')[i * units + unit] as number), 0) +
            context.reduce((total, h, i) => total + h * (of('context-kernel')[i * units + unit] as number), 0) +
            (of('bias')[unit] as number);
          return sum > 0 ? sum : Math.expm1(sum);
        });
        const output = (column: number): number =>
          hidden.reduce(
            (total, h, unit) =>
              unit % d <= position ? total + h * (of('output/kernel')[unit * 2 * d + column] as number) : total,
            of('output/bias')[column] as number,
          );
        const gate = sigmoid(output(d + j));
        next[j] = gate * (at[j] as number) + (1 - gate) * output(j);
        logDet += Math.log(gate);
      });
      at = next;
    }
    return { z: at, logDet };
  },
};

function determinant(matrix: number[][]): number {
  const [first = [], ...rest] = matrix;
  if (rest.length === 0) return first[0] as number;
  return first.reduce(
    (sum, x, j) => sum + (j % 2 === 0 ? 1 : -1) * x * determinant(rest.map((row) => row.filter((_, i) => i !== j))),
    0,
  );
}

const weightsOf = (flow: Flow): Record<string, number[]> =>
  Object.fromEntries([...flow.variables].map(([name, variable]) => [name, [...variable.dataSync()]]));

describe.each(FLOWS)('the flow %s', (_, options) => {
  const units = options.kind === 'iaf' ? (options.units as number) : 0;

  it.each([1, 2, 4])('in %d dimensions has the z and the log determinant of float64, by a numerical Jacobian', (d) => {
    const flow = makeFlow(options, d, RandomStream.of(3, 'flow'));
    const map = MAPS[options.kind](d, options.length, units);
    const [S, n] = [3, 4];
    const z = normals(S * n * d, 'z');
    const context = normals(n * flow.context, 'context');
    const { points, logDets } = tf.tidy(() => {
      const { z: moved, logDet } = flow.apply(tf.tensor3d(z, [S, n, d]), tf.tensor2d(context, [n, flow.context]));
      expect(logDet.shape).toEqual([S, n]);
      return { points: moved.dataSync(), logDets: logDet.dataSync() };
    });
    const weights = weightsOf(flow);
    for (let i = 0; i < S * n; i++) {
      const at = [...z.subarray(i * d, (i + 1) * d)];
      const own = [...context.subarray((i % n) * flow.context, ((i % n) + 1) * flow.context)];
      const expected = map(at, own, weights);
      expectClose(points.subarray(i * d, (i + 1) * d), expected.z, 1e-5);
      expectClose([logDets[i] as number], [expected.logDet], 1e-5);
      const jacobian = at.map((_, j) => numericalGradient((x) => map(x, own, weights).z[j] as number, at));
      expect(Math.log(determinant(jacobian))).toBeCloseTo(logDets[i] as number, 4);
    }
    for (const variable of flow.variables.values()) variable.dispose();
  });

  it('has the gradients of z and of the log determinant of float64, in z, context and weights', () => {
    const d = 3;
    const flow = makeFlow(options, d, RandomStream.of(3, 'flow'));
    const map = MAPS[options.kind](d, options.length, units);
    const [at, own] = [[...normals(d, 'z')], [...normals(flow.context, 'context')]];
    const pull = [0.7, -1.1, 0.4];
    /** A number that depends on all that comes out. */
    const value = (z: number[], context: number[], weights: Record<string, number[]>): number => {
      const result = map(z, context, weights);
      return result.logDet + dot(result.z, pull);
    };
    const run = (z: tf.Tensor, context: tf.Tensor): tf.Scalar => {
      const result = flow.apply(tf.reshape(z, [1, 1, d]), tf.reshape(context, [1, flow.context]));
      return tf.add(tf.sum(result.logDet), tf.sum(tf.mul(result.z, tf.tensor1d(pull))));
    };
    const weights = weightsOf(flow);
    const [byZ, byContext] = tf.grads(run)([tf.tensor1d(at), tf.tensor1d(own)]) as [tf.Tensor, tf.Tensor];
    expectClose(
      byZ.dataSync(),
      numericalGradient((x) => value(x, own, weights), at),
      2e-5,
    );
    expectClose(
      byContext.dataSync(),
      numericalGradient((x) => value(at, x, weights), own),
      2e-5,
    );
    const variables = [...flow.variables];
    if (variables.length > 0) {
      const { grads } = tf.variableGrads(
        () => run(tf.tensor1d(at), tf.tensor1d(own)),
        variables.map(([, v]) => v),
      );
      for (const [name, variable] of variables) {
        const expected = numericalGradient((x) => value(at, own, { ...weights, [name]: x }), weights[name] as number[]);
        expectClose((grads[variable.name] as tf.Tensor).dataSync(), expected, 2e-5);
      }
    }
    for (const variable of flow.variables.values()) variable.dispose();
  });

  it.each([1, 2])(
    'in %d dimensions has a density that integrates to 1, and a KL of equation (11) with the mean that quadrature gives',
    (d) => {
      const model = make({ latent: d, flow: options });
      const x = tf.tensor2d([[0, 1, 1, 0, 0.5, 0.25]]);
      const posterior = model.encode(x);
      const [mean, logVariance, context] = [
        posterior.mean,
        posterior.logVariance,
        posterior.context as tf.Tensor2D,
      ].map((t) => [...t.dataSync()]) as [number[], number[], number[]];
      const map = MAPS[options.kind](d, options.length, units);
      const weights = Object.fromEntries(
        [...model.family.variables].map(([name, variable]) => [name, [...variable.dataSync()]]),
      );
      const sigma = logVariance.map((v) => Math.exp(v / 2));
      const prior = model.prior.distribution();
      // The trapezoidal rule over ε in [−8, 8]^d, whose error is below 1e-6 for functions as smooth as these.
      const axis = Array.from({ length: d === 1 ? 161 : 41 }, (_, i, all = d === 1 ? 0.1 : 0.4) => -8 + i * all);
      const grid = d === 1 ? axis.map((e) => [e]) : axis.flatMap((a) => axis.map((b) => [a, b]));
      const width = (axis[1] as number) - (axis[0] as number);
      let [exact, mass] = [0, 0];
      const start = MultivariateNormal.diagonal(mean, sigma);
      for (const epsilon of grid) {
        const z0 = mean.map((m, j) => m + (sigma[j] as number) * (epsilon[j] as number));
        const { z, logDet } = map(z0, context, weights);
        const density = Math.exp(-0.5 * dot(epsilon, epsilon)) / (2 * Math.PI) ** (d / 2);
        exact += density * (start.logProb(z0) - logDet - prior.logProb(z)) * width ** d;
        mass += density * width ** d;
      }
      expect(mass).toBeCloseTo(1, 8);
      const draws = 20_000;
      const noise = tf.tensor3d(normals(draws * d, 'kl'), [draws, 1, d]);
      const ratios = tf.tidy(() => {
        const { z, logProb } = model.family.draw(posterior, noise);
        return tf.sub(logProb(), model.density.logProb(z)).dataSync();
      });
      const moments = new Moments();
      for (const ratio of ratios) moments.push(ratio);
      const { kl } = elboTerms(model, x, noise);
      expect(kl.dataSync()[0]).toBeCloseTo(moments.mean, 3);
      // Five standard errors: a false alarm in two million.
      expect(Math.abs(moments.mean - exact)).toBeLessThan(5 * (moments.standardError as number) + 1e-5);
      expect(exact).toBeGreaterThan(0);
      expect(moments.standardError).toBeLessThan(0.05);
    },
  );

  it('has an ELBO and an importance-weighted bound whose gradients agree with differences', () => {
    const model = make({ flow: options });
    const x = tf.tensor2d([
      [0, 1, 1, 0, 1, 0],
      [1, 1, 0, 0, 0, 1],
    ]);
    const inputs = { x, noise: tf.tensor3d(normals(12, 'loss'), [3, 2, 2]), klWeight: tf.scalar(0.7) };
    for (const bound of ['elbo', 'iwae'] as const) {
      const variables = [...model.variables];
      const { grads } = tf.variableGrads(
        () => objective(model, inputs, { bound }).loss,
        variables.map(([, v]) => v),
      );
      for (const [, variable] of variables) {
        const before = variable.dataSync<'float32'>().slice();
        const at = Array.from({ length: Math.min(3, before.length) }, (_, i) => (i * 5) % before.length);
        const moved = (i: number, by: number): number => {
          const after = before.slice();
          after[i] = (after[i] as number) + by;
          variable.assign(tf.tensor(after, variable.shape));
          return tf.tidy(() => objective(model, inputs, { bound }).loss.dataSync()[0] as number);
        };
        const differences = at.map((i) => (moved(i, 0.01) - moved(i, -0.01)) / 0.02);
        variable.assign(tf.tensor(before, variable.shape));
        const gradient = (grads[variable.name] as tf.Tensor).dataSync();
        expectClose(
          at.map((i) => gradient[i] as number),
          differences,
          2e-3,
        );
      }
    }
  });

  it('takes compiled the steps that it takes eagerly, is kept, resumed and scored the same by any device', async () => {
    const values = Float32Array.from({ length: 60 * 6 }, (_, i) => ((i * 7) % 11) / 10);
    const set = imagesFromArray(values, { shape: [60, 2, 3] });
    const training = {
      epochs: 3,
      batchSize: 10,
      seed: 1,
      threads: 1,
      samples: 2,
      learningRate: 0.01,
      validation: set,
    } as const;
    const [compiled, eager, halted] = [make({ flow: options }), make({ flow: options }), make({ flow: options })];
    const whole = await train(compiled, set, training);
    const other = await train(eager, set, { ...training, device: 'eager' });
    expectClose(
      whole.steps.map(({ loss }) => loss),
      other.steps.map(({ loss }) => loss),
      1e-5,
    );
    expectClose(
      whole.epochs.map(({ validation }) => validation as number),
      other.epochs.map(({ validation }) => validation as number),
      1e-5,
    );
    const folder = mkdtempSync(join(tmpdir(), 'flow-'));
    await train(halted, set, { ...training, epochs: 1, checkpoint: { folder } });
    await train(make({ flow: options }), set, { ...training, checkpoint: { folder, resume: true } });
    const { model } = await loadCheckpoint(folder);
    made.push(model);
    for (const [name, variable] of compiled.variables)
      expect(model.variables.get(name)?.dataSync()).toEqual(variable.dataSync());
    const scoring = { samples: 50, seed: 1 } as const;
    const scores = [
      await evaluate(model, set, { ...scoring, threads: 1 }),
      await evaluate(model, set, { ...scoring, device: 'eager', chunk: 70 }),
    ];
    for (const part of ['logLikelihood', 'kl', 'reconstruction', 'means'] as const)
      expectClose(scores[0]?.scores[part] ?? [], scores[1]?.scores[part] ?? [], 2e-5);
    // Importance weighting tightens the ELBO on the same samples (Jensen), image by image.
    const { logLikelihood, reconstruction, kl } = (scores[0] as (typeof scores)[number]).scores;
    logLikelihood.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(-(reconstruction[i] as number) - (kl[i] as number) - 1e-4);
    });
    await expect(
      train(make({ flow: { ...options, length: 2 } }), set, { ...training, checkpoint: { folder, resume: true } }),
    ).rejects.toThrow('its training has model.flow.length 3, not 2');
  });

  it('is encoded by the mean and deviation of z behind its last step, here as in an ONNX file', async () => {
    const model = make({ flow: options });
    const images = Float32Array.from({ length: 18 }, (_, i) => ((i * 5) % 7) / 6);
    const { means, stddevs } = encode(model, images);
    const draws = 20_000;
    const z = tf.tidy(() => {
      const noise = tf.tensor3d(normals(draws * 2, 'moments'), [draws, 1, 2]);
      return model.family.draw(model.encode(tf.tensor2d(images, [3, 6])), noise).z.dataSync();
    });
    for (let at = 0; at < 6; at++) {
      const moments = new Moments();
      for (let s = 0; s < draws; s++) moments.push(z[s * 6 + at] as number);
      // The rule of degree 3 and 20,000 draws differ by the map's curvature.
      expect(Math.abs((means[at] as number) - moments.mean)).toBeLessThan(0.06);
      expect(Math.abs((stddevs[at] as number) / Math.sqrt(moments.variance as number) - 1)).toBeLessThan(0.1);
    }
    const session = await ort.InferenceSession.create(exportEncoder(model));
    const { mean, stddev } = await session.run({ images: new ort.Tensor('float32', images, [3, 6]) });
    expectClose(mean?.data as Float32Array, means);
    expectClose(stddev?.data as Float32Array, stddevs);
  });
});

describe('flows', () => {
  it('start near the normal that they carry on from, and leave a planar z with u = 0 where it is', () => {
    const flow = makeFlow({ kind: 'planar', length: 2 }, 3, RandomStream.of(1, 'flow'));
    const context = normals(flow.context, 'still');
    for (const start of [0, 7]) context.fill(0, start, start + 3);
    tf.tidy(() => {
      const z = tf.tensor3d(normals(6, 'z'), [2, 1, 3]);
      const moved = flow.apply(z, tf.tensor2d(context, [1, flow.context]));
      expectClose(moved.z.dataSync(), z.dataSync(), 1e-7);
      expectClose(moved.logDet.dataSync(), [0, 0], 1e-7);
      const none = flow.apply(z, tf.zeros([1, flow.context]));
      expectClose(none.z.dataSync(), z.dataSync(), 1e-7);
    });
  });

  it('keep a planar determinant above zero, also where wᵀu is far below −1', () => {
    const flow = makeFlow({ kind: 'planar', length: 1 }, 2, RandomStream.of(1, 'flow'));
    tf.tidy(() => {
      const { logDet } = flow.apply(tf.zeros([1, 1, 2]), tf.tensor2d([[-300, 4, 1, 2, 0]]));
      expectClose(logDet.dataSync(), [Math.log(1e-3)], 1e-3);
    });
  });

  it('learn a correlation that a diagonal normal cannot have', () => {
    const rho = 0.9;
    const target = new GaussianMixture([1], [MultivariateNormal.full([0.5, -1], [1, rho, rho, 1])]);
    const prior = { kind: 'gaussian-mixture', components: 1, covariance: 'full' } as const;
    /** The least KL(q ‖ target) that 120 steps of Adam find, by 2,000 draws. */
    const leastKl = (flow: FlowOptions | undefined): number => {
      const model = make({ flow, prior });
      (model.prior as FullMixturePrior).assign(target);
      const optimizer = tf.train.adam(0.05);
      const variables = [...model.variables].filter(([name]) => /^(encoder|flow)/.test(name)).map(([, v]) => v);
      const x = tf.tensor2d([[0, 1, 1, 0, 1, 0]]);
      const kl = (draws: number, name: string): tf.Scalar => {
        const noise = tf.tensor3d(normals(draws * 2, name), [draws, 1, 2]);
        const { z, logProb } = model.family.draw(model.encode(x), noise);
        return tf.mean(tf.sub(logProb(), model.density.logProb(z)));
      };
      for (let step = 0; step < 120; step++)
        tf.tidy(() => void optimizer.minimize(() => kl(30, `fit/${step}`), false, variables));
      return kl(2000, 'test').dataSync()[0] as number;
    };
    // Of all diagonal normals the best has −½ ln(1 − ρ²) = 0.83 nats; a step of either flow can have none.
    const best = -0.5 * Math.log(1 - rho * rho);
    expect(leastKl(undefined)).toBeGreaterThan(best - 0.05);
    for (const [name, flow] of FLOWS) expect(leastKl(flow), name).toBeLessThan(best / 4);
  });

  it('are refused where something needs their density at a given z', async () => {
    const [flow] = FLOWS.map(([, options]) => options) as [FlowOptions];
    expect(() => make({ flow, prior: { kind: 'vamp', components: 3 } })).toThrow(
      'prior.kind: expected another than vamp with a flow',
    );
    expect(() => make({ flow, prior: { kind: 'standard-normal', sampledKl: false } })).toThrow(
      'prior.sampledKl: expected true or nothing with a flow: no closed form of KL(q ‖ p) is known for its q',
    );
    expect(() => make({ flow: { kind: 'planar', length: 0 } })).toThrow(
      'flow.length: expected a positive integer, got 0',
    );
    expect(() => make({ flow: { kind: 'radial' as 'planar', length: 1 } })).toThrow(
      'flow.kind: expected planar or iaf, got "radial"',
    );
    const model = make({ flow });
    expect(model.density.closedFormKl).toBeNull();
    expect(make({ flow, prior: { kind: 'standard-normal' } }).density.closedFormKl).toBeNull();
    const images = new Float32Array(12);
    for (const work of [
      () => elboSurgery(model, images, { seed: 1 }),
      () => gradientNoise(model, images, { seed: 1, draws: 3 }),
    ])
      expect(work).toThrow('model: expected one whose q(z|x) is a diagonal normal, got one with a flow');
    const set = imagesFromArray(new Uint8Array(120), { shape: [20, 2, 3] });
    await expect(train(model, set, { epochs: 1, batchSize: 10, seed: 1, stickingTheLanding: true })).rejects.toThrow(
      'stickingTheLanding: expected false where q(z|x) is not normal',
    );
  });

  it('give EM draws of z behind their last step', async () => {
    const set = imagesFromArray(
      Float32Array.from({ length: 240 }, (_, i) => ((i * 7) % 11) / 10),
      { shape: [40, 2, 3] },
    );
    const model = make({ flow: { kind: 'planar', length: 2 } });
    const { epochs } = await train(model, set, { epochs: 2, batchSize: 10, seed: 1, threads: 1, fitPriorAfter: 1 });
    expect(epochs).toHaveLength(2);
    expect(model.prior.distribution()).toBeInstanceOf(GaussianMixture);
    expect(
      tf.tidy(() => negativeBound(model, { x: tf.zeros([2, 6]), noise: tf.zeros([1, 2, 2]) }, 'elbo').shape),
    ).toEqual([2]);
  });
});
