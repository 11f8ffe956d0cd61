import { describe, expect, it, vi } from 'vitest';
import { RandomStream } from '../../src/math/random';
import { tf } from '../../src/tensors';
import { negativeBound } from '../../src/vae/elbo';
import { importanceScores } from '../../src/vae/evaluation/importance';
import { Vae } from '../../src/vae/model';
import { HeldOut } from '../../src/vae/training/validation';

const PIXELS = 4;
const images = Uint8Array.from({ length: 7 * PIXELS }, (_, i) => (i * 37) % 256);
const seven = { name: 'seven images', count: 7, height: 2, width: 2, images, labels: new Uint8Array(7) };

function make(): Vae {
  const prior = { kind: 'gaussian-mixture', components: 3 } as const;
  return new Vae({
    pixels: PIXELS,
    latent: 2,
    hidden: [5],
    network: { kind: 'dense', activation: 'tanh' },
    prior,
    seed: 3,
  });
}

function pixelsOf({ images: bytes, count }: typeof seven): tf.Tensor2D {
  return tf.tensor2d(
    Float32Array.from(bytes, (byte) => byte / 255),
    [count, PIXELS],
  );
}

describe('the held-out images', () => {
  it('have the mean bound of all of them, also where the last batch is smaller', async () => {
    const model = make();
    const shared = { seed: 1, device: 'cpu', threads: 1 } as const;
    // 200 samples make batches of two images: the last has one.
    const heldOut = await HeldOut.create(model, seven, {
      ...shared,
      binarisation: 'none',
      bound: 'iwae',
      samples: 200,
    });
    const loss = await heldOut.loss();
    const { logLikelihood } = await importanceScores(model, seven, {
      ...shared,
      binarisation: 'none',
      samples: 20_000,
    });
    const expected = -logLikelihood.reduce((sum, value) => sum + value, 0) / 7;
    // 1,400 weights whose relative standard deviation is 0.8 here: five standard errors are 0.11. One image more or less would be 0.4.
    expect(Math.abs(loss - expected)).toBeLessThan(0.11);
    await heldOut.dispose();
    model.dispose();
  });

  it.each(['eager', 'cpu'] as const)(
    'encode pseudo-inputs once for all batches, and again once the model has changed: %s',
    async (device) => {
      const prior = { kind: 'vamp', components: 5 } as const;
      const model = new Vae({ pixels: PIXELS, latent: 2, hidden: [5], prior, seed: 3 });
      const options = { seed: 1, device, threads: 1, binarisation: 'none', bound: 'iwae', samples: 200 } as const;
      const noise = new Float32Array(200 * 7 * 2);
      RandomStream.of(1, 'vae/held-out/noise').fillNormal(noise);
      // Batches of two images.
      const heldOut = await HeldOut.create(model, seven, options);
      const apply = vi.spyOn(model.networks.encoder, 'apply');
      for (const scale of [1, 3]) {
        for (const weights of model.variables.values()) weights.assign(tf.mul(weights, scale));
        apply.mockClear();
        const loss = await heldOut.loss();
        // Compiled, nothing is called again.
        expect(apply.mock.calls.map(([x]) => x.shape[0])).toEqual(device === 'eager' ? [5, 2, 2, 2, 2] : []);
        const inputs = { x: pixelsOf(seven), noise: tf.tensor3d(noise, [200, 7, 2]) };
        const expected = tf.tidy(() => tf.mean(negativeBound(model, inputs, 'iwae')).dataSync()[0]!);
        expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-5);
        tf.dispose({ ...inputs });
      }
      await heldOut.dispose();
      model.dispose();
    },
  );

  it('let signals in while they are scored, on every device', async () => {
    const many = { ...seven, count: 1400, images: new Uint8Array(1400 * PIXELS), labels: new Uint8Array(1400) };
    for (const device of ['eager', 'cpu'] as const) {
      const model = make();
      const options = { seed: 1, device, threads: 1, binarisation: 'fixed', bound: 'elbo', samples: 1 } as const;
      const heldOut = await HeldOut.create(model, many, options);
      let heard = false;
      setImmediate(() => {
        heard = true;
      });
      await heldOut.loss();
      expect(heard, device).toBe(true);
      await heldOut.dispose();
      model.dispose();
    }
  });
});
