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
