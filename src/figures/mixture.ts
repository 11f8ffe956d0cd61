import { nth } from '../nth';
import { axisPoints } from './axis-points';
import { ellipseTrace, numberTrace, type PlanarGaussian } from './ellipse';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import type { HasLogProb } from './integrand';
import { COLOURS, DENSITY, partLine } from './theme';

const POINTS = 301;

/** One mixture on the real line, taken apart: its own log-density, and its components with their weights. */
export interface MixtureView {
  readonly label: string;
  readonly mixture: HasLogProb;
  readonly components: readonly HasLogProb[];
  readonly weights: readonly number[];
  /** A second density drawn beside it, usually the encoder's q. */
  readonly q?: HasLogProb;
}

/**
 * Equation (10) in one dimension: the mixture density and its weighted components, one slider step per mixture.
 *
 * @example
 * ```ts
 * import { GaussianMixture, mixtureDensityFigure, Normal } from 'gmm-vae';
 *
 * const views = [0, 2, 4].map((separation) => {
 *   const components = [new Normal(-separation / 2, 1), new Normal(separation / 2, 0.7)];
 *   const mixture = new GaussianMixture([0.4, 0.6], components);
 *   return { label: String(separation), mixture, components, weights: [0.4, 0.6] };
 * });
 * mixtureDensityFigure(views, { from: -5, to: 5, parameter: 'separation' });
 * ```
 */
export function mixtureDensityFigure(
  views: readonly MixtureView[],
  { from, to, parameter }: { readonly from: number; readonly to: number; readonly parameter: string },
): Figure {
  const steps = frameSlider({
    label: parameter,
    values: views.map((view) => view.label),
    traces: (_, index) => {
      const { mixture, components, weights, q } = nth(views, index);
      const z = axisPoints([from, to, POINTS], [...components, ...(q ? [q] : [])]);
      const density = (of: HasLogProb, weight = 1): number[] => z.map((at) => weight * Math.exp(of.logProb(at)));
      return [
        ...components.map((component, k) => ({
          type: 'scatter',
          name: `π${subscript(k + 1)} N(z | μ${subscript(k + 1)}, σ²${subscript(k + 1)})`,
          x: z,
          y: density(component, weights[k]),
          line: partLine(k, 'dotted'),
        })),
        { type: 'scatter', name: 'p(z)', x: z, y: density(mixture), line: { color: COLOURS.blue, width: 3 } },
        ...(q
          ? [{ type: 'scatter', name: 'q(z|x)', x: z, y: density(q), line: { color: COLOURS.grey, dash: 'dash' } }]
          : []),
      ];
    },
  });
  return figure({
    data: steps.data,
    layout: { ...steps.layout, height: 460, xaxis: { title: { text: 'z' } }, yaxis: { title: { text: 'density' } } },
    alt: `A Gaussian mixture density and its weighted components for ${views.length} values of the ${parameter}: close components merge into one hump, distant ones stand apart.`,
    caption: 'The mixture (10) is the sum of its dotted parts.',
  });
}

/**
 * Why no closed form is known for the mean of a sum's logarithm: ln p(z) over the log-components it is made of, and underneath the
 * responsibilities that switch between them.
 *
 * @example
 * ```ts
 * import { GaussianMixture, logMixtureFigure, Normal } from 'gmm-vae';
 *
 * const mixture = new GaussianMixture([0.3, 0.7], [new Normal(-1.5, 0.8), new Normal(1, 0.6)]);
 * logMixtureFigure({ mixture, components: mixture.components, weights: [0.3, 0.7] }, { from: -4, to: 4 });
 * ```
 */
export function logMixtureFigure(
  { mixture, components, weights }: Omit<MixtureView, 'label'>,
  { from, to }: { readonly from: number; readonly to: number },
): Figure {
  const z = axisPoints([from, to, POINTS], components);
  const parts = components.map((component, k) => z.map((at) => Math.log(nth(weights, k)) + component.logProb(at)));
  const total = z.map((at) => mixture.logProb(at));
  return figure({
    data: [
      ...parts.map((y, k) => ({
        type: 'scatter',
        name: `ln π${subscript(k + 1)} N${subscript(k + 1)}`,
        legendgroup: String(k),
        x: z,
        y,
        line: partLine(k, 'dotted'),
      })),
      { type: 'scatter', name: 'ln p(z)', x: z, y: total, line: { color: COLOURS.blue, width: 3 } },
      ...parts.map((y, k) => ({
        type: 'scatter',
        name: `responsibility of ${k + 1}`,
        legendgroup: String(k),
        showlegend: false,
        x: z,
        y: y.map((value, i) => Math.exp(value - nth(total, i))),
        yaxis: 'y2',
        line: partLine(k, 'drawn'),
      })),
    ],
    layout: {
      height: 560,
      xaxis: { title: { text: 'z' }, anchor: 'y2' },
      yaxis: {
        domain: [0.42, 1],
        title: { text: 'log-density (nats)' },
        range: [Math.min(...total) - 1, Math.max(...total) + 1],
      },
      yaxis2: { domain: [0, 0.32], title: { text: 'responsibility' }, range: [-0.03, 1.03] },
    },
    alt: `Above: ln p(z) follows the highest of ${parts.length} dotted parabolas and rounds off the corners between them. Below: the responsibilities, smooth steps between 0 and 1 at those corners.`,
    caption: 'Every log-component is a parabola; ln p(z) is not. Below, the share that each component has in p(z).',
  });
}

/**
 * A planar mixture as a contour map of its density with the two-standard-deviation ellipse of every component.
 *
 * @example
 * ```ts
 * import { GaussianMixture, mixtureContourFigure, MultivariateNormal } from 'gmm-vae';
 *
 * const mixture = new GaussianMixture(
 *   [0.4, 0.6],
 *   [
 *     MultivariateNormal.diagonal([-1, 0], [0.5, 1]),
 *     MultivariateNormal.full([1.5, 1], [[1, 0.6], [0.6, 0.8]]),
 *   ],
 * );
 * mixtureContourFigure({ mixture, ellipses: mixture.components, from: -4, to: 5 });
 * ```
 */
export function mixtureContourFigure({
  mixture,
  ellipses,
  from,
  to,
}: {
  readonly mixture: { logProb(z: readonly number[]): number };
  readonly ellipses: readonly PlanarGaussian[];
  readonly from: number;
  readonly to: number;
}): Figure {
  const axis = (which: 0 | 1): number[] => axisPoints([from, to, CELLS], [mixture], { axis: which, most: MOST_CELLS });
  const [across, up] = [axis(0), axis(1)];
  return figure({
    data: [
      {
        type: 'contour',
        x: across,
        y: up,
        z: up.map((y) => across.map((x) => Math.exp(mixture.logProb([x, y])))),
        ncontours: 18,
        // Filled contours lie on each other: where a colour lets the paper through, they would add up.
        contours: { coloring: 'heatmap' },
        colorscale: DENSITY,
        line: { width: 0.5 },
        colorbar: { title: { text: 'density' } },
        showlegend: false,
      },
      ...ellipses.map((ellipse, k) => ellipseTrace(ellipse, { name: `component ${k + 1}`, colour: COLOURS.vermilion })),
      numberTrace(ellipses, '#ffffff'),
    ],
    layout: {
      height: 520,
      showlegend: false,
      xaxis: { title: { text: 'z₁' }, constrain: 'domain', range: [from, to] },
      yaxis: { title: { text: 'z₂' }, scaleanchor: 'x', constrain: 'domain', range: [from, to] },
    },
    alt: `Contour map of a two-dimensional mixture density with ${ellipses.length} components; the ellipse of each component, two standard deviations wide, is tilted as its full covariance says.`,
    caption:
      'A mixture with full covariances. The ellipses, two standard deviations of each component, have tilts of their own.',
  });
}

/** Points of a map on each axis, and at most. */
const CELLS = 81;
const MOST_CELLS = 301;

const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

function subscript(n: number): string {
  return [...String(n)].map((digit) => SUBSCRIPTS[Number(digit)]).join('');
}
