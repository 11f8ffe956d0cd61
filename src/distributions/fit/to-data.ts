import { InvalidArgumentError } from '../../errors';
import { nth } from '../../nth';
import { GaussianMixture } from '../gaussian-mixture';
import { type Gaussian, MultivariateNormal, meanOf, stddevOf } from '../multivariate-normal';
import { Normal } from '../normal';
import type { Covariance } from './covariance-shapes';
import type { Estimate } from './estimate';
import { type Coordinates, timesPowerOf2 } from './standardise';

/**
 * The mixture in the data's coordinates, with the data's event shape.
 * @param full whether the components are full normals, also in one dimension.
 * @throws InvalidArgumentError where float64 cannot hold its covariances.
 */
export function toData(
  { weights, means, covariances }: Estimate,
  coordinates: Coordinates,
  full: boolean,
): GaussianMixture {
  const { d, scalar, exponent, centre, scale } = coordinates;
  const normal = ({ entries }: Covariance, k: number): Gaussian => {
    const mean = centre.map((c, j) => timesPowerOf2(c + nth(scale, j) * nth(means, k * d + j), nth(exponent, j)));
    if (full && !scalar) return MultivariateNormal.full(mean, covarianceInData(entries, coordinates));
    const stddev = scale.map((s, j) => timesPowerOf2(s * Math.sqrt(nth(entries, j)), nth(exponent, j)));
    return scalar ? new Normal(nth(mean, 0), nth(stddev, 0)) : MultivariateNormal.diagonal(mean, stddev);
  };
  return new GaussianMixture(weights, covariances.map(normal));
}

/** The share below which a variance has lost digits. */
const SMALLEST_NORMAL = 2 ** -1022;

function covarianceInData(entries: Float64Array, { d, exponent, scale }: Coordinates): Float64Array {
  return entries.map((entry, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    const moved = timesPowerOf2(entry * nth(scale, i) * nth(scale, j), nth(exponent, i) + nth(exponent, j));
    if (i === j && !(moved >= SMALLEST_NORMAL && moved < Infinity)) {
      const problem = `expected values whose covariances float64 can hold, got a standard deviation of 10^${Math.round(0.5 * Math.log10(entry) + Math.log10(nth(scale, i)) + nth(exponent, i) * Math.log10(2))} in dimension ${i}: change the unit, or take covarianceType 'diagonal'`;
      throw new InvalidArgumentError('data', problem);
    }
    return moved;
  });
}

/** A mixture to begin with, in the coordinates of the fit. @throws InvalidArgumentError when it has another K or shape. */
export function fromData(mixture: GaussianMixture, components: number, coordinates: Coordinates): Estimate {
  const { d, scalar, exponent, centre, scale } = coordinates;
  const shape = scalar ? [] : [d];
  if (!(mixture instanceof GaussianMixture)) throw new InvalidArgumentError('warmStart', 'expected a GaussianMixture');
  const given = mixture.components;
  if (given.length !== components || String(mixture.eventShape) !== String(shape)) {
    const problem = `expected ${components} components of event shape [${shape}] like the data, got ${given.length} of [${mixture.eventShape}]`;
    throw new InvalidArgumentError('warmStart', problem);
  }
  const matrix = given.some(({ kind }) => kind === 'full');
  const means = given.flatMap((g) =>
    Array.from(meanOf(g), (x, j) => (timesPowerOf2(x, -nth(exponent, j)) - nth(centre, j)) / nth(scale, j)),
  );
  const covariances = given.map((g) => {
    const stddev = stddevOf(g);
    if (!matrix && stddev) {
      return {
        entries: stddev.map((s, j) => (timesPowerOf2(s, -nth(exponent, j)) / nth(scale, j)) ** 2),
        floored: false,
      };
    }
    const entries = Float64Array.from(g.covarianceMatrix(), (entry, at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      return timesPowerOf2(entry, -nth(exponent, i) - nth(exponent, j)) / nth(scale, i) / nth(scale, j);
    });
    return { entries, floored: false };
  });
  return { weights: mixture.weights, means: Float64Array.from(means), covariances, matrix };
}
