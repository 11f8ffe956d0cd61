import { linspace } from '../math/grid';
import { nth } from '../nth';
import { ellipseTrace, type PlanarGaussian } from './ellipse';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { COLOURS, DENSITY, DIVERGING } from './theme';

/** A density on the plane; the distributions of this library are. */
export interface PlanarDensity {
  logProb(z: readonly number[]): number;
}

/**
 * One model: where its codes lie, and where its prior says they do.
 *
 * @example
 * ```ts
 * import { aggregatedPosteriorFigure, type AggregatedView, GaussianMixture, MultivariateNormal } from 'gmm-vae';
 *
 * const view: AggregatedView = {
 *   label: 'N(0, I)',
 *   aggregated: new GaussianMixture(
 *     [0.5, 0.5],
 *     [MultivariateNormal.diagonal([-1, 0], [0.5, 1]), MultivariateNormal.diagonal([2, 0], [0.5, 0.5])],
 *   ),
 *   prior: GaussianMixture.fromLogits([0], [MultivariateNormal.diagonal([0, 0], [1, 1])]),
 * };
 * aggregatedPosteriorFigure([view], { from: -4, to: 4 }).data.length > 0; // true
 * ```
 */
export interface AggregatedView {
  readonly label: string;
  /** q̄(z) = 1/N Σ q(z|x_n). */
  readonly aggregated: PlanarDensity;
  readonly prior: PlanarDensity & { readonly components: readonly PlanarGaussian[] };
}

const POINTS = 81;
/** ln q̄/p is drawn up to here on both sides: a factor of 20. */
const MOST = 3;
/** Where both densities are below this share of their peaks, their ratio matters to nobody. */
const FAINT = 0.004;

/**
 * The aggregated posterior as a density, with the prior's ellipses of two standard deviations, and the log-ratio of the two: holes,
 * where the prior promises codes and none are, and mass that the prior knows nothing of. One slider step per model.
 *
 * @example
 * ```ts
 * import { aggregatedPosteriorFigure, GaussianMixture, MultivariateNormal } from 'gmm-vae';
 *
 * const at = (x: number, y: number) => MultivariateNormal.diagonal([x, y], [0.5, 0.5]);
 * const aggregated = new GaussianMixture([0.25, 0.25, 0.25, 0.25], [at(-2, 0), at(0, 2), at(2, 0), at(0, -2)]);
 * const prior = new GaussianMixture([1], [MultivariateNormal.diagonal([0, 0], [1, 1])]);
 * aggregatedPosteriorFigure([{ label: 'N(0, I)', aggregated, prior }], { from: -4, to: 4 });
 * ```
 */
export function aggregatedPosteriorFigure(
  views: readonly AggregatedView[],
  { from, to }: { readonly from: number; readonly to: number },
): Figure {
  const grid = linspace(from, to, POINTS);
  const most = Math.max(...views.map(({ prior }) => prior.components.length));
  const panels = (index: number): object[] => {
    const { aggregated, prior } = nth(views, index);
    const lnQ = grid.map((y) => grid.map((x) => aggregated.logProb([x, y])));
    const lnP = grid.map((y) => grid.map((x) => prior.logProb([x, y])));
    return [density(grid, lnQ), ratio(grid, lnQ, lnP), ...outlines(prior.components, most, '')];
  };
  const axis = { range: [from, to], constrain: 'domain' };
  const steps =
    views.length > 1
      ? frameSlider({
          label: 'prior',
          values: views.map(({ label }) => label),
          start: 0,
          traces: (_, index) => panels(index),
        })
      : { data: panels(0), layout: {} };
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: views.length > 1 ? 480 : 400,
      showlegend: false,
      xaxis: { ...axis, domain: [0, 0.44], title: { text: 'z₁' } },
      yaxis: { ...axis, title: { text: 'z₂' }, scaleanchor: 'x' },
      xaxis2: { ...axis, domain: [0.5, 0.94], anchor: 'y2', title: { text: 'z₁' } },
      yaxis2: { ...axis, anchor: 'x2', scaleanchor: 'x2' },
    },
    alt: `Two maps of the latent plane for ${views.map(({ label }) => label).join(', ')}. One has the aggregated posterior as a density, in clumps and with gaps, and the outline of the prior. The other has the logarithm of its ratio to the prior: negative in holes, where the prior promises codes and there are none, positive where codes lie and the prior expects few.`,
    caption:
      'The aggregated posterior with the prior (ellipses: two standard deviations), and ln q̄/p: blue are holes, orange is mass that the prior does not expect. Blank: neither has mass there.',
  });
}

function density(grid: readonly number[], lnQ: readonly (readonly number[])[]): object {
  return {
    type: 'heatmap',
    x: grid,
    y: grid,
    z: lnQ.map((row) => row.map(Math.exp)),
    zsmooth: 'best',
    colorscale: DENSITY,
    showscale: false,
    hovertemplate: 'z₁ %{x:.2f}, z₂ %{y:.2f}: density %{z:.3f}<extra></extra>',
  };
}

function ratio(
  grid: readonly number[],
  lnQ: readonly (readonly number[])[],
  lnP: readonly (readonly number[])[],
): object {
  const floor = (of: readonly (readonly number[])[]): number => Math.max(...of.flat()) + Math.log(FAINT);
  const [least, leastP] = [floor(lnQ), floor(lnP)];
  const cell = (q: number, p: number): number =>
    q < least && p < leastP ? Number.NaN : Math.min(MOST, Math.max(-MOST, q - p));
  return {
    type: 'heatmap',
    x: grid,
    y: grid,
    z: lnQ.map((row, i) => row.map((value, j) => cell(value, nth(nth(lnP, i), j)))),
    xaxis: 'x2',
    yaxis: 'y2',
    zmin: -MOST,
    zmax: MOST,
    colorscale: DIVERGING,
    // Above the bar it would touch the uppermost tick.
    colorbar: { title: { text: 'ln q̄/p', side: 'right' }, tickvals: [-3, 0, 3], ticktext: ['≤ −3', '0', '≥ 3'] },
    hovertemplate: 'z₁ %{x:.2f}, z₂ %{y:.2f}: ln q̄/p = %{z:.1f}<extra></extra>',
  };
}

/** Gives every model as many traces, as a slider wants it: the last outline is repeated. */
function outlines(components: readonly PlanarGaussian[], count: number, axis: '' | '2'): object[] {
  return Array.from({ length: count }, (_, k) => {
    const component = nth(components, Math.min(k, components.length - 1));
    return {
      ...ellipseTrace(component, {
        name: `component ${Math.min(k, components.length - 1) + 1}`,
        colour: COLOURS.vermilion,
      }),
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
    };
  });
}
