import { expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { type KlDistribution, klDivergence } from '../../src/kl/closed-form';
import { estimateKl } from '../../src/kl/estimate-kl';
import { klProblem } from '../../src/kl/estimators/problem';
import { UnitCube } from '../../src/kl/estimators/unit-cube';
import { quadratureKl } from '../../src/kl/quadrature';
import { integrate } from '../../src/math/quadrature';

const q = new Normal(0, 1.2);
const p = new GaussianMixture([0.4, 0.6], [new Normal(-1.6, 0.7), new Normal(1.2, 0.8)]);
const termOf = (a: KlDistribution, b: KlDistribution): ((...point: number[]) => number) => {
  const cube = new UnitCube(klProblem(a, b));
  return (...point) => {
    cube.point.set(point);
    return cube.term();
  };
};

it('has KL(q‖p) as its mean over the interval, and is the bounds’ middle at its ends, where ln q/p is infinite', () => {
  const term = termOf(q, p);
  const mean = integrate(term, [1e-9, 0.1, 0.5, 0.9, 1 - 1e-9], { absolute: 1e-8, relative: 1e-8 }).value;
  expect(mean).toBeCloseTo(quadratureKl(q, p), 7);
  // ln q/p is some 70 nats there, with a weight of 4e-12.
  expect(term(1e-12)).toBeCloseTo(term(1 - 1e-12), 8);
});

it('is ln q/p at Φ⁻¹ of each coordinate in more dimensions, and the first picks the component of a mixture', () => {
  const plain = termOf(MultivariateNormal.diagonal([1, 2], [1, 2]), MultivariateNormal.diagonal([0, 0], [1, 1]));
  // z = μ + σΦ⁻¹(u), Φ(1) = 0.8413447460685429.
  expect(plain(0.5, 0.8413447460685429)).toBeCloseTo(-Math.log(2) - 0.5 + 0.5 * (1 + 16), 10);
  const modes = [new Normal(0, 1), new Normal(100, 1)];
  const mixed = termOf(new GaussianMixture([0.3, 0.7], modes), new Normal(0, 1));
  expect(mixed(0.29, 0.5)).toBeCloseTo(Math.log(0.3), 10);
  expect(mixed(0.31, 0.5)).toBeCloseTo(Math.log(0.7) + 0.5 * 100 ** 2, 8);
});

it('gives rqmc in one dimension the n^(−3/2) of smooth bounded integrands, beside a closed form too', () => {
  const error = (samples: number): number => {
    const runs = [1, 2, 3, 4].map((seed) => estimateKl(q, p, { estimator: 'rqmc', samples, seed }).standardError!);
    return Math.sqrt(runs.reduce((sum, s) => sum + s * s, 0) / runs.length);
  };
  // Four errors of 15 degrees of freedom each know their ratio within 13 %, so the exponent within 0.13/ln 64 = 0.03; 5 of them.
  const exponent = Math.log(error(1024) / error(65_536)) / Math.log(64);
  expect(Math.abs(exponent - 1.5)).toBeLessThan(0.16);
  const narrow = new Normal(0.5, 0.7);
  const { value, standardError } = estimateKl(narrow, new Normal(0, 1), {
    estimator: 'rqmc',
    samples: 65_536,
    seed: 1,
  });
  expect(standardError).toBeLessThan(1e-5);
  // 6.4 of its errors, Student's t with 15 degrees of freedom: a false alarm once in 80,000 seeds.
  expect(Math.abs(value - klDivergence(narrow, new Normal(0, 1)))).toBeLessThan(6.4 * standardError!);
});
