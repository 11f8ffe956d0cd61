import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { axisPoints } from '../../src/figures/axis-points';
import { densityFigure } from '../../src/figures/density';
import type { Figure } from '../../src/figures/figure';
import { integrandFigure } from '../../src/figures/integrand';
import { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from '../../src/figures/mixture';
import { mixtureKlFigure } from '../../src/figures/mixture-kl';
import { shownNats } from '../../src/figures/steps';
import { twoDirectionsFigure } from '../../src/figures/two-directions';
import { klDivergence } from '../../src/kl/closed-form';
import { linspace } from '../../src/math/grid';

interface Trace {
  readonly name?: string;
  readonly x: number[];
  readonly y: number[];
  readonly z: number[][];
}
const called = ({ data }: Figure, name: string): Trace => (data as Trace[]).find((trace) => trace.name === name)!;
const titleOf = ({ layout }: Figure): string => (layout as { title: { text: string } }).title.text;

const NARROW = new Normal(0.0123, 0.004);
const PEAK = 1 / (0.004 * Math.sqrt(2 * Math.PI));
const WIDE = new Normal(0, 1);
const MIXTURE = new GaussianMixture([0.5, 0.5], [NARROW, WIDE]);
const VIEW = { label: '1', mixture: MIXTURE, components: [NARROW, WIDE], weights: [0.5, 0.5], q: NARROW };
const AXIS = { from: -5, to: 5 };

describe('a normal that is narrow between two points of the axis', () => {
  it.each([
    ['densityFigure', densityFigure(NARROW, WIDE, AXIS), 'q', PEAK],
    ['integrandFigure', integrandFigure([{ label: '1', q: NARROW, p: WIDE, kl: 1 }], AXIS), 'q', PEAK],
    ['mixtureDensityFigure', mixtureDensityFigure([VIEW], { ...AXIS, parameter: 'd' }), 'q(z|x)', PEAK],
    [
      'mixtureKlFigure',
      mixtureKlFigure(NARROW, MIXTURE, { ...AXIS, top: 1, kl: 1, bounds: { lower: 0, upper: 1 } }),
      'p',
      0.5 * PEAK + 0.5 * Math.exp(WIDE.logProb(0.0123)),
    ],
    [
      'twoDirectionsFigure',
      twoDirectionsFigure([{ label: '1', p: MIXTURE, covering: WIDE, seeking: [NARROW] }], { ...AXIS, parameter: 'd' }),
      'least KL(q‖p): seeks a mode',
      PEAK,
    ],
  ])('has its peak in the picture: %s', (_, figure, name, peak) => {
    const { x, y } = called(figure, name);
    const highest = Math.max(...y);
    expect(highest / peak).toBeCloseTo(1, 3);
    expect(x[y.indexOf(highest)]).toBeCloseTo(0.0123, 3);
    // Its mass, too: by the trapezoidal rule between the points that are drawn.
    const mass = x.slice(1).reduce((sum, at, i) => sum + ((at - x[i]!) * (y[i]! + y[i + 1]!)) / 2, 0);
    expect(mass).toBeCloseTo(1, 2);
  });

  it('has its corner in the logarithm of a mixture', () => {
    const { x, y } = called(logMixtureFigure(VIEW, { from: -4, to: 4 }), 'ln p(z)');
    expect(Math.max(...y)).toBeCloseTo(MIXTURE.logProb(0.0123), 4);
    expect(x[0]).toBe(-4);
  });

  it('has its peak in a map, on either axis and along a ridge', () => {
    const round = MultivariateNormal.diagonal([0.055, 1.03], [0.02, 0.03]);
    const ridge = MultivariateNormal.full(
      [-2, -2],
      [
        [1, 0.999],
        [0.999, 1],
      ],
    );
    for (const part of [round, ridge]) {
      const mixture = new GaussianMixture([0.5, 0.5], [part, MultivariateNormal.diagonal([2, 2], [1, 1])]);
      const { z } = mixtureContourFigure({ mixture, ellipses: [], from: -4, to: 5 }).data[0] as unknown as Trace;
      const peak = Math.exp(mixture.logProb(Array.from(part.meanVector())));
      expect(Math.max(...z.flat()) / peak).toBeGreaterThan(0.98);
      expect(z.length).toBeLessThanOrEqual(301);
    }
  });
});

describe('the points of an axis', () => {
  it('are equally spaced where nothing is narrow, far away or unknown', () => {
    const equal = linspace(-5, 5, 41);
    expect(axisPoints([-5, 5, 41], [WIDE, { logProb: () => 0 }, new Normal(50, 0.001)])).toEqual(equal);
  });

  it('are bounded in number, within the ends and in order', () => {
    const many = linspace(-5, 5, 400).map((mean) => new Normal(mean, 1e-3));
    const points = axisPoints(
      [-5, 5, 41],
      [
        new GaussianMixture(
          many.map(() => 1 / 400),
          many,
        ),
      ],
    );
    expect(points.length).toBe(2001);
    const some = axisPoints([-5, 5, 41], [new Normal(5, 0.001)]);
    expect([some[0], some.at(-1)]).toEqual([-5, 5]);
    expect(some.every((at, i) => i === 0 || at > some[i - 1]!)).toBe(true);
  });
});

describe('the words of a figure about a divergence', () => {
  it('do not call beyond the ends what only lies between two points', () => {
    const kl = klDivergence(NARROW, WIDE);
    expect(titleOf(integrandFigure([{ label: '1', q: NARROW, p: WIDE, kl }], AXIS))).toBe(
      `KL(q‖p) = ${kl.toFixed(3)} nats`,
    );
    expect(titleOf(densityFigure(NARROW, WIDE, { ...AXIS, kl }))).toBe(`KL(q‖p) = ${kl.toFixed(4)} nats`);
  });

  it('say what the axis cuts off', () => {
    const q = new Normal(5, 1);
    // By symmetry half of q; of the integrand ½(z² − (z − 5)²)·q the half above 5, (12.5·½ + 5/√(2π)).
    const beyond = 12.5 / 2 + 5 / Math.sqrt(2 * Math.PI);
    const { alt, layout } = densityFigure(q, WIDE, { ...AXIS, kl: 12.5 });
    const words = `${beyond.toFixed(4)} nats lie beyond the ends`;
    expect(layout).toMatchObject({
      title: { text: 'KL(q‖p) = 12.5000 nats' },
      xaxis: { title: { text: `z; ${words}` } },
    });
    expect(alt).toContain(`12.5000 nats, ${words}.`);
  });

  it('keep what decimals would lose', () => {
    expect([0.80694, 3.2e-6, -3.2e-6, 1e-17, -1e-17, Infinity, -0.25].map((kl) => shownNats(kl))).toEqual([
      '0.8069',
      '3.2×10⁻⁶',
      '−3.2×10⁻⁶',
      '0.0000',
      '0.0000',
      '∞',
      '−0.2500',
    ]);
    const endless = { logProb: (z: number) => (z < 0 ? -Infinity : -z) };
    expect(titleOf(integrandFigure([{ label: '1', q: WIDE, p: endless, kl: Infinity }], AXIS))).toBe(
      'KL(q‖p) = ∞ nats',
    );
  });
});
