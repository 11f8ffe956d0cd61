import { describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { quadratureKl } from '../../src/kl/quadrature';
import { aggregatedPosterior, elboSurgery } from '../../src/vae/evaluation/surgery';
import { encode } from '../../src/vae/inference';
import { Vae } from '../../src/vae/model';

const images = intensities(syntheticDigits({ train: 8, test: 1, seed: 3 }).train);
const model = new Vae({ pixels: 784, latent: 1, hidden: [12], prior: { kind: 'standard-normal' }, seed: 4 });

describe('ELBO surgery', () => {
  it('splits the mean KL term into the information in the code and the distance of the aggregated posterior', () => {
    const { kl, mutualInformation, marginalKl } = elboSurgery(model, images, { seed: 1 });
    expect(mutualInformation + marginalKl).toBeCloseTo(kl, 12);
  });

  it('agrees with quadrature in one dimension, within four standard errors (false alarm: one in 16,000)', () => {
    const { marginalKl, standardError, images: count } = elboSurgery(model, images, { seed: 1, draws: 4000 });
    const aggregated = aggregatedPosterior(encode(model, images), 1);
    const exact = quadratureKl(aggregated, MultivariateNormal.diagonal([0], [1]));
    expect(count).toBe(8);
    expect(Math.abs(marginalKl - exact)).toBeLessThan(4 * standardError!);
  });

  it('finds no more information in a code than the number of images allows', () => {
    const { mutualInformation } = elboSurgery(model, images, { seed: 1, draws: 2000 });
    expect(mutualInformation).toBeGreaterThan(0);
    expect(mutualInformation).toBeLessThanOrEqual(Math.log(8));
  });

  it('is the same for the same seed', () => {
    expect(elboSurgery(model, images, { seed: 9 })).toEqual(elboSurgery(model, images, { seed: 9 }));
  });
});

it('the aggregated posterior is the mean of the posteriors, with one component for each image', () => {
  const aggregated = aggregatedPosterior(
    { means: Float32Array.of(0, 1, 2, 3), stddevs: Float32Array.of(1, 2, 0.5, 1) },
    2,
  );
  const parts = [MultivariateNormal.diagonal([0, 1], [1, 2]), MultivariateNormal.diagonal([2, 3], [0.5, 1])];
  const mean = parts.reduce((sum, part) => sum + Math.exp(part.logProb([1, 1])), 0) / 2;
  expect(Math.exp(aggregated.logProb([1, 1]))).toBeCloseTo(mean, 14);
});
