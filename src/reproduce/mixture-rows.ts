import { GaussianMixture } from '../distributions/gaussian-mixture';
import { MultivariateNormal } from '../distributions/multivariate-normal';
import { klBounds } from '../kl/bounds';
import { monteCarloKl } from '../kl/monte-carlo';
import { quadratureKl } from '../kl/quadrature';
import { linspace } from '../math/grid';
import { integrate } from '../math/quadrature';
import { judged, type ReproduceRow } from './row';

interface Component {
  readonly weight: number;
  readonly mean: readonly [number, number];
  /** Σ₁₁, Σ₁₂, Σ₂₂. */
  readonly covariance: readonly [number, number, number];
}

const COMPONENTS: readonly Component[] = [
  { weight: 0.5, mean: [-1.5, 0], covariance: [1, 0.6, 0.8] },
  { weight: 0.3, mean: [2, 1], covariance: [0.5, -0.3, 0.7] },
  { weight: 0.2, mean: [0, -2], covariance: [0.9, 0, 0.3] },
];

const PRIOR = new GaussianMixture(
  COMPONENTS.map(({ weight }) => weight),
  COMPONENTS.map(({ mean, covariance: [a, b, c] }) =>
    MultivariateNormal.full(mean, [
      [a, b],
      [b, c],
    ]),
  ),
);

/** Equation (10) term by term, with the inverse and the determinant of a 2×2 matrix written out. */
function densityBySummation(x: number, y: number): number {
  return COMPONENTS.reduce((sum, { weight, mean, covariance: [a, b, c] }) => {
    const determinant = a * c - b * b;
    const dx = x - mean[0];
    const dy = y - mean[1];
    const distance = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / determinant;
    return sum + (weight * Math.exp(-0.5 * distance)) / (2 * Math.PI * Math.sqrt(determinant));
  }, 0);
}

/** Equation (10): of the numbers that must be 1, the one that is furthest from it. */
export function mixtureDensityRow(): ReproduceRow {
  const tolerance = { absolute: 1e-11, relative: 1e-11 };
  const total = integrate(
    (x) => integrate((y) => Math.exp(PRIOR.logProb([x, y])), [-12, 0, 12], tolerance).value,
    [-12, 0, 12],
    tolerance,
  ).value;
  const ratios = linspace(-5, 5, 21).flatMap((x) =>
    linspace(-5, 5, 21).map((y) => Math.exp(PRIOR.logProb([x, y])) / densityBySummation(x, y)),
  );
  return judged({
    equation: '10',
    claim:
      'The mixture of three full-covariance normals integrates to 1 over the plane and equals the sum over its components at ' +
      '441 points; of that integral and those ratios, the one furthest from 1 is shown.',
    formula: String.raw`p(Z)=\sum_k\pi_k\,\mathcal N(Z|\mu_k,\Sigma_k),\quad\sum_k\pi_k=1`,
    measured: [total, ...ratios].reduce((worst, ratio) => (Math.abs(ratio - 1) > Math.abs(worst - 1) ? ratio : worst)),
    expected: 1,
    tolerance: 1e-10,
  });
}

/** Equation (11). */
export function mixtureEstimateRow(): ReproduceRow {
  const q = MultivariateNormal.diagonal([0.5, -0.4], [0.7, 0.5]);
  const { value, standardError } = monteCarloKl(q, PRIOR, { samples: 500_000, seed: 11 });
  const { lower, upper } = klBounds(q, PRIOR);
  const row = {
    equation: '11',
    claim:
      'The mean of ln q/p over 500,000 draws from q is within 4 standard errors of two-dimensional quadrature, and between ' +
      'the closed-form bounds.',
    formula: String.raw`\mathrm{KL}(q\|p)\approx\frac1N\sum_{i=1}^N\ln\frac{q(z_i|x)}{p(z_i)},\quad z_i\sim q(z|x)`,
    measured: value,
    expected: quadratureKl(q, PRIOR),
    tolerance: 4 * (standardError ?? 0),
  };
  return judged(row, lower <= value && value <= upper);
}
