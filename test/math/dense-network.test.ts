import { describe, expect, it } from 'vitest';
import { decode, packDecoder, runPacked, Vae } from '../../src';
import { packAffine } from '../../src/math/dense-network';
import { DENSE_NAMES, DENSE_NETWORKS, type DenseName } from '../vae/dense-networks';

const PIXELS = 30;

const modelOf = (network: DenseName, likelihood: 'bernoulli' | 'gaussian' = 'bernoulli'): Vae =>
  new Vae({
    pixels: PIXELS,
    latent: 3,
    hidden: [20, 12],
    network: DENSE_NETWORKS[network],
    likelihood,
    prior: { kind: 'standard-normal' },
    seed: 5,
  });

describe('a packed decoder', () => {
  it.each(DENSE_NAMES)('makes the images of the model itself, with %s layers', (kind) => {
    const model = modelOf(kind);
    const packed = packDecoder(model);
    for (const z of [
      [0, 0, 0],
      [1.5, -0.3, 2],
      [-4, 3, 0.1],
    ]) {
      const image = runPacked(packed, z);
      const expected = decode(model, z);
      expect(image).toHaveLength(PIXELS);
      for (const [i, pixel] of image.entries()) expect(pixel).toBeCloseTo(expected[i]!, 3);
    }
    model.dispose();
  });

  it('has the means alone where the model has variances, too', () => {
    const model = modelOf('relu', 'gaussian');
    const image = runPacked(packDecoder(model), [0.5, 0.5, 0.5]);
    const expected = decode(model, [0.5, 0.5, 0.5]);
    for (const [i, pixel] of image.entries()) expect(pixel).toBeCloseTo(expected[i]!, 3);
    model.dispose();
  });

  it('takes two bytes a weight', () => {
    const model = modelOf('relu');
    const bytes = packDecoder(model).layers.reduce((sum, { value }) => sum + value.weights.byteLength, 0);
    expect(bytes).toBe(2 * (3 * 12 + 12 * 20 + 20 * PIXELS));
    model.dispose();
  });

  it('refuses what is no point of the latent space', () => {
    const model = modelOf('relu');
    const packed = packDecoder(model);
    expect(() => runPacked(packed, [1, 2])).toThrow('input: expected 3 finite numbers, got 1, 2');
    expect(() => runPacked(packed, [1, 2, Number.NaN])).toThrow('input: expected 3 finite numbers');
    model.dispose();
  });
});

describe('packAffine', () => {
  it('keeps every weight within half a step of its output, and zeros as they are', () => {
    const weights = [0.5, 0, -2, 1e-6, 0.25, 0];
    const { weights: packed, scale, inputs, outputs } = packAffine(weights, [0, 0]);
    expect([inputs, outputs]).toEqual([3, 2]);
    for (const [at, weight] of weights.entries())
      expect(Math.abs(packed[at]! * scale[at % 2]! - weight)).toBeLessThanOrEqual(0.51 * scale[at % 2]!);
    expect(packAffine([0, 0], [1, 1]).weights).toEqual(new Int16Array(2));
  });
});
