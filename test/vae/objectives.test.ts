import { describe, expect, it } from 'vitest';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { type ObjectiveOptions, objective } from '../../src/vae/elbo';
import { makeLikelihood } from '../../src/vae/likelihoods';
import { type PriorOptions, Vae } from '../../src/vae/model';
import { expectClose } from './gradients';

function make(prior: PriorOptions = { kind: 'standard-normal' }): Vae {
  return new Vae({ pixels: 4, latent: 2, hidden: [6], network: { kind: 'dense', activation: 'tanh' }, prior, seed: 3 });
}
function noiseOf(samples: number, n: number, d = 2, seed = 1): tf.Tensor3D {
  const values = new Float32Array(samples * n * d);
  RandomStream.of(seed, 'test/noise').fillNormal(values);
  return tf.tensor3d(values, [samples, n, d]);
}
const images = [
  [1, 0, 1, 1],
  [0, 0, 1, 0],
];
const lossOf = (model: Vae, noise: tf.Tensor3D, options: ObjectiveOptions, x = images): number =>
  tf.tidy(() => {
    const inputs = { x: tf.tensor2d(x), noise, klWeight: tf.scalar(1) };
    return objective(model, inputs, options).loss.dataSync()[0] as number;
  });
/** Gradients of the loss in every variable of the encoder. */
function slopes(model: Vae, noise: tf.Tensor3D, options: ObjectiveOptions): Map<string, Float32Array> {
  const inputs = { x: tf.tensor2d(images), noise, klWeight: tf.scalar(1) };
  const variables = [...model.variables].filter(([name]) => name.startsWith('encoder'));
  const { grads } = tf.variableGrads(
    () => objective(model, inputs, options).loss,
    variables.map(([, variable]) => variable),
  );
  return new Map(variables.map(([name, { name: key }]) => [name, (grads[key] as tf.Tensor).dataSync<'float32'>()]));
}

describe('the importance-weighted bound', () => {
  it('is the single-sample ELBO at one sample', () => {
    const model = make({ kind: 'gaussian-mixture', components: 3 });
    const noise = noiseOf(1, 2);
    expect(lossOf(model, noise, { bound: 'iwae' })).toBeCloseTo(lossOf(model, noise, {}), 5);
  });

  it('is −ln of the mean weight, by the weights one by one in float64', () => {
    const model = make({ kind: 'gaussian-mixture', components: 3 });
    const noise = noiseOf(5, 2);
    // One sample, one image each: minus the loss is ln w.
    const logWeight = (s: number, i: number) =>
      -lossOf(model, noise.slice([s, i, 0], [1, 1, 2]), {}, [images[i] as number[]]);
    const expected = [0, 1].map(
      (i) => -Math.log([0, 1, 2, 3, 4].reduce((sum, s) => sum + Math.exp(logWeight(s, i)), 0) / 5),
    );
    expectClose([lossOf(model, noise, { bound: 'iwae' })], [((expected[0] as number) + (expected[1] as number)) / 2]);
  });

  it('tightens with more samples, from the ELBO towards −ln p(x) and not beyond', () => {
    const model = make();
    const bound = (samples: number) => lossOf(model, noiseOf(samples, 2), { bound: 'iwae' });
    // ln p(x) = E_p[p(x|z)] on a grid over the prior.
    const grid = Array.from({ length: 121 }, (_, i) => -6 + i / 10);
    const z = grid.flatMap((a) => grid.map((b) => [a, b]));
    const prior = MultivariateNormal.diagonal([0, 0], [1, 1]);
    const evidence = images.map((x) => {
      const logLikelihoods = tf.tidy(() =>
        makeLikelihood('bernoulli', { pixels: x.length, channels: 1 })
          .logProb(tf.tensor1d(x), model.decode(tf.tensor2d(z)))
          .dataSync(),
      );
      return Math.log(
        z.reduce((sum, at, i) => sum + Math.exp(prior.logProb(at) + (logLikelihoods[i] as number)), 0) / 100,
      );
    });
    const exact = -((evidence[0] as number) + (evidence[1] as number)) / 2;
    const elbo = lossOf(model, noiseOf(20_000, 2), {});
    const large = bound(20_000);
    expect(elbo).toBeGreaterThan(exact + 0.01);
    expect(bound(50)).toBeLessThan(elbo);
    // The relative error of the mean of 20,000 weights, whose variance is below 1 here: five standard errors are 0.035.
    expect(Math.abs(large - exact)).toBeLessThan(0.035);
  });
});

describe('sticking the landing', () => {
  it('changes no value, of either bound', () => {
    for (const prior of [{ kind: 'standard-normal' }, { kind: 'gaussian-mixture', components: 3 }] as const) {
      const model = make(prior);
      const noise = noiseOf(3, 2);
      const sticking = lossOf(model, noise, { bound: 'iwae', stickingTheLanding: true });
      expect(sticking).toBeCloseTo(lossOf(model, noise, { bound: 'iwae' }), 6);
    }
    const mixture = make({ kind: 'gaussian-mixture', components: 3 });
    expect(lossOf(mixture, noiseOf(3, 2), { stickingTheLanding: true })).toBeCloseTo(
      lossOf(mixture, noiseOf(3, 2), {}),
      6,
    );
  });

  it('has the same mean gradient of the ELBO, by 40,000 samples', () => {
    const model = make({ kind: 'gaussian-mixture', components: 3 });
    const noise = noiseOf(40_000, 2);
    const [plain, sticking] = [slopes(model, noise, {}), slopes(model, noise, { stickingTheLanding: true })];
    for (const [name, expected] of plain) {
      // What is left out has mean zero and a standard deviation of about 1 per sample and unit: 0.03 is six standard errors.
      expectClose(sticking.get(name) ?? [], expected, 0.03);
    }
  });

  it('has no gradient at all, for any noise, where q is the exact posterior', () => {
    const model = make();
    for (const name of ['encoder/output/kernel', 'encoder/output/bias', 'decoder/output/kernel']) {
      const variable = model.variables.get(name) as tf.Variable;
      variable.assign(tf.zerosLike(variable));
    }
    // The decoder ignores z, so the posterior is the prior N(0, I), which is what the encoder now says.
    const noise = noiseOf(2, 2);
    for (const values of slopes(model, noise, { stickingTheLanding: true }).values()) {
      expect(Math.max(...Array.from(values, Math.abs))).toBeLessThan(1e-7);
    }
    const bias = slopes(make({ kind: 'gaussian-mixture', components: 1 }), noise, {}).get('encoder/output/bias') ?? [];
    expect(Math.max(...Array.from(bias, Math.abs))).toBeGreaterThan(0.01);
  });
});

describe('the Gaussian likelihood', () => {
  it('is the float64 density of N(sigmoid(l), σ²), σ² bounded, to 1e-5', () => {
    const x = [0.2, 0.9, 0.5];
    const raw = [0.5, -1, 2, -3, 0.25, 1];
    const stddevs = raw.slice(3).map((r) => Math.exp(5 * Math.tanh(r / 10)));
    const means = raw.slice(0, 3).map((l) => 1 / (1 + Math.exp(-l)));
    const { logProb, mean } = makeLikelihood('gaussian', { pixels: 2, channels: 1 });
    tf.tidy(() => {
      expectClose(logProb(tf.tensor1d(x), tf.tensor1d(raw)).dataSync(), [
        MultivariateNormal.diagonal(means, stddevs).logProb(x),
      ]);
      expectClose(mean(tf.tensor1d(raw)).dataSync(), means);
    });
  });

  it('gives the decoder a mean and a variance for every pixel, starting at the mean image', () => {
    const options = { pixels: 4, latent: 2, hidden: [6], prior: { kind: 'standard-normal' }, seed: 1 } as const;
    const meanImage = [0.1, 0.5, 0.25, 0.9];
    const model = new Vae({ ...options, likelihood: 'gaussian', meanImage });
    model.variables.get('decoder/output/kernel')?.assign(tf.zeros([6, 8]));
    tf.tidy(() => {
      const raw = model.decode(tf.zeros([1, 2]));
      expect(raw.shape).toEqual([1, 8]);
      expectClose(model.likelihood.mean(raw).dataSync(), meanImage);
    });
    expect(() => new Vae({ ...options, likelihood: 'poisson' as 'gaussian' })).toThrow(
      'likelihood: expected bernoulli or gaussian or gaussian-global or gaussian-fixed or logistic-mixture or normal or student-t, got "poisson"',
    );
  });
});
