import { describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
import { gradientNoise } from '../../src/vae/evaluation/gradient-noise';
import { encode } from '../../src/vae/inference';
import { Vae } from '../../src/vae/model';

const images = intensities(syntheticDigits({ train: 6, test: 1, seed: 3 }).train);
const model = new Vae({ pixels: 784, latent: 3, hidden: [12], prior: { kind: 'standard-normal' }, seed: 4 });

describe('the noise of a gradient', () => {
  // −∂ ln p(z)/∂z = z = μ + σε has the variance σ² for N(0, I), and minus the score: z − ε/σ has (σ − 1/σ)².
  it('is what theory says for the KL term against N(0, I)', () => {
    const { stddevs } = encode(model, images);
    const mean = (of: (sigma: number) => number) => stddevs.reduce((sum, s) => sum + of(s), 0) / stddevs.length;
    const { kl, klSticking } = gradientNoise(model, images, { seed: 1, draws: 800 });
    // 18 variances of 800 draws each: their mean is known to √(2/14,400) = 1.2 % (one standard error). At four of them, one seed
    // in 8,000 raises a false alarm; a factor of two or a term left out is off by 50 % and more.
    expect(Math.abs(kl / mean((s) => s * s) - 1)).toBeLessThan(4 * 0.012);
    expect(Math.abs(klSticking / mean((s) => (s - 1 / s) ** 2) - 1)).toBeLessThan(4 * 0.012);
  });

  it('is the same for the same seed, and refuses a single draw', () => {
    expect(gradientNoise(model, images, { seed: 2, draws: 5 })).toEqual(
      gradientNoise(model, images, { seed: 2, draws: 5 }),
    );
    expect(() => gradientNoise(model, images, { seed: 2, draws: 1 })).toThrow('draws: expected an integer ≥ 2, got 1');
  });
});
