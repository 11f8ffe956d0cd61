import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { gradientFigure } from '../../src/figures/closed-form';
import { densityFigure } from '../../src/figures/density';
import { ellipseTrace } from '../../src/figures/ellipse';
import { estimateHistogramFigure } from '../../src/figures/estimate-histogram';
import type { Figure } from '../../src/figures/figure';
import { imageGrid } from '../../src/figures/image-grid';
import { integrandFigure } from '../../src/figures/integrand';
import { klSurfaceFigure } from '../../src/figures/kl-surface';
import { logMixtureFigure, mixtureContourFigure, mixtureDensityFigure } from '../../src/figures/mixture';
import { errorDecayFigure, runningEstimateFigure } from '../../src/figures/monte-carlo';
import { sandwichFigure } from '../../src/figures/sandwich';
import { latentScatterFigure, lossCurvesFigure } from '../../src/figures/training';
import { twoDirectionsFigure } from '../../src/figures/two-directions';
import { vaePictureFigure } from '../../src/figures/vae-picture';
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

  it('outline and number the components of the library’s own mixtures', () => {
    const planar = new GaussianMixture(
      [0.5, 0.5],
      [
        MultivariateNormal.diagonal([1, 2], [1, 1]),
        MultivariateNormal.full(
          [3, 4],
          [
            [2, 0.5],
            [0.5, 1],
          ],
        ),
      ],
    );
    const figure = mixtureContourFigure({ mixture: planar, ellipses: planar.components, from: -1, to: 6 });
    const [contour, first, second, numbers] = traces(figure);
    expect(contour!.z).toHaveLength(81);
    expect([Math.max(...first!.x), Math.max(...second!.x)].map((x) => x.toFixed(2))).toEqual(['3.00', '5.83']);
    expect([numbers!.x, numbers!.y]).toEqual([
      [1, 3],
      [2, 4],
    ]);
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
    expect(figure.alt).toContain('the negative share is 25.0 % at N = 1');
  });

  it('draw the fitted law through its own factor and exponent', () => {
    const figure = errorDecayFigure({ samples: [1, 4], errors: [2, 1], fit: { factor: 2, exponent: -0.5 } });
    expect(traces(figure)[1]!.y).toEqual([2, 1]);
  });

  it('give an estimate without standard error no interval', () => {
    const figure = runningEstimateFigure({ samples: [1, 2], estimates: [3, 4], standardErrors: [null, 1], exact: 3.5 });
    expect(traces(figure)[0]).toMatchObject({ x: [2], y: [2.04] });
  });

  it('can be drawn before the first epoch', () => {
    expect(lossCurvesFigure({ loss: [{ name: 'a', x: [], y: [] }], kl: [] }).alt).toContain('not started');
  });

  it('group the latent points by label', () => {
    const figure = latentScatterFigure({ points: [0, 1, 2, 3, 4, 5], labels: [7, 1, 7], ellipses: [], title: 't' });
    expect(named(figure, '7')).toMatchObject({ x: [0, 4], y: [1, 5] });
  });

  it('name the latent points by their classes, and colour none where there are no labels', () => {
    const points = [0, 1, 2, 3];
    const figure = latentScatterFigure({ points, labels: [1, 0], classes: ['cat', 'dog'], ellipses: [], title: 't' });
    expect(named(figure, 'dog')).toMatchObject({ x: [0], y: [1] });
    expect(figure.alt).toContain('coloured by their class');
    const plain = latentScatterFigure({ points, labels: null, ellipses: [], title: 't' });
    expect(traces(plain)).toHaveLength(1);
    expect(plain.alt).not.toContain('coloured');
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

  it('numbers its rows in the margin, with opaque ink, up to two digits', () => {
    const images = new Array(12).fill(0);
    const grid = { images, columns: 1, height: 1, width: 1, alt: 'a' };
    const read = (numbered: boolean) => PNG.sync.read(Buffer.from(imageGrid({ ...grid, numbered }).png));
    const [plain, numbered] = [read(false), read(true)];
    expect(numbered.width - plain.width).toBe(18);
    const inks = new Set([...numbered.data].filter((_, i) => i % 4 === 0));
    expect([...inks].sort((a, b) => a - b)).toEqual([0x76, 255]);
    expect(new Set([...plain.data])).toEqual(new Set([255]));
  });

  it('leave nothing between lights and colours, so that any paper shows through, and mark ink for pages that turn it', () => {
    const colours = imageGrid({ images: [1, 0, 0], columns: 1, height: 1, width: 1, channels: 3, alt: 'red' });
    const { data, width } = PNG.sync.read(Buffer.from(colours.png));
    expect([...data.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect([...data.subarray(4 * (2 * width + 2), 4 * (2 * width + 3))]).toEqual([255, 0, 0, 255]);
    expect(colours[display]()['text/html']).not.toContain('class=');
    const ink = imageGrid({ images: [1], columns: 1, height: 1, width: 1, alt: 'ink' });
    expect(ink[display]()['text/html']).toContain('class="ink"');
  });

  it('escapes its description and refuses numbers that fill no image', () => {
    const html = imageGrid({ images: [0], columns: 1, height: 1, width: 1, alt: 'a "b" <c>' })[display]()['text/html'];
    expect(html).toContain('alt="a &quot;b&quot; &lt;c&gt;"');
    expect(() => imageGrid({ images: [0, 1, 2], columns: 1, height: 2, width: 2, alt: 'a' })).toThrow(
      'multiple of 2×2',
    );
  });
});

describe('the figures of the lectures', () => {
  const wide = { label: '2', q: normal(0, 2), p: normal(0, 1), kl: 1.5 - Math.LN2 };
  const narrow = { label: '0.5', q: normal(0, 0.5), p: normal(0, 1), kl: Math.LN2 - 0.375 };
  const title = (figure: Figure) => (figure.layout as { title: { text: string } }).title.text;

  it('say how much of an area lies beyond their ends, and nothing where none does', () => {
    expect(title(integrandFigure([wide], { from: -4, to: 4 }))).toMatch(
      /^KL\(q‖p\) = 0\.807 nats, 0\.\d{3} of them beyond/,
    );
    expect(title(integrandFigure([wide], { from: -16, to: 16 }))).toBe('KL(q‖p) = 0.807 nats');
  });

  it('keep their axes from step to step', () => {
    const { yaxis } = integrandFigure([narrow, wide], { from: -9, to: 9 }).layout as { yaxis: { range: number[] } };
    expect(yaxis.range[1]).toBeGreaterThan(0.79); // the peak of the narrow q
    expect(yaxis.range[0]).toBeLessThan(-0.1); // the trough of the wide one
  });

  it('cut the surface along σ, with the limits that it follows', () => {
    const kl = (mean: number, stddev: number) => 0.5 * (mean ** 2 + stddev ** 2 - 1) - Math.log(stddev);
    const limits = [{ name: 'narrow', at: (_: number, stddev: number) => -Math.log(stddev) - 0.5 }];
    const figure = klSurfaceFigure({ means: [-1, 0, 1], stddevs: [0.01, 1, 2], kl, limits });
    expect(named(figure, 'KL').y[1]).toBe(0);
    expect(named(figure, 'narrow').y[0]).toBeCloseTo(named(figure, 'KL').y[0]!, 4);
  });

  it('draw one normal as often as the direction has minima, and two where it has two', () => {
    const views = [
      { label: '0', p: normal(0, 1), covering: normal(0, 1), seeking: [normal(0, 1)] },
      { label: '4', p: normal(0, 1), covering: normal(0, 2), seeking: [normal(-2, 1), normal(2, 1)] },
    ];
    const seeking = traces(twoDirectionsFigure(views, { from: -4, to: 4, parameter: 'd' })).slice(4);
    expect(seeking.map(({ name }) => name)).toEqual([
      'p, two modes',
      'least KL(p‖q): covers',
      'least KL(q‖p): seeks a mode',
      'or another one',
    ]);
  });

  it('draw the parts of a VAE in order, and name them in words', () => {
    const { data, layout, alt } = vaePictureFigure();
    expect((data as Trace[]).map(({ name }) => name)).toEqual(['prior p(z)', 'encoder’s q(z|x)', 'a draw z ~ q(z|x)']);
    expect(JSON.stringify(layout)).toContain('decoder<br>p(x|z)');
    expect(alt).toContain('encoder');
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
    const [q, p] = [new Normal(1, 0.5), new Normal(0, 1)];
    const { layout, alt } = densityFigure(q, p, { from: -6, to: 6, kl: klDivergence(q, p) });
    expect(layout).toMatchObject({ title: { text: 'KL(q‖p) = 0.8181 nats' }, xaxis: { range: [-6, 6] } });
    expect(alt).toContain('0.8181 nats');
    expect(() => densityFigure(new Normal(0, 1), new Normal(0, 1), { from: 1, to: 1 })).toThrow('to: expected');
  });
});
