import { afterEach, describe, expect, it } from 'vitest';
import { referenceBatch, referenceVae } from '../../src/bench/reference-vae';
import { compile } from '../../src/compile/compile';
import { chooseDevice } from '../../src/compile/runtime/devices';
import { probe } from '../../src/compile/runtime/probe';
import { tf } from '../../src/tensors';
import { relativeDistance, SMALL, scalarOf } from './fixtures/run';
import { hasWebGpu } from './fixtures/webgpu';

afterEach(() => tf.disposeVariables());

const inputs = { x: [SMALL.batch, SMALL.pixels], eps: [SMALL.batch, SMALL.latent] } as const;

async function losses(device: 'cpu' | 'webgpu', steps: number): Promise<{ curve: number[]; weight: Float32Array }> {
  const vae = referenceVae(SMALL);
  const optimizer = tf.train.adam(1e-2);
  const step = await compile(
    ({ x, eps }) => ({ loss: optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar }),
    { inputs, device },
  );
  const curve: number[] = [];
  for (let i = 0; i < steps; i++) curve.push(scalarOf((await step.run(referenceBatch(SMALL, i))).loss));
  await step.sync();
  await step.dispose();
  return { curve, weight: Float32Array.from(vae.variables['e1/kernel']?.dataSync() ?? []) };
}

/** What one training step with Adam costs. */
async function trainingCosts(device: 'cpu' | 'webgpu') {
  const vae = referenceVae(SMALL);
  const optimizer = tf.train.adam(1e-2);
  const step = await compile(
    ({ x, eps }) => ({ loss: optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar }),
    { inputs, device },
  );
  const measured = { costs: await step.costs(), placed: await step.placement() };
  await step.dispose();
  return measured;
}

/** A step with one variable, by how much of it is placed where. */
async function placement(device: 'cpu' | 'webgpu') {
  const weight = tf.variable(tf.tensor([1, 2, 3, 4], [2, 2]));
  const step = await compile(
    ({ x }) => {
      weight.assign(tf.relu(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)));
      return tf.argMax(weight, 1);
    },
    { inputs: { x: [2, 2] }, device },
  );
  const placed = await step.placement();
  await step.sync();
  await step.dispose();
  return { placed, weight: Array.from(weight.dataSync()) };
}

describe('devices', () => {
  it('tell which operators run where, and keep the state as it was', async () => {
    const { placed, weight } = await placement('cpu');
    expect(Object.keys(placed)).toEqual(['CPUExecutionProvider']);
    expect(placed.CPUExecutionProvider).toMatchObject({ MatMul: 1, Relu: 1, ArgMax: 1 });
    expect(weight).toEqual([1, 2, 3, 4]);
  });

  it('webgpu runs the products on the GPU, by what ONNX Runtime says, or is refused', async () => {
    const found = await probe('webgpu', 16);
    if ('error' in found) {
      await expect(placement('webgpu')).rejects.toThrow(/device webgpu does not run here/);
      return;
    }
    const { placed, weight } = await placement('webgpu');
    expect(placed.WebGpuExecutionProvider).toMatchObject({ MatMul: 1, Relu: 1 });
    expect(weight).toEqual([1, 2, 3, 4]);
  });

  it('cpu is the host, to which nothing has to be launched or copied', async () => {
    const { costs } = await trainingCosts('cpu');
    expect(costs).toEqual({ launches: 0, synchronisations: 0, bytesUp: 0, bytesDown: 0 });
  });

  it('webgpu waits for one read-back a step, uploads batch, noise and two numbers, and runs every operator on the GPU', async () => {
    const found = await probe('webgpu', 16);
    if ('error' in found) {
      await expect(trainingCosts('webgpu')).rejects.toThrow(/device webgpu does not run here/);
      return;
    }
    const { costs, placed } = await trainingCosts('webgpu');
    expect(Object.keys(placed)).toEqual(['WebGpuExecutionProvider']);
    // The whole step with Adam over 15 variables; as traced, Adam alone takes 14 for each of them.
    expect(costs.launches).toBeLessThanOrEqual(190);
    const { batch, pixels, latent } = SMALL;
    const FLOAT = 4;
    expect(costs).toMatchObject({
      synchronisations: 1,
      bytesUp: FLOAT * (batch * pixels + batch * latent + 2),
      bytesDown: FLOAT,
    });
  });

  it('run steps whose results are asked for together, with the same bits as one after the other', async () => {
    for (const device of (await hasWebGpu()) ? (['cpu', 'webgpu'] as const) : (['cpu'] as const)) {
      const total = tf.variable(tf.zeros([2]));
      const step = await compile(
        ({ x }) => {
          total.assign(tf.add(total, x));
          return { total: tf.mul(total, 1), positive: tf.greater(x, 0), last: tf.sum(x) };
        },
        { inputs: { x: [2] }, device },
      );
      for (const x of [1, 2, -3]) await step.enqueue({ x: Float32Array.of(x, 2 * x) });
      const collected = await step.collect();
      expect(
        collected.map(({ total, positive, last }) => [...total.dataSync(), ...positive.dataSync(), ...last.dataSync()]),
      ).toEqual([
        [1, 2, 1, 1, 3],
        [3, 6, 1, 1, 6],
        [0, 0, 0, 0, -9],
      ]);
      expect(await step.collect()).toEqual([]);
      await step.enqueue({ x: Float32Array.of(5, 5) });
      await expect(step.enqueue({ x: Float32Array.of(5) })).rejects.toThrow(/inputs.x: expected f32\[2\]/);
      // Whoever disposes of a step needs none of what it still holds.
      await step.dispose();
    }
  });

  it('webgpu is given several steps at once, which compute what they compute one by one', async () => {
    if (!(await hasWebGpu())) return;
    const curve = async (stepsPerRun: number) => {
      const vae = referenceVae(SMALL);
      const optimizer = tf.train.adam(1e-2);
      const step = await compile(
        ({ x, eps }) => ({ loss: optimizer.minimize(() => vae.loss(x, eps), true) as tf.Scalar }),
        { inputs, device: 'webgpu', stepsPerRun },
      );
      for (let i = 0; i < 7; i++) {
        // Assigned while one step still waits.
        if (i === 4) vae.variables['e1/kernel']?.assign(tf.zeros(vae.variables['e1/kernel'].shape));
        await step.enqueue(referenceBatch(SMALL, i));
      }
      const losses = (await step.collect()).map(({ loss }) => scalarOf(loss));
      await step.sync();
      await step.dispose();
      return [losses, Object.values(vae.variables).map((variable) => [...variable.dataSync()]), optimizer.iterations];
    };
    expect(await curve(3)).toEqual(await curve(1));
  });

  it('auto takes one that works and says why', async () => {
    const { name, reason } = await chooseDevice('auto');
    expect(['cpu', 'webgpu', 'cuda']).toContain(name);
    expect(reason).toMatch(/fastest for a 512×512 matrix product \(cuda.*; webgpu.*; cpu \d/);
  });

  it('cuda is refused with what is missing where its provider is not installed, and runs where it is', async () => {
    const found = await probe('cuda', 16);
    if ('ms' in found) expect((await chooseDevice('cuda')).name).toBe('cuda');
    else await expect(chooseDevice('cuda')).rejects.toThrow(/device cuda does not run here .* CUDA provider/);
  });

  it('webgpu learns what cpu learns, with its state on the device, or is refused with what is missing', async () => {
    const found = await probe('webgpu', 16);
    if ('error' in found) {
      await expect(losses('webgpu', 1)).rejects.toThrow(/device webgpu does not run here .* Vulkan, Metal or Direct3D/);
      return;
    }
    const [gpu, cpu] = [await losses('webgpu', 5), await losses('cpu', 5)];
    expect(relativeDistance(gpu.curve, cpu.curve)).toBeLessThan(1e-4);
    expect(relativeDistance(gpu.weight, cpu.weight)).toBeLessThan(1e-3);
  });
});
