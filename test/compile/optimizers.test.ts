import { afterEach, describe, expect, it } from 'vitest';
import { lcg } from '../../src/bench/reference-vae';
import { compile } from '../../src/compile/compile';
import { AdamNormGradOptimizer } from '../../src/compile/optimizers/adam-norm-grad';
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
  AdamNormGrad: { make: () => new AdamNormGradOptimizer(0.05), fused: true },
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

async function compareWithEager(
  make: () => tf.Optimizer,
  options: { fuse: 'host' | 'packed' | false; maxNorm?: number },
) {
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
    const text = await compareWithEager(make, { fuse: 'host' });
    if (fused) expect(text).toContain('updates ');
    else expect(text).not.toContain('updates ');
  });

  it(fused ? 'packed learns the same' : 'stays as it is where updates are packed', async () => {
    const text = await compareWithEager(make, { fuse: 'packed' });
    expect(text).not.toContain('then ');
    // All gradients end to end: 3·5 + 5 + 1.
    if (fused) expect(text).toContain('f32[21] = Concat');
    else expect(text).not.toContain('f32[21] = Concat');
  });

  it('clips gradients by their global norm, fused, packed or as traced', async () => {
    const text = await compareWithEager(make, { fuse: 'host', maxNorm: 0.3 });
    if (fused) expect(text).toContain('gradients clipped to global norm 0.3');
    await compareWithEager(make, { fuse: 'packed', maxNorm: 0.3 });
    await compareWithEager(make, { fuse: false, maxNorm: 0.3 });
  });

  it.each(['host', 'packed'] as const)(
    'continues eagerly after sync where the compiled step left off (%s)',
    async (fuse) => {
      const [reference, own] = [model(make()), model(make())];
      const compiled = await compile(own.step, { inputs: { x: [4, 3] }, fuse });
      for (const x of reference.batches) tf.dispose(reference.step({ x }));
      for (const [i, x] of own.batches.entries()) {
        if (i === STEPS / 2) await compiled.sync();
        tf.dispose(i < STEPS / 2 ? await compiled.run({ x }) : own.step({ x }));
      }
      own.variables.forEach((variable, i) => {
        expect(relativeDistance(variable.dataSync(), reference.variables[i]?.dataSync() ?? [])).toBeLessThan(TOLERANCE);
      });
      await compiled.dispose();
    },
  );
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

describe('AdamNormGrad', () => {
  // The update written out in float64, with nothing of the project in it: g ← g/(‖g‖ + 1e-7) for each variable by itself, then Kingma and
  // Ba's algorithm 1.
  function byHand(start: readonly number[][], gradientsAt: (values: readonly number[][]) => number[][], steps: number) {
    const [rate, beta1, beta2, epsilon] = [0.01, 0.9, 0.999, 1e-8];
    const values = start.map((row) => [...row]);
    const [m, v] = [0, 1].map(() => start.map((row) => row.map(() => 0))) as [number[][], number[][]];
    for (let t = 1; t <= steps; t++) {
      for (const [i, gradient] of gradientsAt(values).entries()) {
        const norm = Math.hypot(...gradient);
        for (const [j, raw] of gradient.entries()) {
          const g = raw / (norm + 1e-7);
          const [mi, vi, xi] = [m[i] as number[], v[i] as number[], values[i] as number[]];
          mi[j] = beta1 * (mi[j] as number) + (1 - beta1) * g;
          vi[j] = beta2 * (vi[j] as number) + (1 - beta2) * g * g;
          const mean = (mi[j] as number) / (1 - beta1 ** t);
          const square = (vi[j] as number) / (1 - beta2 ** t);
          xi[j] = (xi[j] as number) - (rate * mean) / (Math.sqrt(square) + epsilon);
        }
      }
    }
    return values;
  }

  // ½ Σ c_ij (x_ij − t_ij)², of gradients that differ by factors of a million between the two variables, with a coordinate whose gradient is 0.
  const [curvatures, targets] = [
    [
      [1e3, 1, 0],
      [1e-3, 2e-3],
    ],
    [
      [1, -1, 0],
      [2, 0.5],
    ],
  ];
  const start = [
    [0, 0.5, 0.25],
    [1, -1],
  ];

  it.each([
    ['eagerly', null],
    ['in the graph', false],
    ['as a fused pass', 'host'],
    ['packed', 'packed'],
  ] as const)('%s follows the published update, variable by variable', async (_, fuse) => {
    const variables = start.map((row) => tf.variable(tf.tensor1d(row)));
    const optimizer = new AdamNormGradOptimizer(0.01);
    const loss = () =>
      tf.addN(
        variables.map((variable, i) =>
          tf.sum(
            tf.mul(tf.square(tf.sub(variable, targets?.[i] as number[])), tf.mul(curvatures?.[i] as number[], 0.5)),
          ),
        ),
      ) as tf.Scalar;
    const step = () => optimizer.minimize(loss, true, variables) as tf.Scalar;
    if (fuse === null) for (let i = 0; i < 50; i++) step().dispose();
    else {
      const compiled = await compile(step, { inputs: {}, fuse });
      for (let i = 0; i < 50; i++) (await compiled.run({})).dispose();
      await compiled.sync();
      await compiled.dispose();
    }
    const expected = byHand(
      start,
      (values) =>
        values.map((row, i) =>
          row.map((x, j) => (curvatures?.[i]?.[j] as number) * (x - (targets?.[i]?.[j] as number))),
        ),
      50,
    );
    for (const [i, variable] of variables.entries()) {
      expect(relativeDistance(variable.dataSync(), expected[i] as number[])).toBeLessThan(TOLERANCE);
    }
  });
});
