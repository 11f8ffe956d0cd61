import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { NoClosedFormError } from '../../src/distributions/no-closed-form';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import { Moments } from '../../src/math/moments';
import { integrate } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';

const correlated = [
  [1, 0.6],
  [0.6, 0.8],
];

describe('GaussianMixture', () => {
  it('sums over dimensions before components: −19.84 between two modes at (±3, ±3), not −3.22 (rule 1)', () => {
    const modes = [MultivariateNormal.diagonal([3, 3], [1, 1]), MultivariateNormal.diagonal([-3, -3], [1, 1])];
    const mixture = new GaussianMixture([0.5, 0.5], modes);
    // Both components are 18 below their peak of −ln 2π; a log-sum-exp per dimension would give 2·ln(½·0.3989…) = −3.22.
    expect(mixture.logProb([3, -3])).toBeCloseTo(-Math.log(2 * Math.PI) - 18, 12);
    expect(mixture.logProb([3, -3])).toBeCloseTo(-19.84, 2);
  });

  it('stays finite and exact with components 60 σ apart (rule 2)', () => {
    const mixture = new GaussianMixture([0.25, 0.75], [new Normal(-30, 1), new Normal(30, 1)]);
    const one = new Normal(0, 1);
    expect(mixture.logProb(-30)).toBeCloseTo(Math.log(0.25) + one.logProb(0), 14);
    expect(mixture.logProb(0)).toBeCloseTo(one.logProb(30), 11);
    expect(mixture.logProb(1e3)).toBeCloseTo(Math.log(0.75) + one.logProb(970), 8);
    expect([...mixture.responsibilities(1000)]).toEqual([0, 1]);
  });

  it('equals the sum of its components’ densities, whatever their covariances', () => {
    const components = [
      MultivariateNormal.full([0, 1], correlated),
      MultivariateNormal.diagonal([2, -1], [0.5, 1.5]),
      MultivariateNormal.full([-1, -1], [0.3, 0.1, 0.1, 0.2]),
    ];
    const weights = [0.2, 0.5, 0.3];
    const mixture = new GaussianMixture(weights, components);
    const diagonal = new GaussianMixture([0.4, 0.6], [components[1]!, MultivariateNormal.diagonal([0, 0], [1, 2])]);
    for (const z of [
      [0, 0],
      [2, -1],
      [-3, 4],
    ]) {
      const sum = components.reduce((total, c, k) => total + weights[k]! * Math.exp(c.logProb(z)), 0);
      expect(Math.exp(mixture.logProb(z)) / sum).toBeCloseTo(1, 13);
      const packed = 0.4 * Math.exp(components[1]!.logProb(z)) + 0.6 * Math.exp(diagonal.components[1]!.logProb(z));
      expect(Math.exp(diagonal.logProb(z)) / packed).toBeCloseTo(1, 13);
    }
  });

  it('integrates to one (equation 10)', () => {
    const mixture = new GaussianMixture([0.1, 0.9], [new Normal(-2, 0.1), new Normal(1, 1)]);
    expect(integrate((z) => Math.exp(mixture.logProb(z)), [-12, -2, 1, 12]).value).toBeCloseTo(1, 10);
  });

  it('has responsibilities that are the joint over the marginal and sum to one', () => {
    const mixture = new GaussianMixture([0.25, 0.75], [new Normal(0, 1), new Normal(2, 0.5)]);
    const joint = mixture.components.map((c, k) => mixture.weights[k]! * Math.exp(c.logProb(1)));
    const [first, second] = mixture.responsibilities(1);
    expect(first).toBeCloseTo(joint[0]! / (joint[0]! + joint[1]!), 14);
    expect(first! + second!).toBeCloseTo(1, 15);
    expect(() => mixture.responsibilities(Infinity)).toThrow('z: expected a point where some component has a density');
  });

  it('has the mean and covariance worked out by hand, and samples that have them', () => {
    // Means ∓1 with weights ¼, ¾: mean ½, variance ¼·1 + ¾·4 + ¼·¾·2² = 4.
    const mixture = new GaussianMixture([0.25, 0.75], [new Normal(-1, 1), new Normal(1, 2)]);
    expect([...mixture.meanVector()]).toEqual([0.5]);
    expect(mixture.covarianceMatrix()[0]).toBeCloseTo(4, 14);
    const stream = RandomStream.of(31, 'test');
    const [value, square] = [new Moments(), new Moments()];
    for (let i = 0; i < 50_000; i++) {
      const z = mixture.sample(stream)[0]!;
      value.push(z);
      square.push((z - 0.5) ** 2);
    }
    // Fixed seed; over random ones each would fail once in 16,000.
    expect(Math.abs(value.mean - 0.5)).toBeLessThan(4 * value.standardError!);
    expect(Math.abs(square.mean - 4)).toBeLessThan(4 * square.standardError!);
  });

  it('has the covariance of what has weight, beside a component whose square no float holds', () => {
    const covariance = new GaussianMixture([1, 0], [new Normal(0, 2), new Normal(0, 1e200)]).covarianceMatrix();
    expect([...covariance]).toEqual([4]);
  });

  it('shows standard deviations whose squares no float holds', () => {
    for (const sigma of [1e-200, 1e200]) {
      expect(new Normal(0, sigma)[display]()['text/plain']).toContain(String(sigma));
      expect(MultivariateNormal.diagonal([0], [sigma])[display]()['text/plain']).toContain(String(sigma));
    }
  });

  it('never draws a component of weight zero', () => {
    const mixture = new GaussianMixture([0, 1, 0], [new Normal(-100, 1), new Normal(0, 1), new Normal(100, 1)]);
    const stream = RandomStream.of(1, 'test');
    const far = Array.from({ length: 1000 }, () => mixture.sample(stream)[0]!).filter((z) => Math.abs(z) > 50);
    expect(far).toEqual([]);
    expect(mixture.logProb(0)).toBe(new Normal(0, 1).logProb(0));
  });

  it('normalises weights that sum to 1 ± 1e-9, and refuses ones that are further off', () => {
    const components = [new Normal(0, 1), new Normal(1, 1)];
    const sums = new GaussianMixture([0.5, 0.5 + 1e-9], components).weights.reduce((sum, w) => sum + w, 0);
    expect(sums).toBeCloseTo(1, 15);
    expect(() => new GaussianMixture([0.5, 0.51], components)).toThrow('weights: expected a sum of 1 (within');
  });

  it('takes 500 components in 64 dimensions', () => {
    const components = Array.from({ length: 500 }, (_, k) =>
      MultivariateNormal.diagonal(new Float64Array(64).fill(k), new Float64Array(64).fill(0.1)),
    );
    const mixture = new GaussianMixture(new Float64Array(500).fill(1 / 500), components);
    const expected = components[7]!.logProb(new Float64Array(64).fill(7)) - Math.log(500);
    expect(mixture.logProb(new Float64Array(64).fill(7))).toBeCloseTo(expected, 10);
  });

  it('has an entropy only as one normal written as many', () => {
    const [a, b] = [new Normal(1, 2), new Normal(1, 2)];
    expect(new GaussianMixture([0.3, 0.7], [a, b]).entropy()).toBe(a.entropy());
    expect(new GaussianMixture([0, 1], [new Normal(5, 1), a]).entropy()).toBe(a.entropy());
    const genuine = new GaussianMixture([0.3, 0.7], [a, new Normal(0, 2)]);
    expect(() => genuine.entropy()).toThrow(NoClosedFormError);
    expect(() => genuine.entropy()).toThrow(
      'logarithm of a sum over components; call estimateEntropy (with its standard error), entropyBounds',
    );
  });
});

describe('what a mixture refuses (rule 10)', () => {
  const [a, b] = [new Normal(0, 1), new Normal(1, 1)];
  it.each<[string, () => unknown]>([
    ['weights: expected at least one number, got an empty array', () => new GaussianMixture([], [])],
    ['weights[1]: expected a weight ≥ 0, got -0.1', () => new GaussianMixture([1.1, -0.1], [a, b])],
    ['weights[0]: expected a finite number, got NaN', () => new GaussianMixture([Number.NaN, 1], [a, b])],
    ['weights: expected a sum of 1 (within 0.000001), got 0', () => new GaussianMixture([0, 0], [a, b])],
    ['components: expected 2 entries, one per weight, got 1', () => new GaussianMixture([0.5, 0.5], [a])],
    [
      'components[1]: expected event shape [] like components[0], got [1]',
      () => new GaussianMixture([0.5, 0.5], [a, MultivariateNormal.diagonal([0], [1])]),
    ],
    [
      'components[1]: expected a Normal or a MultivariateNormal',
      () => new GaussianMixture([0.5, 0.5], [a, {} as Normal]),
    ],
  ])('%s', (message, make) => {
    expect(make).toThrow(InvalidArgumentError);
    expect(make).toThrow(message);
  });
});

describe('weights of a GaussianMixture that are no probabilities', () => {
  const pair = [new Normal(-1, 1), new Normal(1, 1)];

  it('are divided by their sum where that is asked for, whatever it is', () => {
    for (const unit of [1, 1e-308, 4e307]) {
      const mixture = new GaussianMixture([unit, 3 * unit], pair, { weightsAre: 'unnormalised' });
      expect(mixture.weights[1]).toBeCloseTo(0.75, 15);
      expect(mixture.logWeights[0]).toBeCloseTo(Math.log(0.25), 14);
    }
    expect(() => new GaussianMixture([1, 3], pair)).toThrow('weights: expected a sum of 1');
    expect(() => new GaussianMixture([0, 0], pair, { weightsAre: 'unnormalised' })).toThrow('got zeros only');
    expect(() => new GaussianMixture([1, 0], pair, { weightsAre: 'log' as 'logits' })).toThrow(
      'weightsAre: expected one of probabilities, unnormalised, logits, got "log"',
    );
  });

  it('may be logits, on which a constant has no effect', () => {
    for (const level of [0, -1e300, 2 ** 40]) {
      const mixture = GaussianMixture.fromLogits([level, level + (level === -1e300 ? 0 : 2)], pair);
      const expected = level === -1e300 ? 0.5 : 1 / (1 + Math.exp(2));
      expect(mixture.weights[0]).toBeCloseTo(expected, 15);
    }
    expect([...GaussianMixture.fromLogits([-Infinity, 3], pair).weights]).toEqual([0, 1]);
    expect(() => GaussianMixture.fromLogits([0, Number.NaN], pair)).toThrow(
      'logits[1]: expected a number below Infinity, got NaN',
    );
    expect(() => GaussianMixture.fromLogits([-Infinity, -Infinity], pair)).toThrow('got −Infinity only');
  });

  it('count where they are below every float: the far component alone is near its own points', () => {
    const mixture = GaussianMixture.fromLogits([0, -800], [new Normal(0, 1), new Normal(60, 1)]);
    expect(mixture.weights[1]).toBe(0);
    expect(mixture.logProb(60)).toBeCloseTo(-800 - 0.9189385332046727, 10);
    expect(mixture.responsibilities(60)[1]).toBe(1);
    expect(mixture.withComponents([...mixture.components]).logWeights).toEqual(mixture.logWeights);
  });
});
