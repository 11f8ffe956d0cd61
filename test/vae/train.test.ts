import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DataSplit } from '../../src/data/dataset';
import { takeImages } from '../../src/data/dataset';
import { meanImage } from '../../src/data/intensities';
import { tf } from '../../src/tensors';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { DivergenceError, type StepRecord, type TrainOptions, train } from '../../src/vae/training/train';
import { digitsForTests } from '../data/digits-for-tests';
import { expectClose } from './gradients';

let digits: DataSplit;
const made: Vae[] = [];

beforeAll(async () => {
  digits = await digitsForTests(400, 100);
});
afterEach(() => {
  for (const model of made.splice(0)) model.dispose();
});

function make(more: Partial<VaeOptions> = {}): Vae {
  const model = new Vae({
    pixels: 784,
    latent: 2,
    hidden: [16],
    prior: { kind: 'gaussian-mixture', components: 4 },
    seed: 1,
    meanImage: meanImage(digits.train),
    ...more,
  });
  made.push(model);
  return model;
}

const options: TrainOptions = { epochs: 2, batchSize: 50, seed: 1, learningRate: 3e-3 };
const weightsOf = (model: Vae): number[][] => [...model.variables.values()].map((variable) => [...variable.dataSync()]);

describe('training', () => {
  it('lowers the loss with either prior, and reports every step and epoch', async () => {
    for (const prior of [{ kind: 'standard-normal' }, { kind: 'gaussian-mixture', components: 4 }] as const) {
      const steps: StepRecord[] = [];
      const history = await train(make({ prior }), digits.train, {
        ...options,
        epochs: 6,
        learningRate: 1e-2,
        onStep: (record) => void steps.push(record),
      });
      expect(steps).toEqual(history.steps);
      expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual(
        Array.from({ length: 48 }, (_, i) => [i + 1, Math.floor(i / 8) + 1]),
      );
      const losses = history.epochs.map(({ loss }) => loss);
      // The mean image alone costs about 206 nats on MNIST; these few steps take off more than ten.
      expect(losses.at(-1)).toBeLessThan((losses[0] as number) - 10);
      const { loss, reconstruction, kl } = history.epochs[5] as (typeof history.epochs)[0];
      expect(loss).toBeCloseTo(reconstruction + kl, 3);
      expect(history.interrupted).toBe(false);
    }
  });

  it('gives the same history and weights for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const model = make();
      const { steps } = await train(model, digits.train, { ...options, epochs: 1, seed });
      return { steps, weights: weightsOf(model) };
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect((await run(2)).steps).not.toEqual(first.steps);
  });

  it('asks for the losses of several steps at once, with the same history and weights', async () => {
    const run = async (device: 'eager' | 'cpu', lossEvery: number) => {
      const model = make();
      const calls: number[] = [];
      const { steps } = await train(model, digits.train, {
        ...options,
        epochs: 1,
        device,
        lossEvery,
        onStep: ({ step }) => void calls.push(step),
      });
      return { steps, calls, weights: weightsOf(model) };
    };
    for (const device of ['eager', 'cpu'] as const) expect(await run(device, 3)).toEqual(await run(device, 1));
  });

  it('says which step diverged, although its loss was asked for later', async () => {
    const model = make();
    let steps = 0;
    const signal = {
      // Poisons a weight before the second step.
      get aborted() {
        if (++steps === 2) model.variables.get('prior/means')?.assign(tf.fill([4, 2], Number.NaN));
        return false;
      },
    } as unknown as AbortSignal;
    const seen: number[] = [];
    const onStep = ({ step }: StepRecord) => void seen.push(step);
    const failed = train(model, digits.train, { ...options, lossEvery: 4, signal, onStep });
    await expect(failed).rejects.toThrow('training stopped at step 2 (epoch 1): the kl term is NaN');
    expect(seen).toEqual([]);
  });

  it('trains every variable, those of the prior included', async () => {
    const model = make();
    const before = weightsOf(model);
    await train(model, digits.train, { ...options, epochs: 1 });
    const after = weightsOf(model);
    [...model.variables.keys()].forEach((name, i) => {
      expect(after[i], name).not.toEqual(before[i]);
    });
  });

  it('holds the same number of tensors after every step, and none of its own at the end', async () => {
    const model = make();
    const before = tf.memory().numTensors;
    const during: number[] = [];
    await train(model, digits.train, { ...options, onStep: () => void during.push(tf.memory().numTensors) });
    expect(new Set(during).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('raises the weight of the KL term step by step over the warm-up', async () => {
    const { steps } = await train(make(), digits.train, { ...options, warmUpEpochs: 1 });
    const weights = steps.map(({ loss, reconstruction, kl }) => (loss - reconstruction) / kl);
    // float32 losses of about 200 leave the weight of a KL of about 0.5 uncertain by 1e-4.
    weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(Math.min((i + 1) / 8, 1), 2);
    });
  });

  it('goes on from a mixture that EM put in the prior’s place, compiled as well as eagerly', async () => {
    const run = async (device: 'eager' | 'cpu') => {
      const model = make();
      const weights: number[][] = [];
      const onEpoch = () => void weights.push([...model.prior.distribution().weights]);
      const { epochs } = await train(model, digits.train, { ...options, fitPriorAfter: 1, onEpoch, device });
      return { weights, epochs };
    };
    const [eager, compiled] = [await run('eager'), await run('cpu')];
    // Equal weights at the start move by less than 0.01 in eight steps; EM moves them at once.
    expect(Math.max(...(compiled.weights[0] ?? []))).toBeGreaterThan(0.26);
    expectClose(compiled.weights[1] ?? [], eager.weights[1] ?? [], 1e-3);
    const last = ({ epochs }: typeof eager) => [epochs[1]?.reconstruction, epochs[1]?.kl].map(Number);
    expectClose(last(compiled), last(eager), 1e-4);
  });

  it('stops at a loss that is not finite, with the step and the term', async () => {
    const failure = await train(make(), digits.train, { ...options, learningRate: 1e30 }).catch((error) => error);
    expect(failure).toBeInstanceOf(DivergenceError);
    expect(failure.step).toBe(2);
    expect(failure.message).toMatch(
      /^training stopped at step 2 \(epoch 1\): the (reconstruction|kl) term is (NaN|-?Infinity)/,
    );
    // One step an epoch: its loss is finite, and what the update made of the weights is seen by the held-out images first.
    const all = { batchSize: digits.train.count, learningRate: 1e30, validation: digits.test };
    const heldOut = await train(make(), digits.train, { ...options, ...all }).catch((error) => error);
    expect([heldOut.name, heldOut.step, heldOut.term]).toEqual(['DivergenceError', 1, 'held-out']);
    const poisoned = make();
    poisoned.variables.get('prior/means')?.assign(tf.fill([4, 2], Number.NaN));
    await expect(train(poisoned, digits.train, options)).rejects.toThrow('step 1 (epoch 1): the kl term is NaN');
  });

  it('ends after the step during which it was aborted, with what it has so far', async () => {
    const abort = new AbortController();
    const onStep = ({ step }: StepRecord) => {
      if (step === 11) abort.abort();
    };
    const history = await train(make(), digits.train, { ...options, onStep, signal: abort.signal });
    expect(history.steps).toHaveLength(11);
    expect(history.epochs).toHaveLength(1);
    expect(history.interrupted).toBe(true);
  });

  it('refuses options out of range', async () => {
    const model = make();
    const refusal = (more: object) => expect(train(model, digits.train, { ...options, ...more })).rejects;
    await refusal({ epochs: 0 }).toThrow('epochs: expected a positive integer, got 0');
    await refusal({ learningRate: -1 }).toThrow('learningRate: expected a positive number, got -1');
    await refusal({ warmUpEpochs: Number.NaN }).toThrow('warmUpEpochs: expected a number ≥ 0, got NaN');
    await refusal({ batchSize: 401 }).toThrow('batchSize: expected at most 400');
    await refusal({ patience: 0 }).toThrow('patience: expected a positive integer, got 0');
    await refusal({ bound: 'tight' }).toThrow('bound: expected elbo or iwae, got "tight"');
    const few = train(model, takeImages(digits.train, 3), { ...options, batchSize: 3, fitPriorAfter: 1 });
    await expect(few).rejects.toThrow('fitPriorAfter: EM places at most 3 components');
    // Two dimensions, four components: three points each are needed, and there are eleven.
    const full = make({ prior: { kind: 'gaussian-mixture', components: 4, covariance: 'full' } });
    const flat = train(full, takeImages(digits.train, 11), { ...options, batchSize: 3, fitPriorAfter: 1 });
    await expect(flat).rejects.toThrow(
      'at most 3 components with full covariances (11 draws of q(z|x), at least 3 for',
    );
    await refusal({ bound: 'iwae', samples: 3, stickingTheLanding: true }).toThrow(
      'stickingTheLanding: expected false',
    );
    await refusal({ device: 'tpu' }).toThrow('device: expected cpu, webgpu, cuda or auto, got tpu');
    const { train: set } = digits;
    const floats = { ...set, images: Float32Array.from(set.images, (byte) => byte / 200) };
    await expect(train(model, floats, options)).rejects.toThrow(
      /data\.images\[\d+\]: expected an intensity in \[0, 1\], got 1\./,
    );
    await expect(train(model, { ...set, count: 401 }, options)).rejects.toThrow(
      'data.images: expected 401·28·28 numbers',
    );
    await refusal({ validation: { ...set, height: 14 } }).toThrow('validation: expected images of 784 pixels');
    await expect(train(make({ pixels: 100, meanImage: Array(100).fill(0) }), digits.train, options)).rejects.toThrow(
      'data: expected images of 100 pixels for this model, got 28×28',
    );
  });
});
