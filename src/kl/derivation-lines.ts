import { gaussHermite } from '../math/gauss-hermite';
import { integrate } from '../math/quadrature';
import { nth } from '../nth';

/** Equations (1) to (9): the nine lines from the integral to the closed form. */
export type DerivationLine = '(1)' | '(2)' | '(3)' | '(4)' | '(5)' | '(6)' | '(7)' | '(8)' | '(9)';

export interface Evaluation {
  /** How this line is evaluated. */
  readonly route: string;
  /** KL(N(μ, σ²)‖N(0, 1)) in nats, computed from what the line says and from nothing else. */
  readonly evaluate: (mu: number, sigma: number) => number;
}

const RULE = gaussHermite(16);
/** The standard deviations of q beyond which its mass, 1e-19, is below the last bit of any result. */
const REACH = 9;

/** E[f(Z)], Z ~ N(μ, σ²), by Gauss–Hermite quadrature. */
function expectation(mu: number, sigma: number, f: (z: number) => number): number {
  let sum = 0;
  RULE.nodes.forEach((u, i) => {
    sum += nth(RULE.weights, i) * f(mu + sigma * u);
  });
  return sum;
}

/** ∫ f(z) dz over all z that N(μ, σ²) reaches, adaptively. */
function integral(mu: number, sigma: number, f: (z: number) => number): number {
  const breakpoints = [-REACH, -4, -1, 0, 1, 4, REACH].map((u) => mu + sigma * u);
  return integrate(f, breakpoints, { absolute: 1e-13, relative: 1e-13 }).value;
}

/** N(z; μ, σ²), the density itself. */
function density(z: number, mu: number, sigma: number): number {
  return Math.exp(-0.5 * ((z - mu) / sigma) ** 2) / Math.sqrt(2 * Math.PI * sigma ** 2);
}

const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/** Each line by a route of its own. */
export const LINES: { readonly [Line in DerivationLine]: Evaluation } = {
  '(1)': {
    route: 'adaptive quadrature of q ln(q/p), in log space',
    evaluate: (mu, sigma) =>
      integral(mu, sigma, (z) => {
        const lnQ = -0.5 * ((z - mu) / sigma) ** 2 - Math.log(sigma) - LOG_SQRT_TWO_PI;
        const lnP = -0.5 * z * z - LOG_SQRT_TWO_PI;
        return Math.exp(lnQ) * (lnQ - lnP);
      }),
  },
  '(2)': {
    route: 'adaptive quadrature with the densities inserted',
    evaluate: (mu, sigma) =>
      integral(mu, sigma, (z) => density(z, mu, sigma) * Math.log(density(z, mu, sigma) / density(z, 0, 1))),
  },
  '(3)': {
    route: 'Gauss–Hermite expectation of the log-ratio of densities',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) => Math.log(density(z, mu, sigma)) - Math.log(density(z, 0, 1))),
  },
  '(4)': {
    route: 'Gauss–Hermite expectation, densities written out',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) =>
        Math.log(
          ((1 / Math.sqrt(2 * Math.PI * sigma ** 2)) * Math.exp(-0.5 * ((z - mu) / sigma) ** 2)) /
            ((1 / Math.sqrt(2 * Math.PI)) * Math.exp(-0.5 * z ** 2)),
        ),
      ),
  },
  '(5)': {
    route: 'Gauss–Hermite expectation of three terms',
    evaluate: (mu, sigma) =>
      expectation(mu, sigma, (z) => 0.5 * Math.log(1 / sigma ** 2) - 0.5 * ((z - mu) / sigma) ** 2 + 0.5 * z ** 2),
  },
  '(6)': {
    route: 'the same with ½ in front',
    evaluate: (mu, sigma) =>
      0.5 * expectation(mu, sigma, (z) => Math.log(1 / sigma ** 2) - ((z - mu) / sigma) ** 2 + z ** 2),
  },
  '(7)': {
    route: 'the two moments by adaptive quadrature',
    evaluate: (mu, sigma) => {
      const variance = integral(mu, sigma, (z) => density(z, mu, sigma) * (z - mu) ** 2);
      const square = integral(mu, sigma, (z) => density(z, mu, sigma) * z ** 2);
      return 0.5 * (Math.log(1 / sigma ** 2) - variance / sigma ** 2 + square);
    },
  },
  '(8)': {
    route: 'the two moments by name',
    evaluate: (mu, sigma) => {
      const variance = sigma ** 2;
      const square = mu ** 2 + sigma ** 2;
      return 0.5 * (Math.log(1 / sigma ** 2) - variance / sigma ** 2 + square);
    },
  },
  '(9)': {
    route: 'the closed form',
    evaluate: (mu, sigma) => 0.5 * (-Math.log(sigma ** 2) - 1 + mu ** 2 + sigma ** 2),
  },
};
