import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { gradientFigure, integrandFigure, klSurfaceFigure } from '../../src/figures/closed-form';
import { densityFigure } from '../../src/figures/density';
import { ellipseTrace } from '../../src/figures/ellipse';
import type { Figure } from '../../src/figures/figure';
import { imageGrid } from '../../src/figures/image-grid';
import { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from '../../src/figures/mixture';
import { errorDecayFigure, estimateHistogramFigure, runningEstimateFigure } from '../../src/figures/monte-carlo';
import { sandwichFigure } from '../../src/figures/sandwich';
import { latentScatterFigure, lossCurvesFigure } from '../../src/figures/training';
import { klDivergence } from '../../src/kl/closed-form';

interface Trace {
  readonly name?: string;
  readonly x: number[];
  readonly y: number[];
  readonly z?: number[][];
  readonly visible?: boolean;
}

const traces = (figure: Figure): Trace[] => figure.data as Trace[];
const named = (figure: Figure, name: string): Trace => traces(figure).find((trace) => trace.name === name)!;

const normal = (mean: number, stddev: number) => ({
  logProb: (z: number) => -0.5 * Math.log(2 * Math.PI) - Math.log(stddev) - 0.5 * ((z - mean) / stddev) ** 2,
});

describe('the figures of notebook 1', () => {
  it('draw an integrand whose trapezoid area is the KL divergence', () => {
    const pair = { label: '0.5', q: normal(1, 0.5), p: normal(0, 1), kl: 0.818147 };
    const { x, y } = named(integrandFigure([pair], { from: -5, to: 6 }), 'q ln(q/p)');
    const area = x.slice(1).reduce((sum, at, i) => sum + ((at - x[i]!) * (y[i]! + y[i + 1]!)) / 2, 0);
    // ½(−ln 0.25 − 1 + 1 + 0.25) = 0.818147; the trapezoid rule on a smooth function that ends at zero is exact to the 6 drawn digits.
    expect(area).toBeCloseTo(0.818147, 4);
  });

  it('put the surface’s minimum where q = p', () => {
    const kl = (mean: number, stddev: number) => 0.5 * (mean ** 2 + stddev ** 2 - 1) - Math.log(stddev);
    const surface = traces(klSurfaceFigure({ means: [-1, 0, 1], stddevs: [0.5, 1, 2], kl }))[0]!.z!;
    expect(surface[1]![1]).toBe(0);
    expect(Math.min(...surface.flat())).toBe(0);
    expect(surface[0]![2]).toBeCloseTo(0.5 * (1 + 0.25 - 1) + Math.LN2, 5);
  });

  it('show formula and numerical derivative of both parameters', () => {
    const curve = { at: [1, 2], formula: (x: number) => x, numerical: [1.01, 2.01] };
    expect(traces(gradientFigure({ mean: curve, stddev: curve }))).toHaveLength(4);
  });
});

describe('the figures of notebook 2', () => {
  const view = { mixture: normal(0, 1), components: [normal(0, 1), normal(0, 1)], weights: [0.25, 0.75] };

  it('weight the components so that they add up to the mixture', () => {
    const figure = mixtureDensityFigure([{ label: '0', ...view }], { from: -3, to: 3, parameter: 'separation' });
    const [first, second, whole] = traces(figure);
    expect(first!.y[150]! + second!.y[150]!).toBeCloseTo(whole!.y[150]!, 5);
  });

  it('show responsibilities that add up to one', () => {
    const responsibilities = traces(logMixtureFigure(view, { from: -3, to: 3 })).slice(3);
    expect(responsibilities[0]!.y[10]! + responsibilities[1]!.y[10]!).toBeCloseTo(1, 5);
  });

  it('keep the three curves of the sandwich apart', () => {
    const figure = sandwichFigure({ x: [0, 1], parameter: 'd', lower: [0, 1], upper: [2, 3], exact: [1, 2] });
    expect(named(figure, 'KL by quadrature').y).toEqual([1, 2]);
  });

  it('draw an ellipse on which the Mahalanobis distance is the scale', () => {
    const gaussian = { meanVector: () => [1, -1], covarianceMatrix: () => [2, 0.6, 0.6, 0.5] };
    const { x, y } = ellipseTrace(gaussian, { name: 'e', scale: 2 }) as Trace;
    const determinant = 2 * 0.5 - 0.36;
    x.forEach((at, i) => {
      const [a, b] = [at - 1, y[i]! + 1];
      expect((0.5 * a * a - 1.2 * a * b + 2 * b * b) / determinant).toBeCloseTo(4, 9);
    });
  });
});

describe('the figures of notebooks 3 and 4', () => {
  it('split the histogram at zero without losing an estimate', () => {
    const figure = estimateHistogramFigure({ groups: [{ samples: 1, estimates: [-1, 0, 1, 2] }], exact: 0.5 });
    expect(traces(figure).map((trace) => trace.x.length)).toEqual([3, 1]);
    expect(figure.alt).toContain('negative are 25.0 % at N = 1');
  });

  it('draw the fitted law through its own factor and exponent', () => {
    const figure = errorDecayFigure({ samples: [1, 4], errors: [2, 1], fit: { factor: 2, exponent: -0.5 } });
    expect(traces(figure)[1]!.y).toEqual([2, 1]);
  });

  it('give an estimate without standard error an interval of width zero', () => {
    const figure = runningEstimateFigure({ samples: [1, 2], estimates: [3, 4], standardErrors: [null, 1], exact: 3.5 });
    expect(traces(figure)[0]!.y).toEqual([3, 2.04]);
  });

  it('can be drawn before the first epoch', () => {
    expect(lossCurvesFigure({ loss: [{ name: 'a', x: [], y: [] }], kl: [] }).alt).toContain('not started');
  });

  it('group the latent points by label', () => {
    const figure = latentScatterFigure({ points: [0, 1, 2, 3, 4, 5], labels: [7, 1, 7], ellipses: [], title: 't' });
    expect(named(figure, '7')).toMatchObject({ x: [0, 4], y: [1, 5] });
  });
});

describe('imageGrid', () => {
  it('writes a PNG with dark ink on white paper, image by image', () => {
    const images = [1, 0, 0, 0.5, 0, 0, 0, 1];
    const png = PNG.sync.read(Buffer.from(imageGrid({ images, columns: 2, height: 2, width: 2, alt: 'a' }).png));
    const grey = (x: number, y: number): number => png.data[4 * (y * png.width + x)]!;
    expect([png.width, png.height]).toEqual([10, 6]);
    expect([grey(2, 2), grey(3, 2), grey(3, 3)]).toEqual([0, 255, 128]);
    expect([grey(0, 0), grey(4, 2), grey(7, 3)]).toEqual([255, 255, 0]);
  });

  it('escapes its description and refuses numbers that fill no image', () => {
    const html = imageGrid({ images: [0], columns: 1, height: 1, width: 1, alt: 'a "b" <c>' })[display]()['text/html'];
    expect(html).toContain('alt="a &quot;b&quot; &lt;c&gt;"');
    expect(() => imageGrid({ images: [0, 1, 2], columns: 1, height: 2, width: 2, alt: 'a' })).toThrow(
      'multiple of 2×2',
    );
  });
});

describe('mixtureContourFigure', () => {
  it('takes the library’s own normals for its ellipses, whatever their covariance', () => {
    const components = [
      MultivariateNormal.full(
        [0, 1],
        [
          [1, 0.5],
          [0.5, 1],
        ],
      ),
      MultivariateNormal.diagonal([1, 0], [1, 2]),
    ];
    const mixture = new GaussianMixture([0.5, 0.5], components);
    const { data } = mixtureContourFigure({
      mixture,
      ellipses: mixture.components as typeof components,
      from: -3,
      to: 3,
    });
    expect(data).toHaveLength(3);
  });
});

describe('densityFigure', () => {
  const [integrand, q] = densityFigure(new Normal(1, 0.5), new Normal(0, 1), { from: -6, to: 6, kl: 0.5 }).data as {
    x: number[];
    y: number[];
  }[];

  it('draws an integrand whose signed area is the divergence, and densities of area 1', () => {
    const area = ({ x, y }: { x: number[]; y: number[] }): number =>
      y.reduce((sum, value, i) => sum + value * ((x[i + 1] ?? x[i]!) - x[i]!), 0);
    // Six significant digits of each point, and a grid as wide as a tenth of σ: exact to 1e-4.
    expect(area(integrand!)).toBeCloseTo(klDivergence(new Normal(1, 0.5), new Normal(0, 1)), 4);
    expect(area(q!)).toBeCloseTo(1, 4);
  });

  it('keeps its axis where it is, and says the divergence that it is given', () => {
    const { layout, alt } = densityFigure(new Normal(1, 0.5), new Normal(0, 1), { from: -6, to: 6, kl: 0.5 });
    expect(layout).toMatchObject({ title: { text: 'KL(q‖p) = 0.5000 nats' }, xaxis: { range: [-6, 6] } });
    expect(alt).toContain('0.5000 nats');
    expect(() => densityFigure(new Normal(0, 1), new Normal(0, 1), { from: 1, to: 1 })).toThrow('to: expected');
  });
});
