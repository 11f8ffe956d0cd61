import { COVARIANCE_SHAPES, type CovarianceType } from './covariance-shapes';

export interface InformationCriteria {
  /** Free parameters p of the mixture: K − 1 weights, K means, and the covariances. */
  readonly parameters: number;
  /** Akaike's criterion 2p − 2ℓ (Akaike 1974), ℓ the log-likelihood of all points in nats. Smaller is better. */
  readonly aic: number;
  /** The Bayesian criterion p ln N − 2ℓ (Schwarz 1978), N the number of points, or the sum of their weights. Smaller is better. */
  readonly bic: number;
}

/** @param logLikelihood mean per point, in nats. @param points N. */
export function informationCriteria(
  logLikelihood: number,
  points: number,
  { components, d, covarianceType }: { components: number; d: number; covarianceType: CovarianceType },
): InformationCriteria {
  const covariances = COVARIANCE_SHAPES[covarianceType].parameters(components, d);
  const parameters = components - 1 + components * d + covariances;
  const total = logLikelihood * points;
  return { parameters, aic: 2 * parameters - 2 * total, bic: parameters * Math.log(points) - 2 * total };
}
