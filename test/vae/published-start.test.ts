import { afterEach, describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { tf } from '../../src/tensors';
import { Vae } from '../../src/vae/model';
import { noisePseudoInputs } from '../../src/vae/priors/pseudo-inputs';
import { type TrainOptions, train } from '../../src/vae/training/train';

afterEach(() => tf.disposeVariables());

/** Mean and variance. */
function spread(values: ArrayLike<number>): { mean: number; variance: number; largest: number } {
  const all = Array.from(values);
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
  return { mean, variance, largest: all.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
}

describe('the start of the published experiments', () => {
  it('has variance 2/inputs in every layer, the outputs too, and biases uniform within ±1/√inputs, whatever the mean image', () => {
    const model = new Vae({
      pixels: 784,
      latent: 40,
      hidden: [300, 300],
      network: { kind: 'gated' },
      initialiser: 'he-everywhere',
      prior: { kind: 'standard-normal' },
      seed: 1,
      meanImage: Array(784).fill(0.9),
    });
    const layers = [...model.variables.keys()].filter((name) => name.endsWith('/kernel'));
    expect(layers).toHaveLength(10);
    for (const name of layers) {
      const kernel = model.variables.get(name) as tf.Variable;
      const inputs = kernel.shape[0] as number;
      const { variance } = spread(kernel.dataSync());
      // The smallest kernel has 12,000 draws: a relative standard error of √(2/12000) = 1.3 %; six of them.
      expect(variance * inputs, name).toBeGreaterThan(2 * 0.92);
      expect(variance * inputs, name).toBeLessThan(2 * 1.08);
      const bias = spread((model.variables.get(name.replace('kernel', 'bias')) as tf.Variable).dataSync());
      expect(bias.largest * Math.sqrt(inputs), name).toBeLessThanOrEqual(1);
      // The largest of 80 draws or more is beyond 0.8 but once in 0.8⁻⁸⁰ = 6e7 seeds.
      expect(bias.largest * Math.sqrt(inputs), name).toBeGreaterThan(0.8);
      expect(Math.abs(bias.mean) * Math.sqrt(inputs), name).toBeLessThan(0.3);
    }
  });

  it('has nearly black pseudo-inputs, 0.05 ± 0.01', () => {
    const { mean, variance } = spread(noisePseudoInputs(784, 20, 1));
    // 15,680 draws: standard errors 8e-5 and, of the standard deviation, 6e-5; six of each.
    expect(Math.abs(mean - 0.05)).toBeLessThan(5e-4);
    expect(Math.abs(Math.sqrt(variance) - 0.01)).toBeLessThan(4e-4);
    expect(noisePseudoInputs(784, 20, 1)).toEqual(noisePseudoInputs(784, 20, 1));
    expect(noisePseudoInputs(784, 20, 2)).not.toEqual(noisePseudoInputs(784, 20, 1));
  });
});

describe('early stopping', () => {
  /** The epoch after which it ends, from the losses alone: a counter, as the published loop has it. */
  function endByCounting(losses: readonly number[], patience: number, warmUp: number): number {
    let [best, without] = [Number.POSITIVE_INFINITY, 0];
    for (const [i, loss] of losses.entries()) {
      if (loss < best) [best, without] = [loss, 0];
      else if (i + 1 > warmUp) without++;
      if (without === patience) return i + 1;
    }
    return losses.length;
  }

  it.each([
    { patience: 1, warmUpEpochs: 0 },
    { patience: 3, warmUpEpochs: 0 },
    { patience: 2, warmUpEpochs: 8 },
  ])('ends at the epoch that a count over the held-out losses says: %o', async ({ patience, warmUpEpochs }) => {
    const digits = syntheticDigits({ train: 100, test: 60, seed: 1 });
    const model = () => new Vae({ pixels: 784, latent: 2, hidden: [64], prior: { kind: 'standard-normal' }, seed: 1 });
    // A hundred images are soon learned by heart, after which the others get worse.
    const options: TrainOptions = {
      epochs: 40,
      batchSize: 20,
      seed: 1,
      learningRate: 1e-2,
      optimizer: 'adam-norm-grad',
      warmUpEpochs,
      validation: digits.test,
      threads: 1,
    };
    const all = await train(model(), digits.train, options);
    const losses = all.epochs.map(({ validation }) => validation as number);
    const expected = endByCounting(losses, patience, warmUpEpochs);
    expect(expected).toBeLessThan(40);
    expect(expected).toBeGreaterThan(warmUpEpochs);
    const stopped = await train(model(), digits.train, { ...options, patience });
    expect(stopped.ended).toBe('early');
    expect(stopped.epochs.map(({ validation }) => validation)).toEqual(losses.slice(0, expected));
  });
});
