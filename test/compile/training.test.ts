import { afterEach, describe, expect, it } from 'vitest';
import { referenceBatch, referenceVae } from '../../src/bench/reference-vae';
import { type CompileOptions, compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { bits, relativeDistance, SMALL, scalarOf } from './fixtures/run';

afterEach(() => tf.disposeVariables());

const STEPS = 200;
const inputs = { x: [SMALL.batch, SMALL.pixels], eps: [SMALL.batch, SMALL.latent] } as const;

/** Trains the small VAE; a new batch at every step. */
async function trainCompiled(options: Partial<CompileOptions<'x' | 'eps'>> = {}, steps = STEPS) {
  const vae = referenceVae(SMALL);
  const optimizer = tf.train.adam(1e-2);
  const step = await compile(
    ({ x, eps }) => ({ loss: optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar }),
    { inputs, ...options },
  );
  const losses = new Float32Array(steps);
  for (let i = 0; i < steps; i++) losses[i] = scalarOf((await step.run(referenceBatch(SMALL, i))).loss);
  await step.sync();
  const weights = Object.values(vae.variables).map((variable) => Float32Array.from(variable.dataSync()));
  const text = step.toString();
  await step.dispose();
  return { losses, weights, text };
}

function trainEager(steps = STEPS): Float32Array {
  const vae = referenceVae(SMALL);
  const optimizer = tf.train.adam(1e-2);
  return Float32Array.from({ length: steps }, (_, i) =>
    tf.tidy(() => {
      const batch = referenceBatch(SMALL, i);
      const [x, eps] = [tf.tensor(batch.x, [...inputs.x]), tf.tensor(batch.eps, [...inputs.eps])];
      return scalarOf(optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar);
    }),
  );
}

describe('200 steps of training a VAE', () => {
  it('give the same loss curve compiled and eager', async () => {
    const eager = trainEager();
    const { losses } = await trainCompiled();
    expect(eager[STEPS - 1]).toBeLessThan((eager[0] ?? 0) - 1);
    // Rounding differences are amplified by training; they stay four digits below the fall of the curve.
    expect(relativeDistance(losses, eager)).toBeLessThan(1e-4);
  });

  it('give the same bits, run after run', async () => {
    const [first, second] = [await trainCompiled(), await trainCompiled()];
    expect(bits(second.losses)).toEqual(bits(first.losses));
    first.weights.forEach((weights, i) => {
      expect(bits(second.weights[i] ?? new Float32Array())).toEqual(bits(weights));
    });
  });

  it('give the same bits with two threads, run after run', async () => {
    const [first, second] = [await trainCompiled({ threads: 2 }), await trainCompiled({ threads: 2 })];
    expect(bits(second.losses)).toEqual(bits(first.losses));
  });
});

describe('simplification', () => {
  it('leaves the gradient of a relu as it was at ±0, at the smallest numbers, at infinities and at NaN', async () => {
    const points = [-1, -0, 0, 1e-45, -1e-45, 1e-38, 2, Infinity, -Infinity, Number.NaN];
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.relu(x), 3)));
    const both = [true, false].map(async (simplify) => {
      const fn = ({ x }: { x: tf.Tensor }) => [tf.relu(x), gradient(x)];
      const step = await compile(fn, { inputs: { x: [points.length] }, simplify });
      const [value, slope] = (await step.run({ x: Float32Array.from(points) })) as [tf.Tensor, tf.Tensor];
      await step.dispose();
      return [...bits(value), ...bits(slope)];
    });
    const [simplified, traced] = await Promise.all(both);
    expect(simplified).toEqual(traced);
  });

  it('shortens the traced graph and leaves every loss as it was, to float32 rounding', async () => {
    const simplified = await trainCompiled({ threads: 1 }, 20);
    const traced = await trainCompiled({ threads: 1, simplify: false }, 20);
    expect(simplified.text.split('\n').length).toBeLessThan(traced.text.split('\n').length);
    // The sums of a mixture's distances are products of matrices when simplified: the same terms in another order.
    expect(relativeDistance(simplified.losses, traced.losses)).toBeLessThan(1e-6);
  });
});
