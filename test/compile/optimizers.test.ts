import { afterEach, describe, expect, it } from 'vitest';
import { lcg } from '../../src/bench/reference-vae';
import { compile } from '../../src/compile/compile';
import { AdamWOptimizer } from '../../src/compile/optimizers/adamw';
import { clipByGlobalNorm } from '../../src/compile/optimizers/clip';
import { tf } from '../../src/tensors';
import { relativeDistance, scalarOf } from './fixtures/run';

afterEach(() => tf.disposeVariables());

// Float32 rounding accumulates over the steps; at 20 steps of these sizes it stays an order of magnitude below this.
const TOLERANCE = 1e-5;
const STEPS = 20;

const OPTIMIZERS: Readonly<Record<string, { make: () => tf.Optimizer; fused: boolean }>> = {
  SGD: { make: () => tf.train.sgd(0.05), fused: true },
  momentum: { make: () => tf.train.momentum(0.02, 0.9), fused: true },
  'Nesterov momentum': { make: () => tf.train.momentum(0.02, 0.9, true), fused: true },
  Adam: { make: () => tf.train.adam(0.05), fused: true },
  AdamW: { make: () => new AdamWOptimizer(0.05, { weightDecay: 0.1 }), fused: true },
  RMSProp: { make: () => tf.train.rmsprop(0.01), fused: true },
  'RMSProp with momentum': { make: () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-6), fused: true },
  'centred RMSProp': { make: () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-6, true), fused: true },
  Adagrad: { make: () => tf.train.adagrad(0.1), fused: false },
  Adadelta: { make: () => tf.train.adadelta(0.5), fused: false },
  Adamax: { make: () => tf.train.adamax(0.05), fused: false },
};

/** A small regression with a matrix, a vector and a scalar to learn. */
function model(optimizer: tf.Optimizer, maxNorm?: number) {
  const next = lcg(3);
  const variables = [[3, 5], [5], []].map((shape) =>
    tf.variable(
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 2 * next() - 1),
        shape,
      ),
    ),
  );
  const [matrix, vector, scale] = variables as [tf.Variable, tf.Variable, tf.Variable];
  const loss = (x: tf.Tensor): tf.Scalar =>
    tf.mean(
      tf.square(tf.sub(tf.mul(tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, matrix as tf.Tensor2D), vector)), scale), 2)),
    );
  const step = ({ x }: { x: tf.Tensor }): { loss: tf.Scalar } => {
    if (maxNorm === undefined) return { loss: optimizer.minimize(() => loss(x), true, variables) as tf.Scalar };
    const { value, grads } = tf.variableGrads(() => loss(x), variables);
    optimizer.applyGradients(clipByGlobalNorm(grads, maxNorm));
    return { loss: value };
  };
  const batches = Array.from({ length: STEPS }, () =>
    tf.tensor(
      Float32Array.from({ length: 12 }, () => 2 * next() - 1),
      [4, 3],
    ),
  );
  return { variables, step, batches };
}

async function compareWithEager(make: () => tf.Optimizer, options: { fuse: boolean; maxNorm?: number }) {
  const eager = model(make(), options.maxNorm);
  const own = model(make(), options.maxNorm);
  const compiled = await compile(own.step, { inputs: { x: [4, 3] }, fuse: options.fuse });
  const [expected, losses]: [number[], number[]] = [[], []];
  for (const x of eager.batches) expected.push(scalarOf(tf.tidy(() => eager.step({ x }).loss)));
  for (const x of own.batches) losses.push(scalarOf((await compiled.run({ x })).loss));
  await compiled.sync();
  expect(relativeDistance(losses, expected), 'losses').toBeLessThan(TOLERANCE);
  own.variables.forEach((variable, i) => {
    expect(relativeDistance(variable.dataSync(), eager.variables[i]?.dataSync() ?? []), `variable ${i}`).toBeLessThan(
      TOLERANCE,
    );
  });
  const text = compiled.toString();
  await compiled.dispose();
  return text;
}

describe.each(Object.entries(OPTIMIZERS))('%s', (_, { make, fused }) => {
  it('in the graph learns what it learns eagerly', async () => {
    expect(await compareWithEager(make, { fuse: false })).not.toContain('then ');
  });

  it(fused ? 'as a fused pass learns the same' : 'stays in the graph, having no fused pass', async () => {
    const text = await compareWithEager(make, { fuse: true });
    if (fused) expect(text).toContain('updates ');
    else expect(text).not.toContain('updates ');
  });

  it('clips gradients by their global norm, fused or in the graph', async () => {
    const text = await compareWithEager(make, { fuse: true, maxNorm: 0.3 });
    if (fused) expect(text).toContain('gradients clipped to global norm 0.3');
    await compareWithEager(make, { fuse: false, maxNorm: 0.3 });
  });

  it('continues eagerly after sync where the compiled step left off', async () => {
    const [reference, own] = [model(make()), model(make())];
    const compiled = await compile(own.step, { inputs: { x: [4, 3] } });
    for (const x of reference.batches) tf.dispose(reference.step({ x }));
    for (const [i, x] of own.batches.entries()) {
      if (i === STEPS / 2) await compiled.sync();
      tf.dispose(i < STEPS / 2 ? await compiled.run({ x }) : own.step({ x }));
    }
    own.variables.forEach((variable, i) => {
      expect(relativeDistance(variable.dataSync(), reference.variables[i]?.dataSync() ?? [])).toBeLessThan(TOLERANCE);
    });
    await compiled.dispose();
  });
});

describe('a fused optimizer', () => {
  it('follows a learning rate that changes from step to step', async () => {
    const w = tf.variable(tf.scalar(1));
    const optimizer = tf.train.sgd(0.1);
    const step = await compile(({ x }) => optimizer.minimize(() => tf.mul(x, w) as tf.Scalar, true) as tf.Scalar, {
      inputs: { x: [] },
    });
    tf.dispose(await step.run({ x: Float32Array.of(1) }));
    optimizer.setLearningRate(0.25);
    tf.dispose(await step.run({ x: Float32Array.of(1) }));
    await step.sync();
    expect(w.dataSync()[0]).toBeCloseTo(1 - 0.1 - 0.25, 6);
    await step.dispose();
  });

  it('gives way to the graph where the function reads what it updated', async () => {
    const w = tf.variable(tf.scalar(1));
    const optimizer = tf.train.sgd(0.5);
    const step = await compile(
      ({ x }) => {
        optimizer.minimize(() => tf.mul(x, w) as tf.Scalar);
        return tf.mul(w, 10);
      },
      { inputs: { x: [] } },
    );
    expect(scalarOf(await step.run({ x: Float32Array.of(1) }))).toBe(5);
    expect(step.toString()).not.toContain('then SGD');
    await step.dispose();
  });

  it('lets two optimizers train a part each', async () => {
    const [a, b] = [tf.variable(tf.scalar(1)), tf.variable(tf.scalar(2))];
    const [fast, slow] = [tf.train.sgd(0.5), tf.train.adam(0.01)];
    const fn = ({ x }: { x: tf.Tensor }) => {
      const { value, grads } = tf.variableGrads(() => tf.mul(x, tf.mul(a, b)) as tf.Scalar, [a, b]);
      fast.applyGradients([{ name: a.name, tensor: grads[a.name] as tf.Tensor }]);
      slow.applyGradients([{ name: b.name, tensor: grads[b.name] as tf.Tensor }]);
      return value;
    };
    const step = await compile(fn, { inputs: { x: [] } });
    tf.dispose(await step.run({ x: Float32Array.of(1) }));
    await step.sync();
    expect(a.dataSync()[0]).toBeCloseTo(1 - 0.5 * 2, 6);
    // Adam's first step has the size of its learning rate.
    expect(b.dataSync()[0]).toBeCloseTo(2 - 0.01, 6);
    await step.dispose();
  });
});

// A unit that no example reaches any more has gradients of exactly 0, as a pixel at the border of MNIST's pictures has for hundreds of steps.
// β = 0.9 brings a mean of 0.1 below 2⁻¹²⁶ = 1.2e-38 within 810 steps (0.9⁸¹⁰ < 1e-37), and rounding then keeps it from ever reaching 0.
it.each([
  ['momentum', () => tf.train.momentum(0.02, 0.9)],
  ['Adam', () => tf.train.adam(0.05)],
  ['RMSProp with momentum', () => tf.train.rmsprop(0.01, 0.9, 0.9, 1e-6)],
] as const)('%s forgets a gradient that has become 0, instead of carrying subnormal numbers along', async (_, make) => {
  const weight = tf.variable(tf.tensor1d([0.5, -0.5]));
  const optimizer = make();
  const step = await compile(
    ({ x }) => ({
      loss: optimizer.minimize(() => tf.sum(tf.mul(weight, x)) as tf.Scalar, true, [weight]) as tf.Scalar,
    }),
    { inputs: { x: [2] } },
  );
  (await step.run({ x: Float32Array.of(1, 1) })).loss.dispose();
  for (let i = 0; i < 2000; i++) (await step.run({ x: Float32Array.of(0, Number.MIN_VALUE) })).loss.dispose();
  await step.sync();
  const slots = (await optimizer.getWeights()).slice(1).flatMap(({ tensor }) => [...tensor.dataSync()]);
  expect(slots.length).toBeGreaterThan(1);
  expect(slots.filter((value) => value !== 0 && Math.abs(value) < 2 ** -126)).toEqual([]);
  await step.dispose();
});

it('a NaN in a gradient reaches the moments and the parameters', async () => {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  const optimizer = tf.train.adam(0.1);
  const step = await compile(
    ({ x }) => ({
      loss: optimizer.minimize(() => tf.sum(tf.mul(weight, x)) as tf.Scalar, true, [weight]) as tf.Scalar,
    }),
    { inputs: { x: [2] } },
  );
  (await step.run({ x: Float32Array.of(Number.NaN, 1) })).loss.dispose();
  await step.sync();
  const [first = 0, second = 0] = weight.dataSync();
  expect(first).toBeNaN();
  expect(second).toBeCloseTo(1.9, 5);
  await step.dispose();
});
