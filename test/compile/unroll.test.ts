import { afterEach, describe, expect, it } from 'vitest';
import { referenceBatch, referenceVae } from '../../src/bench/reference-vae';
import { compile } from '../../src/compile/compile';
import { EnqueuedSteps } from '../../src/compile/enqueued-steps';
import { feedTensors, inputTypes } from '../../src/compile/feeds';
import { plan } from '../../src/compile/plan';
import { RULES } from '../../src/compile/simplify/simplify';
import { makeState } from '../../src/compile/state';
import { trace } from '../../src/compile/trace/trace';
import type { TracedFunction } from '../../src/compile/trace/traced';
import { tf } from '../../src/tensors';
import { SMALL } from './fixtures/run';

afterEach(() => tf.disposeVariables());

const inputs = { x: [SMALL.batch, SMALL.pixels], eps: [SMALL.batch, SMALL.latent] } as const;
const runs: number[] = [];

/** Losses and variables after seven steps of Adam, of which so many are one graph: what a GPU is given, on the host. */
async function sevenSteps(stepsPerRun: number) {
  const vae = referenceVae(SMALL);
  const optimizer = tf.train.adam(1e-2);
  const types = inputTypes(inputs);
  const fn = (({ x, eps }) => ({
    loss: optimizer.minimize(() => vae.loss(x as tf.Tensor, eps as tf.Tensor), true) as tf.Scalar,
    image: tf.greater(x as tf.Tensor, 0.5).sum(),
  })) as TracedFunction;
  for (const { variable } of trace(fn, types).created) variable.assign(tf.zeros(variable.shape));
  const traced = trace(fn, types, { fuse: true });
  const planned = plan(traced, RULES, 'packed');
  const { stores } = await makeState(traced, planned, 'cpu');
  const steps = new EnqueuedSteps({
    plan: planned,
    device: 'cpu',
    stores,
    inputs: Object.keys(inputs),
    stepsPerRun,
    run: async (session, feeds, fetches, count) => {
      runs.push(count);
      const wanted = Object.assign({ ...fetches }, ...stores.map((store) => store.fetches()));
      const results = await session.run(feeds, wanted);
      for (const store of stores) store.accept(results, count);
      return results;
    },
  });
  for (let i = 0; i < 7; i++) await steps.add(feedTensors(types, referenceBatch(SMALL, i)));
  const results = (await steps.drain()).map((data) => data.map((values) => [...values]));
  const values = await Promise.all(stores.map(async (store) => [...(await store.read()).values()].map((v) => [...v])));
  await steps.dispose();
  return { results, values };
}

describe('several steps as one graph', () => {
  it('compute what they compute one by one, to the last bit, and what does not fill a run is run one by one', async () => {
    const alone = await sevenSteps(1);
    runs.length = 0;
    const together = await sevenSteps(3);
    expect(runs).toEqual([3, 3, 1]);
    expect(together.results).toHaveLength(7);
    expect(together).toEqual(alone);
    const losses = together.results.map(([loss]) => loss?.[0]);
    expect(new Set(losses).size).toBe(7);
  });

  it('are refused in numbers that are none', async () => {
    for (const stepsPerRun of [0, 1.5, 1001]) {
      const compiled = compile(({ x }) => tf.square(x as tf.Tensor), { inputs: { x: [1] }, stepsPerRun });
      await expect(compiled).rejects.toThrow(`stepsPerRun: expected an integer from 1 to 1000, got ${stepsPerRun}`);
    }
  });

  it('change nothing on cpu, where each is run as it comes', async () => {
    const step = await compile(({ x }) => tf.square(x), { inputs: { x: [1] }, stepsPerRun: 2 });
    for (const x of [1, 2, 3]) await step.enqueue({ x: Float32Array.of(x) });
    expect((await step.collect()).map((y) => y.dataSync()[0])).toEqual([1, 4, 9]);
    await step.dispose();
  });
});
