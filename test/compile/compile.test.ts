import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { relativeDistance, scalarOf } from './fixtures/run';

afterEach(() => tf.disposeVariables());

describe('compile', () => {
  it('computes what the function computes eagerly', async () => {
    const fn = ({ x }: { x: tf.Tensor }) => tf.softmax(tf.matMul(x as tf.Tensor2D, tf.transpose(x) as tf.Tensor2D));
    const x = tf.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
    const step = await compile(fn, { inputs: { x: [2, 3] } });
    const compiled = await step.run({ x });
    expect(compiled.shape).toEqual([2, 2]);
    expect(relativeDistance(compiled.dataSync(), fn({ x }).dataSync())).toBeLessThan(1e-6);
    await step.dispose();
  });

  it('returns lists, records and nested structures as the function does', async () => {
    const fn = ({ x }: { x: tf.Tensor }) => ({ sum: tf.sum(x), parts: [tf.neg(x), { twice: tf.mul(x, 2) }] as const });
    const step = await compile(fn, { inputs: { x: [3] } });
    const { sum, parts } = await step.run({ x: Float32Array.of(1, 2, 3) });
    expect(scalarOf(sum)).toBe(6);
    expect(Array.from(parts[0].dataSync())).toEqual([-1, -2, -3]);
    expect(Array.from(parts[1].twice.dataSync())).toEqual([2, 4, 6]);
    await step.dispose();
  });

  it('tells results apart whose places read alike', async () => {
    const step = await compile(({ x }) => ({ 'a.b': x, a: { b: tf.neg(x) } }), { inputs: { x: [] } });
    const result = await step.run({ x: Float32Array.of(2) });
    expect([scalarOf(result['a.b']), scalarOf(result.a.b)]).toEqual([2, -2]);
    await step.dispose();
  });

  it('keeps int32 and bool inputs and results in their types', async () => {
    const step = await compile(({ i, b }) => ({ i: tf.add(i, tf.scalar(1, 'int32')), b: tf.logicalNot(b) }), {
      inputs: { i: { shape: [2], dtype: 'int32' }, b: { shape: [2], dtype: 'bool' } },
    });
    const result = await step.run({ i: tf.tensor([1, 2], [2], 'int32'), b: tf.tensor([1, 0], [2], 'bool') });
    expect([result.i.dtype, ...result.i.dataSync()]).toEqual(['int32', 2, 3]);
    expect([result.b.dtype, ...result.b.dataSync()]).toEqual(['bool', 0, 1]);
    await step.dispose();
  });

  it('keeps variables in the step and writes them back on sync', async () => {
    const count = tf.variable(tf.scalar(0));
    const step = await compile(
      ({ x }) => {
        count.assign(tf.add(count, tf.sum(x)));
        return count;
      },
      { inputs: { x: [2] } },
    );
    const x = Float32Array.of(1, 2);
    expect(scalarOf(await step.run({ x }))).toBe(3);
    expect(scalarOf(await step.run({ x }))).toBe(6);
    expect(count.dataSync()[0], 'before sync').toBe(0);
    await step.sync();
    expect(count.dataSync()[0], 'after sync').toBe(6);
    await step.dispose();
  });

  it('takes over a variable that is assigned from outside between two steps', async () => {
    const w = tf.variable(tf.scalar(2));
    const step = await compile(({ x }) => tf.mul(x, w), { inputs: { x: [] } });
    expect(scalarOf(await step.run({ x: Float32Array.of(3) }))).toBe(6);
    w.assign(tf.scalar(5));
    expect(scalarOf(await step.run({ x: Float32Array.of(3) }))).toBe(15);
    await step.dispose();
  });

  it('leaves variables, optimizer counts and the number of tensors as they were', async () => {
    const w = tf.variable(tf.tensor([1, 2]));
    const optimizer = tf.train.adam(0.1);
    const before = tf.memory().numTensors;
    const step = await compile(
      ({ x }) => optimizer.minimize(() => tf.sum(tf.mul(x, w)) as tf.Scalar, true) as tf.Scalar,
      {
        inputs: { x: [2] },
      },
    );
    // Adam's two slots of the one variable are all that is new.
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(Array.from(w.dataSync())).toEqual([1, 2]);
    expect(optimizer.iterations).toBe(0);
    expect(tf.getBackend()).toBe('cpu');
    await step.dispose();
  });

  it('counts the steps done into the optimizer on sync', async () => {
    const w = tf.variable(tf.scalar(1));
    const optimizer = tf.train.sgd(0.1);
    const step = await compile(({ x }) => optimizer.minimize(() => tf.mul(x, w) as tf.Scalar, true) as tf.Scalar, {
      inputs: { x: [] },
    });
    for (let i = 0; i < 3; i++) tf.dispose(await step.run({ x: Float32Array.of(1) }));
    await step.sync();
    expect(optimizer.iterations).toBe(3);
    await step.dispose();
  });

  it('runs calls one after the other, though they are not awaited', async () => {
    const w = tf.variable(tf.scalar(0));
    const step = await compile(
      ({ x }) => {
        w.assign(tf.add(w, x));
        return w;
      },
      { inputs: { x: [] } },
    );
    const results = await Promise.all([1, 2, 3].map((n) => step.run({ x: Float32Array.of(n) })));
    expect(results.map(scalarOf)).toEqual([1, 3, 6]);
    await step.dispose();
  });

  it('prints the graph as text', async () => {
    const w = tf.variable(tf.ones([3, 2]), true, 'w');
    const optimizer = tf.train.sgd(0.5);
    const step = await compile(
      ({ x }) => ({
        loss: optimizer.minimize(() => tf.mean(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)), true) as tf.Scalar,
      }),
      { inputs: { x: [4, 3] } },
    );
    expect(step.toString()).toBe(
      [
        'input x: f32[4,3]',
        'input @w: f32[3,2]',
        '%0: f32[4,2] = MatMul(x, @w)',
        '%1: f32[] = ReduceMean(%0, axes=[0,1], keepdims=0)',
        '%2: f32[4,2] = Expand(0.125, shape=[4,2])',
        '%3: f32[3,2] = Gemm(x, %2, transA=1, transB=0, alpha=1, beta=1)',
        'return loss = %1',
        'grad @w = %3',
        'then SGD updates @w',
      ].join('\n'),
    );
    await step.dispose();
  });
});

describe('what a step is fed', () => {
  it('may lie in memory that threads share', async () => {
    const step = await compile(({ x }) => tf.neg(x), { inputs: { x: [2] } });
    const x = new Float32Array(new SharedArrayBuffer(8));
    x.set([1, 2]);
    expect([...(await step.run({ x })).dataSync()]).toEqual([-1, -2]);
    await step.dispose();
  });

  it('may be bools of more than 1, as TensorFlow.js leaves them behind, also in variables and constants', async () => {
    const many = tf.add(tf.tensor1d([1, 0], 'bool'), tf.tensor1d([1, 0], 'bool'));
    expect([...many.dataSync()], 'eager').toEqual([2, 0]);
    const variable = tf.variable(many);
    const step = await compile(
      ({ x }) => [x, variable, many].flatMap((b) => [tf.where(b, tf.ones([2]), tf.zeros([2])), tf.logicalNot(b)]),
      { inputs: { x: many } },
    );
    variable.assign(tf.clone(many));
    const results = await step.run({ x: many });
    expect(results.map((tensor) => [...tensor.dataSync()])).toEqual(
      [many, many, many].flatMap(() => [
        [1, 0],
        [0, 1],
      ]),
    );
    await step.dispose();
  });
});

// An optimizer of one's own counts its steps like TensorFlow.js's, but is no subclass of any.
it('an optimizer of another class counts the steps that were run, not those that were traced', async () => {
  class Plain extends tf.Optimizer {
    static readonly className = 'Plain';
    override applyGradients(gradients: Parameters<tf.Optimizer['applyGradients']>[0]): void {
      for (const [name, gradient] of Object.entries(gradients as tf.NamedTensorMap)) {
        const variable = tf.engine().registeredVariables[name] as tf.Variable;
        tf.tidy(() => variable.assign(tf.sub(variable, tf.mul(gradient, 0.1))));
      }
      this.incrementIterations();
    }
    override getConfig(): tf.serialization.ConfigDict {
      return {};
    }
  }
  const w = tf.variable(tf.scalar(1));
  const optimizer = new Plain();
  const step = await compile(({ x }) => optimizer.minimize(() => tf.mul(w, x) as tf.Scalar, true) as tf.Scalar, {
    inputs: { x: [] },
  });
  expect(optimizer.iterations, 'after compile').toBe(0);
  for (let i = 0; i < 2; i++) tf.dispose(await step.run({ x: Float32Array.of(1) }));
  await step.sync();
  expect(optimizer.iterations, 'after two steps').toBe(2);
  expect(w.dataSync()[0]).toBeCloseTo(0.8, 6);
  await step.dispose();
});
