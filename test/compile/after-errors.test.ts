import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { scalarOf } from './fixtures/run';

afterEach(() => tf.disposeVariables());

const inputs = { x: [] } as const;
const names = (): string[] => Object.keys(tf.engine().registeredVariables);

/** A weight, an optimizer with slots, and a step of both that `spoil` makes fail behind the update. */
function learning(spoil: (loss: tf.Scalar) => unknown) {
  const w = tf.variable(tf.scalar(1));
  const optimizer = tf.train.adam(0.1);
  const good = ({ x }: { x: tf.Tensor }): tf.Scalar => optimizer.minimize(() => tf.mul(w, x), true) as tf.Scalar;
  const bad = (feeds: { x: tf.Tensor }): tf.Scalar => {
    const loss = good(feeds);
    spoil(loss);
    return loss;
  };
  return { w, optimizer, good, bad };
}

describe('a compilation that fails behind an optimizer’s first update', () => {
  it.each([
    ['reads a value', (loss: tf.Scalar) => loss.dataSync()],
    ['throws', () => JSON.parse('{')],
    ['makes a variable from an input', (loss: tf.Scalar) => tf.variable(loss)],
    ['makes a variable at every call', () => tf.variable(tf.scalar(1))],
  ])('because it %s leaves nothing behind', async (_, spoil) => {
    const { w, optimizer, bad } = learning(spoil);
    const [variables, tensors] = [names(), tf.memory().numTensors];
    await expect(compile(bad, { inputs })).rejects.toThrow();
    expect(names()).toEqual(variables);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(w.dataSync()[0]).toBe(1);
    expect(optimizer.iterations).toBe(0);
  });

  it.each([
    ['reads a value', (loss: tf.Scalar) => loss.dataSync()],
    ['makes a variable from an input', (loss: tf.Scalar) => tf.variable(loss)],
  ])('because it %s can be repeated without the fault, and the optimizer used eagerly', async (_, spoil) => {
    const { w, optimizer, good, bad } = learning(spoil);
    await expect(compile(bad, { inputs })).rejects.toThrow();
    const step = await compile(good, { inputs });
    expect(scalarOf(await step.run({ x: Float32Array.of(2) }))).toBe(2);
    await step.sync();
    await step.dispose();
    optimizer.minimize(() => tf.mul(w, 2));
    // Two steps of Adam under a constant gradient are two times the learning rate.
    expect(w.dataSync()[0]).toBeCloseTo(0.8, 5);
  });

  it('because every third call makes a variable leaves none behind', async () => {
    let calls = 0;
    const variables = names();
    const fn = ({ x }: { x: tf.Tensor }): tf.Tensor => (++calls % 3 === 0 ? tf.mul(x, tf.variable(tf.scalar(1))) : x);
    await expect(compile(fn, { inputs })).rejects.toThrow(/creates a tf.variable/);
    expect(names()).toEqual(variables);
  });
});

it('a compilation that fails within a loss leaves no tensor behind that gradients would have needed', async () => {
  const { optimizer, w } = learning(() => {});
  const before = tf.memory().numTensors;
  const fn = ({ x }: { x: tf.Tensor }) =>
    optimizer.minimize(() => tf.mul(tf.exp(tf.mul(w, x)), x.dataSync()[0] ?? 0) as tf.Scalar, true);
  await expect(compile(fn, { inputs })).rejects.toThrow(/is read/);
  expect(tf.memory().numTensors).toBe(before);
});

it('compilations that are not awaited one by one share an optimizer whose slots the first one makes', async () => {
  const w = tf.variable(tf.scalar(1));
  const optimizer = tf.train.adam(0.1);
  const fn = ({ x }: { x: tf.Tensor }): tf.Scalar =>
    optimizer.minimize(() => tf.sum(tf.mul(w, x)) as tf.Scalar, true) as tf.Scalar;
  const steps = await Promise.all([1, 2].map((n) => compile(fn, { inputs: { x: [n] } })));
  for (const [i, step] of steps.entries()) {
    expect(scalarOf(await step.run({ x: new Float32Array(i + 1).fill(1) }))).toBeCloseTo(i === 0 ? 1 : 2 * 0.9, 5);
    await step.sync();
    await step.dispose();
  }
});
