import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chooseDevice } from '../../src/compile/runtime/devices';
import { takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { meanImage } from '../../src/data/intensities';
import { tf } from '../../src/tensors';
import { evaluate } from '../../src/vae/evaluation/evaluate';
import { Vae } from '../../src/vae/model';
import { type TrainOptions, train } from '../../src/vae/training/train';
import { hasWebGpu } from '../compile/fixtures/webgpu';
import { expectClose } from './gradients';

const { train: digits, test: others } = syntheticDigits({ train: 100, test: 10, seed: 1 });
const options: TrainOptions = { epochs: 2, batchSize: 25, seed: 1, learningRate: 1e-2, device: 'webgpu' };

let isThere: boolean;
let folder: string;
const made: Vae[] = [];
beforeAll(async () => {
  isThere = await hasWebGpu();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-webgpu-'));
});
afterEach(async () => {
  for (const model of made.splice(0)) model.dispose();
  await rm(folder, { recursive: true });
});

function make(): Vae {
  const prior = { kind: 'gaussian-mixture', components: 3 } as const;
  const model = new Vae({ pixels: 784, latent: 2, hidden: [4], prior, seed: 1, meanImage: meanImage(digits) });
  made.push(model);
  return model;
}

async function trained(more: Partial<TrainOptions> = {}) {
  const model = make();
  const { steps, epochs } = await train(model, digits, { ...options, ...more });
  const weights = [...model.variables.values()].map((variable) => [...variable.dataSync<'float32'>()]);
  return { model, steps, losses: epochs.map(({ loss }) => loss), weights };
}

/** Holds where the device is, and where it is not, that a training there is refused with what is missing. */
function onWebGpu(name: string, check: () => Promise<void>): void {
  it(name, async () => {
    if (isThere) await check();
    else await expect(trained()).rejects.toThrow(/device webgpu does not run here .* Vulkan, Metal or Direct3D/);
  });
}

// A processor that plays a GPU compiles each shader for a tenth of a second.
describe('a training on webgpu', { timeout: 240_000 }, () => {
  onWebGpu('learns what cpu learns, and its model is scored there as on cpu', async () => {
    const [gpu, cpu] = [await trained(), await trained({ device: 'cpu' })];
    expectClose(gpu.losses, cpu.losses, 1e-4);
    const scored = async (device: 'webgpu' | 'cpu') =>
      (await evaluate(gpu.model, takeImages(others, 5), { samples: 4, seed: 1, device })).scores.logLikelihood;
    expectClose([...(await scored('webgpu'))], [...(await scored('cpu'))], 1e-4);
  });

  onWebGpu('gives the same bits however seldom the losses are asked for', async () => {
    const { steps, weights } = await trained();
    const seldom = await trained({ lossEvery: 3 });
    expect(seldom.steps).toEqual(steps);
    expect(seldom.weights).toEqual(weights);
    const together = await trained({ stepsPerRun: 3 });
    expect(together.steps).toEqual(steps);
    expect(together.weights).toEqual(weights);
  });

  onWebGpu('goes on from a checkpoint in the middle of an epoch as if nothing had been', async () => {
    const whole = await trained();
    const abort = new AbortController();
    const checkpoint = { folder, everySteps: 2, resume: true };
    const onStep = ({ step }: { step: number }) => step === 2 && abort.abort();
    await trained({ checkpoint, onStep, signal: abort.signal, lossEvery: 3 });
    const resumed = await trained({ checkpoint, stepsPerRun: 2 });
    expect(resumed.steps.map(({ step }) => step)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(resumed.steps).toEqual(whole.steps.slice(2));
    expect(resumed.weights).toEqual(whole.weights);
  });

  onWebGpu('stops at the step whose loss is no number, and saves nothing of it', async () => {
    const model = make();
    for (const weights of model.variables.values()) weights.assign(tf.mul(weights, 1e8));
    const diverging = { ...options, checkpoint: { folder, everySteps: 1 }, lossEvery: 4 };
    await expect(train(model, digits, diverging)).rejects.toThrow(/^training stopped at step 1 \(epoch 1\): /);
    expect(await readdir(folder)).toEqual([]);
  });

  it('or on whatever auto takes gives the losses of cpu', async () => {
    const { losses } = await trained({ device: 'auto', epochs: 1 });
    expectClose(losses, (await trained({ device: 'cpu', epochs: 1 })).losses, 1e-4);
    expect((await chooseDevice('auto')).reason).toMatch(/webgpu/);
  });
});
