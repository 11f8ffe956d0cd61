import { expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { fromPortable, toPortable } from '../../src/distributions/portable';

const full = MultivariateNormal.full([0.1, 0.2], [1, 1 / 3, 1 / 3, 2]);
const diagonal = MultivariateNormal.diagonal([1, 2], [1 / 3, 0.7]);
it.each([
  ['a normal', new Normal(0.1, 1 / 3)],
  ['a diagonal normal', diagonal],
  ['a full normal', full],
  ['a mixture whose weights are normalised', new GaussianMixture([1 / 3, 2 / 3 + 1e-7], [full, diagonal])],
])('a trip between threads gives %s again, in every bit of every field', (_, distribution) => {
  const travelled = structuredClone(toPortable(distribution));
  expect(fromPortable(travelled)).toEqual(distribution);
});
