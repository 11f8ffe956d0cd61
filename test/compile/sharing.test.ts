import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { scalarOf } from './fixtures/run';

afterEach(() => tf.disposeVariables());

type Pair = readonly [variable: tf.Variable, start: tf.Tensor];

const one = { x: Float32Array.of(1) };
const inputs = { x: [] } as const;

/** A variable, a step that adds `x` to it and one that only reads it. */
async function shared() {
  const w = tf.variable(tf.scalar(1));
  const add = await compile(
    ({ x }) => {
      w.assign(tf.add(w, x));
      return w;
    },
    { inputs },
  );
  const read = await compile(({ x }) => tf.mul(w, x), { inputs });
  return { w, add, read };
}

describe('two steps that share a variable', () => {
  it('hand it on where the one that changed it is synced before the other runs', async () => {
    const { add, read } = await shared();
    tf.dispose([await add.run(one), await add.run(one)]);
    expect(scalarOf(await read.run(one)), 'before sync').toBe(1);
    await add.sync();
    expect(scalarOf(await read.run(one)), 'after sync').toBe(3);
    await Promise.all([add.dispose(), read.dispose()]);
  });

  it('lose nothing when the one that only reads it is synced', async () => {
    const { w, add, read } = await shared();
    tf.dispose([await add.run(one), await read.run(one)]);
    await read.sync();
    expect(scalarOf(await add.run(one))).toBe(3);
    await add.sync();
    await read.sync();
    expect(w.dataSync()[0]).toBe(3);
    await Promise.all([add.dispose(), read.dispose()]);
  });
});

describe('a variable that is assigned from outside', () => {
  it('keeps that value on sync, which is newer than what the step computed', async () => {
    const { w, add, read } = await shared();
    tf.dispose(await add.run(one));
    w.assign(tf.scalar(10));
    await add.sync();
    expect(w.dataSync()[0]).toBe(10);
    expect(scalarOf(await add.run(one))).toBe(11);
    await Promise.all([add.dispose(), read.dispose()]);
  });

  it.each([
    ['that it began with', (w: tf.Variable, first: tf.Tensor): Pair => [w, first]],
    ['that was cloned from it', (w: tf.Variable): Pair => [w, w.clone()]],
  ] as const)('takes the step back to the tensor %s, as often as it is asked to', async (_, choose) => {
    const first = tf.scalar(1);
    const [w, start] = choose(tf.variable(first), first);
    const optimizer = tf.train.sgd(1);
    const minimize = await compile(({ x }) => optimizer.minimize(() => tf.mul(w, x) as tf.Scalar, true) as tf.Scalar, {
      inputs,
    });
    const losses: number[] = [];
    for (let i = 0; i < 6; i++) {
      if (i % 2 === 0) w.assign(start);
      losses.push(scalarOf(await minimize.run(one)));
    }
    expect(losses).toEqual([1, 0, 1, 0, 1, 0]);
    await minimize.dispose();
  });

  it('has not been assigned from outside where another function was compiled in between', async () => {
    const { w, add, read } = await shared();
    tf.dispose(await add.run(one));
    const other = await compile(
      ({ x }) => {
        w.assign(tf.reshape(x, []));
        return tf.neg(w);
      },
      { inputs },
    );
    expect(scalarOf(await add.run(one))).toBe(3);
    await Promise.all([add.dispose(), read.dispose(), other.dispose()]);
  });

  it('is not assigned again by a sync without a step in between', async () => {
    const { w, add, read } = await shared();
    tf.dispose(await add.run(one));
    await add.sync();
    const data = w.dataId;
    await add.sync();
    expect(w.dataId).toBe(data);
    await Promise.all([add.dispose(), read.dispose()]);
  });
});

describe('calls that overlap', () => {
  it('dispose of a step once, after the runs before them', async () => {
    const step = await compile(({ x }) => tf.neg(x), { inputs });
    const result = step.run(one);
    await Promise.all([step.dispose(), step.dispose()]);
    expect(scalarOf(await result)).toBe(-1);
    await step.dispose();
  });

  it('take tensors as they are at the call, so that these may be disposed of before the step has run', async () => {
    const step = await compile(({ x }) => tf.neg(x), { inputs });
    const results = [1, 2].map((n) => tf.tidy(() => ({ promise: step.run({ x: tf.scalar(n) }) }) as never)) as {
      promise: Promise<tf.Tensor>;
    }[];
    expect((await Promise.all(results.map(({ promise }) => promise))).map(scalarOf)).toEqual([-1, -2]);
    await step.dispose();
  });
});
