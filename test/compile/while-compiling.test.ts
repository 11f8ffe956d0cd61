import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from '../../src/compile/compile';
import { Session } from '../../src/compile/runtime/session';
import { tf } from '../../src/tensors';
import { scalarOf } from './fixtures/run';

afterEach(() => {
  vi.restoreAllMocks();
  tf.disposeVariables();
});

const one = { x: Float32Array.of(1) };

/** A weight of 1 and Adam at a rate of 0.1, under whose steps on a loss of w·x, x > 0, it falls by 0.1 each. */
function learning() {
  const w = tf.variable(tf.scalar(1));
  const optimizer = tf.train.adam(0.1);
  const compiling = compile(({ x }) => optimizer.minimize(() => tf.mul(w, x) as tf.Scalar, true) as tf.Scalar, {
    inputs: { x: [] },
    threads: 1,
  });
  compiling.catch(() => {});
  return { w, optimizer, compiling };
}

/** Lets what waits go on by `ticks` turns: none of them finds the step compiled, which takes a session. */
async function pass(ticks: number): Promise<void> {
  for (let i = 0; i < ticks; i++) await null;
}
const TICKS = [1, 2, 3, 5, 8];

describe('while a function is compiled with a new optimizer', () => {
  it.each(TICKS)('that may be used eagerly, and the step goes on from there (%d ticks in)', async (ticks) => {
    const { w, optimizer, compiling } = learning();
    await pass(ticks);
    optimizer.minimize(() => tf.mul(w, 1) as tf.Scalar);
    const step = await compiling;
    expect(scalarOf(await step.run(one))).toBeCloseTo(0.9, 5);
    await step.sync();
    expect(w.dataSync()[0]).toBeCloseTo(0.8, 5);
    expect(optimizer.iterations).toBe(2);
    await step.dispose();
  });

  it.each(TICKS)('its slots can be read (%d ticks in)', async (ticks) => {
    const { optimizer, compiling } = learning();
    await pass(ticks);
    const weights = await optimizer.getWeights();
    for (const { tensor } of weights) expect(tensor.dataSync()[0]).toBe(0);
    await (await compiling).dispose();
  });

  it.each(TICKS)('it can be compiled with once more (%d ticks in)', async (ticks) => {
    const { w, optimizer, compiling } = learning();
    await pass(ticks);
    const other = compile(({ x }) => optimizer.minimize(() => tf.mul(w, x) as tf.Scalar, true) as tf.Scalar, {
      inputs: { x: [] },
    });
    for (const [i, step] of [await compiling, await other].entries()) {
      expect(scalarOf(await step.run(one))).toBeCloseTo(1 - 0.1 * i, 5);
      await step.sync();
      await step.dispose();
    }
  });

  it.each(TICKS)(
    'that must not be disposed of, which the error says, and the session is released (%d ticks in)',
    async (ticks) => {
      const [create, release] = [vi.spyOn(Session, 'create'), vi.spyOn(Session.prototype, 'release')];
      const { optimizer, compiling } = learning();
      await pass(ticks);
      optimizer.dispose();
      await expect(compiling).rejects.toThrow(/was disposed of (while the function that uses it was compiled|before)/);
      expect(release).toHaveBeenCalledTimes(create.mock.calls.length);
    },
  );

  it('whose slots are replaced, the step says so when it is run', async () => {
    const { optimizer, compiling } = learning();
    await pass(8);
    await optimizer.setWeights(await optimizer.getWeights());
    const step = await compiling;
    await expect(step.run(one)).rejects.toThrow(/Adam's slots were replaced .* compile again/);
    await step.dispose();
  });
});

it('a variable that is disposed of while a function is compiled that uses it is named, and the session released', async () => {
  const [create, release] = [vi.spyOn(Session, 'create'), vi.spyOn(Session.prototype, 'release')];
  const w = tf.variable(tf.scalar(1), true, 'weight');
  const compiling = compile(({ x }) => tf.mul(w, x), { inputs: { x: [] } });
  compiling.catch(() => {});
  await pass(8);
  w.dispose();
  await expect(compiling).rejects.toThrow('the tf.variable weight was disposed of while the function that uses it was');
  expect(create).toHaveBeenCalledTimes(1);
  expect(release).toHaveBeenCalledTimes(1);
});

it('a variable that is assigned while a function is compiled has that value in the step', async () => {
  const w = tf.variable(tf.scalar(1));
  const compiling = compile(({ x }) => tf.mul(w, x), { inputs: { x: [] } });
  await pass(8);
  w.assign(tf.scalar(5));
  const step = await compiling;
  expect(scalarOf(await step.run(one))).toBe(5);
  await step.dispose();
});

it('a variable that the first call makes from what must be computed has that value', async () => {
  let w: tf.Variable | undefined;
  const step = await compile(
    ({ x }) => {
      w ??= tf.variable(tf.exp(tf.scalar(1)));
      return tf.mul(w, x);
    },
    { inputs: { x: [] } },
  );
  expect(scalarOf(await step.run(one))).toBeCloseTo(Math.E, 5);
  await step.dispose();
});
