import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { klDivergence } from '../../src/kl/closed-form';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import {
  bernoulliLogProb,
  boundedLogVariance,
  componentLogProbs,
  diagonalNormalLogProb,
  klToStandardNormal,
  LOG_VARIANCE_BOUND,
  logSoftmax,
  logSumExp,
  unboundedLogVariance,
} from '../../src/vae/tensor-math';
import { expectClose, numericalGradient } from './gradients';

const read = (make: () => tf.Tensor): number[] => [...tf.tidy(() => make().dataSync())];

/** d f(x)/dx of a function of tensors, at the given values. */
function gradient(f: (x: tf.Tensor) => tf.Tensor, values: number[]): number[] {
  return read(() => tf.grad((x: tf.Tensor) => tf.sum(f(x)))(tf.tensor1d(values)));
}

const coordinate = fc.double({ min: -4, max: 4, noNaN: true });
const logVariance = fc.double({ min: -5, max: 4, noNaN: true });
const triples = fc.array(fc.tuple(coordinate, coordinate, logVariance), { minLength: 1, maxLength: 5 });

describe('tensor densities', () => {
  it('equal the float64 ones to 1e-5, values and gradients: ln N(z; μ, diag σ²)', () => {
    const normal = (mu: number[], v: number[]) =>
      MultivariateNormal.diagonal(
        mu,
        v.map((x) => Math.exp(x / 2)),
      );
    fc.assert(
      fc.property(triples, (rows) => {
        const [z, mu, v] = [0, 1, 2].map((column) => rows.map((row) => Math.fround(row[column] as number))) as [
          number[],
          number[],
          number[],
        ];
        const density = (z: tf.Tensor, mu: tf.Tensor, v: tf.Tensor) => diagonalNormalLogProb(z, mu, v);
        const tensors = () => [z, mu, v].map((values) => tf.tensor1d(values)) as [tf.Tensor, tf.Tensor, tf.Tensor];
        expectClose(
          read(() => density(...tensors())),
          [normal(mu, v).logProb(z)],
        );
        expectClose(
          gradient((x) => density(x, tf.tensor1d(mu), tf.tensor1d(v)), z),
          numericalGradient((x) => normal(mu, v).logProb(x), z),
        );
        expectClose(
          gradient((x) => density(tf.tensor1d(z), x, tf.tensor1d(v)), mu),
          numericalGradient((x) => normal(x, v).logProb(z), mu),
        );
        expectClose(
          gradient((x) => density(tf.tensor1d(z), tf.tensor1d(mu), x), v),
          numericalGradient((x) => normal(mu, x).logProb(z), v),
        );
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('equal the float64 ones to 1e-5, values and gradients: equation (9)', () => {
    const kl = (mu: number[], v: number[]) =>
      klDivergence(
        MultivariateNormal.diagonal(
          mu,
          v.map((x) => Math.exp(x / 2)),
        ),
        MultivariateNormal.diagonal(
          mu.map(() => 0),
          mu.map(() => 1),
        ),
      );
    fc.assert(
      fc.property(triples, (rows) => {
        const [mu, v] = [1, 2].map((column) => rows.map((row) => Math.fround(row[column] as number))) as [
          number[],
          number[],
        ];
        expectClose(
          read(() => klToStandardNormal(tf.tensor1d(mu), tf.tensor1d(v))),
          [kl(mu, v)],
        );
        expectClose(
          gradient((x) => klToStandardNormal(x, tf.tensor1d(v)), mu),
          mu,
        ); // ∂/∂μ = μ
        const halfExcess = v.map((x) => 0.5 * (Math.exp(x) - 1)); // ∂/∂ln σ² = ½(σ² − 1)
        expectClose(
          gradient((x) => klToStandardNormal(tf.tensor1d(mu), x), v),
          halfExcess,
        );
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it('keep equation (9) exact next to the prior, where σ² − 1 and ln σ² cancel: KL ≈ (ln σ²)²/4', () => {
    const kl = read(() => klToStandardNormal(tf.tensor1d([0]), tf.tensor1d([0.01])))[0] as number;
    expect(Math.abs(kl / (0.5 * (Math.expm1(0.01) - 0.01)) - 1)).toBeLessThan(1e-4); // without expm1 it is off by 1e-3
  });

  it('do not lose (z − μ)² to rounding far from the origin: μ = 100, σ = 1e-3', () => {
    // One standard deviation off the mean in float32: z − μ is exact there, z² − 2zμ + μ² is not (error 987).
    const z = Math.fround(100.001);
    const expected = MultivariateNormal.diagonal([100], [1e-3]).logProb([z]);
    const logVariance = 2 * Math.log(1e-3);
    expectClose(
      read(() => diagonalNormalLogProb(tf.tensor1d([z]), tf.tensor1d([100]), tf.tensor1d([logVariance]))),
      [expected],
    );
  });
});

describe('the densities of many components', () => {
  it('are those of each by itself, values and gradients, also where they are taken some at a time', () => {
    // 40·500·30 is more than is made in one piece, and the last piece is a smaller one.
    const [k, n, d] = [40, 500, 30];
    const stream = RandomStream.of(1, 'test/components');
    const draw = (rows: number) =>
      tf.tensor2d(
        Float32Array.from({ length: rows * d }, () => stream.normal()),
        [rows, d],
      );
    const [z, means, logVariances] = [draw(n), draw(k), draw(k)];
    const apart = (...[at, mean, logVariance]: tf.Tensor[]) =>
      diagonalNormalLogProb(
        tf.expandDims(at as tf.Tensor, 1),
        tf.expandDims(mean as tf.Tensor, 0),
        tf.expandDims(logVariance as tf.Tensor, 0),
      );
    const together = (...[at, mean, logVariance]: tf.Tensor[]) =>
      componentLogProbs(at as tf.Tensor, mean as tf.Tensor, logVariance as tf.Tensor);
    const [expected, got] = [apart, together].map((f) => {
      const { value, grads } = tf.valueAndGrads((...args: tf.Tensor[]) => tf.sum(tf.square(f(...args))) as tf.Scalar)([
        z,
        means,
        logVariances,
      ]);
      return {
        total: value.dataSync(),
        rows: f(z, means, logVariances).dataSync(),
        grads: grads.map((g) => g.dataSync()),
      };
    });
    expectClose(got?.rows ?? [], expected?.rows ?? [], 1e-5);
    // Sums of 500 or 40 terms of either sign in float32: relative to the largest, not to each.
    got?.grads.forEach((gradient, i) => {
      const reference = expected?.grads[i] ?? [];
      const largest = Math.max(...Array.from(reference, Math.abs));
      expect(Math.max(...Array.from(gradient, (g, j) => Math.abs(g - (reference[j] as number))))).toBeLessThan(
        1e-5 * largest,
      );
    });
  });

  it('have a gradient far from the origin that errs by no more than a point moved by two units in its last place', () => {
    const sigma = 0.01;
    const unit = 2 ** -17; // the last place of float32 numbers between 64 and 128
    const offsets = [-3, -1, -0.1, 0, 0.1, 1, 3];
    const z = Float32Array.from(offsets, (offset) => 100 + offset * sigma);
    const gradient = tf.grad((at) =>
      tf.sum(componentLogProbs(at, tf.tensor2d([[100]]), tf.fill([1, 1], 2 * Math.log(sigma)))),
    );
    const got = gradient(tf.tensor2d(z, [z.length, 1])).dataSync();
    z.forEach((value, i) => {
      expect(Math.abs((got[i] as number) - (100 - value) / sigma ** 2)).toBeLessThanOrEqual((2 * unit) / sigma ** 2);
    });
  });
});

describe('log-sum-exp over the last axis', () => {
  it('is right where exp overflows or underflows, and −∞ for a row of −∞', () => {
    const x = [
      [1000, 1000],
      [-1000, -1000],
      [-Infinity, -Infinity],
      [-Infinity, 3],
      [0, -1800],
    ];
    const expected = [1000 + Math.LN2, -1000 + Math.LN2, -Infinity, 3, 0];
    expect(read(() => logSumExp(tf.tensor2d(x)))).toEqual(expected.map(Math.fround));
  });

  it('has the softmax as its gradient, and log-softmax sums to one', () => {
    const x = [0.3, -2, 4, 4];
    const total = x.reduce((sum, value) => sum + Math.exp(value), 0);
    expectClose(
      gradient(logSumExp, x),
      x.map((value) => Math.exp(value) / total),
    );
    expectClose(
      read(() => logSoftmax(tf.tensor1d(x))),
      x.map((value) => value - Math.log(total)),
    );
    expectClose(
      read(() => logSoftmax(tf.tensor1d([88, -88]))),
      [0, -176],
    );
  });
});

describe('the bound on ln σ²', () => {
  it('is the identity near zero, never reached, monotone, and smooth: its slope is 1 − (v/B)²', () => {
    const raw = [-1e30, -50, -3, -0.01, 0, 0.01, 3, 50, 1e30];
    const bounded = read(() => boundedLogVariance(tf.tensor1d(raw)));
    expect(bounded).toEqual(bounded.toSorted((a, b) => a - b));
    expect(Math.max(...bounded.map(Math.abs))).toBeLessThanOrEqual(LOG_VARIANCE_BOUND);
    expectClose([bounded[5] as number], [0.01]);
    expectClose(
      gradient(boundedLogVariance, raw),
      bounded.map((v) => 1 - (v / LOG_VARIANCE_BOUND) ** 2),
      1e-5,
    );
  });

  it('keeps σ², 1/σ² and their gradients finite for any network output', () => {
    for (const raw of [-3e38, -100, 100, 3e38]) {
      const v = () => boundedLogVariance(tf.tensor1d([raw]));
      const values = read(() =>
        tf.concat([tf.exp(v()), tf.exp(tf.neg(v())), klToStandardNormal(tf.tensor1d([0]), v()).reshape([1])]),
      );
      const slopes = gradient((x) => klToStandardNormal(tf.tensor1d([0]), boundedLogVariance(x)), [raw]);
      for (const value of [...values, ...slopes]) expect(Number.isFinite(value)).toBe(true);
    }
  });

  it('is undone by its inverse inside 99 % of the bound, and an inverse is given for what lies outside', () => {
    const wanted = [-9.5, -4, 0, 1e-3, 7];
    expectClose(
      read(() => boundedLogVariance(tf.tensor1d(wanted.map(unboundedLogVariance)))),
      wanted,
    );
    expectClose(
      read(() => boundedLogVariance(tf.tensor1d([unboundedLogVariance(-40)]))),
      [-9.9],
    );
  });
});

describe('Bernoulli pixels from logits', () => {
  it('have the log-likelihood and the gradient x − σ(l), also for intensities between 0 and 1', () => {
    const logits = [-3, -0.2, 0, 0.7, 5];
    const x = [0, 1, 0.3, 0.9, 1];
    const sigmoid = logits.map((l) => 1 / (1 + Math.exp(-l)));
    const expected = x.reduce((sum, value, i) => {
      const p = sigmoid[i] as number;
      return sum + value * Math.log(p) + (1 - value) * Math.log(1 - p);
    }, 0);
    expectClose(
      read(() => bernoulliLogProb(tf.tensor1d(x), tf.tensor1d(logits))),
      [expected],
    );
    expectClose(
      gradient((l) => bernoulliLogProb(tf.tensor1d(x), l), logits),
      x.map((value, i) => value - (sigmoid[i] as number)),
    );
  });

  it('are right to 6e-8 nats a pixel, from saturated logits to undecided ones', () => {
    const logits = Array.from({ length: 801 }, (_, i) => -40 + i / 10);
    const got = read(() => bernoulliLogProb(tf.zeros([801, 1]), tf.tensor2d(logits, [801, 1])));
    got.forEach((value, i) => {
      const l = Math.fround(logits[i] as number);
      const exact = -(Math.max(l, 0) + Math.log1p(Math.exp(-Math.abs(l))));
      // Half a unit in the last place of 1 + e, and one of the result's own.
      expect(Math.abs(value - exact)).toBeLessThan(6.1e-8 + 1.2e-7 * Math.abs(exact));
    });
  });

  it('stay finite at logits where the probability rounds to 0 or 1', () => {
    const one = (x: number, logit: number) => read(() => bernoulliLogProb(tf.tensor1d([x]), tf.tensor1d([logit])))[0];
    expect([one(1, 200), one(0, 200), one(1, -200), one(0, -200)]).toEqual([0, -200, -200, 0]);
  });
});
