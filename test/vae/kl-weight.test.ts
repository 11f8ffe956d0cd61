import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelledImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { tf } from '../../src/tensors';
import { objective } from '../../src/vae/elbo';
import { Vae } from '../../src/vae/model';
import { klWeightAt } from '../../src/vae/training/kl-weight';
import { type TrainOptions, train } from '../../src/vae/training/train';

let digits: LabelledImages;
beforeAll(() => {
  digits = syntheticDigits({ train: 100, test: 1, seed: 1 }).train;
});

const make = (): Vae =>
  new Vae({ pixels: 784, latent: 2, hidden: [6], prior: { kind: 'gaussian-mixture', components: 2 }, seed: 3 });

const options: TrainOptions = { epochs: 2, batchSize: 20, seed: 1, threads: 1 };

async function history(more: Partial<TrainOptions>) {
  const model = make();
  try {
    return (await train(model, digits, { ...options, ...more })).steps;
  } finally {
    model.dispose();
  }
}

describe('the weight of the KL term', () => {
  const flat = { beta: 1, warmUpEpochs: 0, klCycleEpochs: 0 };
  const weights = (schedule: object, steps: number) =>
    Array.from({ length: steps }, (_, i) => klWeightAt(i + 1, 4, { ...flat, ...schedule }));

  it('is β from the start, or rises to it step by step', () => {
    expect(weights({ beta: 3 }, 3)).toEqual([3, 3, 3]);
    expect(weights({ beta: 2, warmUpEpochs: 1 }, 6)).toEqual([0.5, 1, 1.5, 2, 2, 2]);
  });

  it('rises over the first half of each cycle and begins anew', () => {
    expect(weights({ klCycleEpochs: 2 }, 18)).toEqual([
      ...[0.25, 0.5, 0.75, 1, 1, 1, 1, 1],
      ...[0.25, 0.5, 0.75, 1, 1, 1, 1, 1],
      ...[0.25, 0.5],
    ]);
  });

  it('is what a training’s loss is made with', async () => {
    for (const more of [{ beta: 4 }, { klCycleEpochs: 1 }, { beta: 0.5, warmUpEpochs: 1 }]) {
      (await history(more)).forEach(({ step, loss, reconstruction, kl }) => {
        const weight = klWeightAt(step, 5, { ...flat, ...more });
        expect(loss).toBeCloseTo(reconstruction + weight * kl, 2);
      });
    }
  });
});

describe('free bits', () => {
  it('take the larger of the KL and what is free, and leave the KL no gradient below it', () => {
    const model = make();
    const inputs = {
      x: tf.tensor2d(
        Float32Array.from(digits.images.subarray(0, 784 * 10), (byte) => byte / 255),
        [10, 784],
      ),
      noise: tf.randomNormal<tf.Rank.R3>([1, 10, 2], 0, 1, 'float32', 5),
      klWeight: tf.scalar(2),
    };
    const at = (freeBits: number) => {
      const { loss, reconstruction, kl } = objective(model, inputs, { freeBits });
      return [loss, reconstruction, kl].map((part) => part.dataSync()[0] as number) as [number, number, number];
    };
    const [, reconstruction, kl] = at(0);
    expect(at(kl + 3)[0]).toBeCloseTo(reconstruction + 2 * (kl + 3), 3);
    expect(at(kl - 0.01)[0]).toBeCloseTo(reconstruction + 2 * kl, 3);
    const priorSlope = (freeBits: number): number => {
      const variables = [...model.prior.variables.values()];
      const { grads } = tf.variableGrads(() => objective(model, inputs, { freeBits }).loss, variables);
      return Math.max(...Object.values(grads).flatMap((grad) => [...grad.dataSync()].map(Math.abs)));
    };
    // The prior is in the KL term alone.
    expect(priorSlope(0)).toBeGreaterThan(1e-3);
    expect(priorSlope(kl + 3)).toBe(0);
    model.dispose();
  });

  it('train compiled as they do eagerly, and keep the KL from falling below them', async () => {
    const compiled = await history({ freeBits: 8 });
    const eager = await history({ freeBits: 8, device: 'eager' });
    compiled.forEach(({ loss }, i) => {
      expect(loss / (eager[i]?.loss as number)).toBeCloseTo(1, 4);
    });
    const longer = { epochs: 30, learningRate: 0.01 };
    const last = (steps: readonly { kl: number }[]) => steps.slice(-10).reduce((sum, { kl }) => sum + kl / 10, 0);
    const [free, paid] = [
      last(await history({ ...longer, freeBits: 6, beta: 20 })),
      last(await history({ ...longer, beta: 20 })),
    ];
    expect(paid).toBeLessThan(3);
    expect(free).toBeGreaterThan(3);
  });
});

describe('options that do not go together', () => {
  it('are refused by name', async () => {
    const refusal = (more: Partial<TrainOptions>) => expect(history(more)).rejects;
    await refusal({ beta: -1 }).toThrow('beta: expected a number ≥ 0, got -1');
    await refusal({ freeBits: Number.NaN }).toThrow('freeBits: expected a number ≥ 0, got NaN');
    await refusal({ klCycleEpochs: 1, warmUpEpochs: 2 }).toThrow(
      'klCycleEpochs: expected 0 beside a warm-up of 2 epochs',
    );
    await refusal({ freeBits: 1, bound: 'iwae', samples: 3 }).toThrow('freeBits: expected 0 with bound iwae');
  });
});
