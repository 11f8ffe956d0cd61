import { expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { frameSlider } from '../../src/figures/frame-slider';
import { twoGradientsFigure } from '../../src/figures/gradients';
import { latentWalkFigure } from '../../src/figures/latent-walk';
import { toldApart } from '../../src/figures/steps';
import { linspace } from '../../src/math/grid';

it('the steps of a slider have the numbers that a reader would write', () => {
  const values = [...linspace(-0.1, 0.5, 7), 0.1 + 0.2, 'all'];
  const { layout } = frameSlider({ label: 'σ', values, traces: () => [] });
  const [slider] = (layout as { sliders: { steps: { label: string }[] }[] }).sliders;
  expect(slider!.steps.map(({ label }) => label)).toEqual([
    '−0.1',
    '0',
    '0.1',
    '0.2',
    '0.3',
    '0.4',
    '0.5',
    '0.3',
    'all',
  ]);
});

it('a walk refuses images of another size, and such that are none', () => {
  const prior = new GaussianMixture([1], [MultivariateNormal.diagonal([0, 0], [1, 1])]);
  const walk = (image: number[]) => () =>
    latentWalkFigure({ z: [1, 1], decode: () => image, prior, from: -4, to: 4, height: 2, width: 2 });
  expect(walk([0, 0, 0, 0, 0, 0])).toThrow('decode: expected an image of 2×2 = 4 numbers, got 6');
  expect(walk([0, Number.NaN, 0, 0])).toThrow('decode: expected intensities from 0 to 1, got NaN');
});

it('gradients of no draws are refused', () => {
  expect(() => twoGradientsFigure({ q: new Normal(0, 1), p: new Normal(0, 1), noise: [] })).toThrow('noise: expected');
});

it('tells a small negative number from zero by another decimal, not by the sign of a zero', () => {
  expect(toldApart([-0.001, 0])).toEqual(['−0.001', '0.000']);
  expect(toldApart([-1, 0, 0.5])).toEqual(['−1.00', '0.00', '0.50']);
});
