import { nth } from '../nth';
import { axisPoints } from './axis-points';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import type { HasLogProb } from './integrand';
import { COLOURS } from './theme';

/**
 * One target p with the normals closest to it in the two directions.
 *
 * @example
 * ```ts
 * import { closestNormal, type DirectionsView, GaussianMixture, Normal, twoDirectionsFigure } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 1), new Normal(2, 1)]);
 * const view: DirectionsView = {
 *   label: '4',
 *   p,
 *   covering: closestNormal(p, 'p to q'),
 *   seeking: [closestNormal(p, 'q to p', new Normal(-2, 1)), closestNormal(p, 'q to p', new Normal(2, 1))],
 * };
 * twoDirectionsFigure([view], { from: -6, to: 6, parameter: 'separation' }).data.length > 0; // true
 * ```
 */
export interface DirectionsView {
  readonly label: string;
  readonly p: HasLogProb;
  /** Least KL(p‖q). */
  readonly covering: HasLogProb;
  /** Least KL(q‖p): one or, where there are several minima, all of them. */
  readonly seeking: readonly HasLogProb[];
}

const POINTS = 301;

/**
 * Forward and reverse KL: one normal fitted to a mixture in either direction, one slider step per mixture.
 *
 * @example
 * ```ts
 * import { closestNormal, GaussianMixture, Normal, twoDirectionsFigure } from 'gmm-vae';
 *
 * const views = [4, 6, 8].map((separation) => {
 *   const [left, right] = [new Normal(-separation / 2, 1), new Normal(separation / 2, 1)];
 *   const p = new GaussianMixture([0.5, 0.5], [left, right]);
 *   const seeking = [left, right].map((start) => closestNormal(p, 'q to p', start));
 *   return { label: String(separation), p, covering: closestNormal(p, 'p to q'), seeking };
 * });
 * twoDirectionsFigure(views, { from: -8, to: 8, parameter: 'separation' });
 * ```
 */
export function twoDirectionsFigure(
  views: readonly DirectionsView[],
  {
    from,
    to,
    parameter,
    start,
  }: { readonly from: number; readonly to: number; readonly parameter: string; readonly start?: number },
): Figure {
  const all = views.flatMap(({ p, covering, seeking }) => [p, covering, ...seeking]);
  const z = axisPoints([from, to, POINTS], all);
  const density = (of: HasLogProb): number[] => z.map((at) => Math.exp(of.logProb(at)));
  const most = Math.max(...views.map(({ seeking }) => seeking.length));
  const steps = frameSlider({
    label: parameter,
    values: views.map(({ label }) => label),
    ...(start !== undefined && { start }),
    traces: (_, index) => {
      const { p, covering, seeking } = nth(views, index);
      return [
        {
          type: 'scatter',
          name: 'p, two modes',
          x: z,
          y: density(p),
          line: { color: COLOURS.grey, width: 1 },
          fill: 'tozeroy',
          fillcolor: 'rgba(125,132,143,0.25)',
        },
        {
          type: 'scatter',
          name: 'least KL(p‖q): covers',
          x: z,
          y: density(covering),
          line: { color: COLOURS.green, width: 3 },
        },
        ...Array.from({ length: most }, (_, i) => ({
          type: 'scatter',
          name: i === 0 ? 'least KL(q‖p): seeks a mode' : 'or another one',
          x: z,
          y: density(nth(seeking, Math.min(i, seeking.length - 1))),
          line: { color: COLOURS.vermilion, width: i === 0 ? 3 : 2, dash: i === 0 ? 'solid' : 'dot' },
        })),
      ];
    },
  });
  const highest = Math.max(...views.flatMap(({ p, seeking }) => [p, ...seeking].flatMap(density)));
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      xaxis: { title: { text: 'z' }, range: [from, to] },
      yaxis: { title: { text: 'density' }, range: [0, 1.05 * highest] },
    },
    alt: `A density p with two modes and one normal q fitted to it in two ways, for ${views.length} values of the ${parameter}. The q with the least KL(p‖q) is wide and covers both modes and the gap; the q with the least KL(q‖p) sits on one mode once they are apart.`,
    caption: 'One normal cannot be two modes. Which fault it has depends on the direction of the divergence.',
  });
}
