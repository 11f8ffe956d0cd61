import { describe, expect, it } from 'vitest';
import { cdf, quantile } from '../../src/distributions/cumulative-distribution';
import { fitGaussianMixture } from '../../src/distributions/fit/fit-gaussian-mixture';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { conditional, marginal } from '../../src/distributions/marginal';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import { klApproximations } from '../../src/kl/approximations';
import { klBounds } from '../../src/kl/bounds';
import { klDivergence } from '../../src/kl/closed-form';
import { closestNormal } from '../../src/kl/closest-normal';
import { logRatioShape } from '../../src/kl/coverage';
import { divergence, divergenceBounds, quadratureDivergence } from '../../src/kl/divergences';
import { entropyBounds } from '../../src/kl/entropy-bounds';
import { estimateDivergence, estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateKl } from '../../src/kl/estimate-kl';
import { estimateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';
import { equalVarianceReduction, softplusExpectation, softplusSeries } from '../../src/kl/softplus-normal';
import { linspace, logspace } from '../../src/math/grid';
import { RandomStream } from '../../src/math/random';

// What a cell of JavaScript can pass, and no type holds back.
type Loose = (...given: unknown[]) => unknown;
const loose = (f: unknown): Loose => f as Loose;
const q = new Normal(0, 1);
const p = new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 2)]);
const plane = new GaussianMixture(
  [0.5, 0.5],
  [0, 1].map((at) => MultivariateNormal.diagonal([at, at], [1, 1])),
);
const draws = { estimator: 'plain', samples: 10, seed: 1 };

describe('what is no distribution is refused by name:', () => {
  it.each<[string, (d: unknown) => unknown]>([
    ['klDivergence', (d) => loose(klDivergence)(d, q)],
    ['klBounds', (d) => loose(klBounds)(q, d)],
    ['klApproximations', (d) => loose(klApproximations)(d, p)],
    ['quadratureKl', (d) => loose(quadratureKl)(d, p)],
    ['quadratureEntropy', (d) => loose(quadratureEntropy)(d)],
    ['monteCarloKl', (d) => loose(monteCarloKl)(d, p, draws)],
    ['estimateKl', (d) => loose(estimateKl)(q, d, draws)],
    ['estimateEntropy', (d) => loose(estimateEntropy)(d, draws)],
    ['estimateDivergence', (d) => loose(estimateDivergence)('jeffreys', d, p, draws)],
    ['estimateKlGradient', (d) => loose(estimateKlGradient)(q, d, { ...draws, estimator: 'score-function' })],
    ['quadratureKlGradient', (d) => loose(quadratureKlGradient)(q, d)],
    ['divergence', (d) => loose(divergence)('kl', d, q)],
    ['divergenceBounds', (d) => loose(divergenceBounds)('jeffreys', q, d)],
    ['quadratureDivergence', (d) => loose(quadratureDivergence)('jensen-shannon', d, q)],
    ['entropyBounds', (d) => loose(entropyBounds)(d)],
    ['closestNormal', (d) => loose(closestNormal)(d, 'p to q')],
    ['closestNormal, start', (d) => loose(closestNormal)(p, 'q to p', d ?? 0)],
    ['equalVarianceReduction', (d) => loose(equalVarianceReduction)(q, d)],
    ['logRatioShape, q', (d) => loose(logRatioShape)(d, p)],
    ['logRatioShape, p', (d) => loose(logRatioShape)(q, d)],
    ['cdf', (d) => loose(cdf)(d, 0)],
    ['quantile', (d) => loose(quantile)(d, 0.5)],
    ['marginal', (d) => loose(marginal)(d, [0])],
    ['conditional', (d) => loose(conditional)(d, [0, null])],
  ])('%s', (_, call) => {
    for (const given of [null, undefined, 3, 'normal', { mean: 0, stddev: 1 }, [q]]) {
      expect(() => call(given)).toThrow(InvalidArgumentError);
      expect(() => call(given)).toThrow(/^(q|p|distribution|start): expected .*, got /);
    }
  });
});

describe('an option or number that is none is refused with what was given, and its type:', () => {
  it.each<[string, () => unknown]>([
    ['options: expected an object, got undefined', () => loose(estimateKl)(q, p)],
    ['options: expected an object, got undefined', () => loose(estimateKlGradient)(q, p)],
    ['options: expected an object, got undefined', () => loose(fitGaussianMixture)([1, 2])],
    ['options: expected an object, got undefined', () => loose(estimateEntropy)(p)],
    ['p: expected two components on the real line, got no mixture', () => loose(equalVarianceReduction)(q, q)],
    ['p: expected two components on the real line, got 2 in 2 dimensions', () => equalVarianceReduction(q, plane)],
    ['p: expected one dimension, got 2', () => logRatioShape(q, plane)],
    ['q: expected a Normal, got one of kind "mixture"', () => loose(logRatioShape)(p, q)],
    ['seed: expected an integer, got "1"', () => loose(estimateKl)(q, p, { ...draws, seed: '1' })],
    ['seed: expected an integer, got undefined', () => loose(RandomStream.of)()],
    ['direction: expected one of q to p, p to q, got "q"', () => loose(closestNormal)(p, 'q')],
    ['name: expected one of kl, jeffreys, jensen-shannon, got "js"', () => loose(divergence)('js', q, q)],
    ['components[0]: expected a Normal or a MultivariateNormal, got null', () => loose(mixed)([null])],
    ['weights: expected a sum of 1 (within 0.000001), got 2; divide each by it', () => loose(mixed)([q, q])],
    ['a: expected a finite number, got NaN', () => softplusExpectation(Number.NaN, 1)],
    ['b: expected a finite number, got "1"', () => loose(softplusExpectation)(0, '1')],
    ['a: expected a finite number, got Infinity', () => softplusSeries(Infinity, 1, 3)],
    ['from: expected a finite number, got NaN', () => linspace(Number.NaN, 1, 3)],
    ['to: expected a finite number, got Infinity', () => logspace(1, Infinity, 3)],
    ['count: expected an integer ≥ 2, got "3"', () => loose(linspace)(0, 1, '3')],
  ])('%s', (message, call) => {
    expect(call).toThrow(InvalidArgumentError);
    expect(call).toThrow(message);
  });
});

function mixed(components: readonly Normal[]): GaussianMixture {
  return new GaussianMixture(
    components.map(() => 1),
    components,
  );
}
