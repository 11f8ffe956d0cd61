import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { stepOf } from './steps';
import { COLOURS } from './theme';

/**
 * How far a closed-form bound is from the divergence, over the separation of two components and the width of q, with the line up to
 * which the condition for a tight bound holds.
 *
 * @example
 * ```ts
 * import {
 *   boundGapFigure,
 *   GaussianMixture,
 *   type KlBounds,
 *   klBounds,
 *   linspace,
 *   Normal,
 *   quadratureKl,
 * } from 'gmm-vae';
 *
 * const [separations, stddevs] = [linspace(0.5, 8, 16), linspace(0.5, 4, 8)];
 * const mixture = (d: number) => new GaussianMixture([0.5, 0.5], [new Normal(-d / 2, 1), new Normal(d / 2, 1)]);
 * const gap = (of: (kl: number, bounds: KlBounds) => number) =>
 *   stddevs.map((stddev) =>
 *     separations.map((d) => {
 *       const [q, p] = [new Normal(d / 2, stddev), mixture(d)]; // q sits on one of the two
 *       return of(quadratureKl(q, p), klBounds(q, p));
 *     }),
 *   );
 * boundGapFigure({
 *   separations,
 *   stddevs,
 *   upperGap: gap((kl, { upper }) => upper - kl),
 *   lowerGap: gap((kl, { lower }) => kl - lower),
 *   condition: { name: 'σ_q = d/4', at: (d) => d / 4 },
 * });
 * ```
 */
export function boundGapFigure({
  separations,
  stddevs,
  upperGap,
  lowerGap,
  condition,
}: {
  readonly separations: readonly number[];
  readonly stddevs: readonly number[];
  /** `upperGap[i][j]` at stddevs[i] and separations[j], nats: upper bound less KL. */
  readonly upperGap: readonly (readonly number[])[];
  /** KL less lower bound. */
  readonly lowerGap: readonly (readonly number[])[];
  /** The largest σ_q for which q sees one component, at each separation. */
  readonly condition: { readonly name: string; readonly at: (separation: number) => number };
}): Figure {
  const largest = Math.max(...[upperGap, lowerGap].flat(2));
  const step = largest > 0 ? stepOf(largest / 10) : 1;
  const panel = (z: readonly (readonly number[])[], axis: '' | '2'): object[] => [
    {
      type: 'contour',
      x: separations,
      y: stddevs,
      z,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      contours: { start: 0, end: largest, size: step },
      line: { width: 0.4 },
      showscale: axis === '2',
      colorbar: { title: { text: 'gap (nats)' }, tick0: 0, dtick: 5 * step },
      showlegend: false,
      hovertemplate: 'separation %{x:.1f}, σ of q %{y:.2f}: gap %{z:.3f} nats<extra></extra>',
    },
    {
      type: 'contour',
      name: 'gap of 0.1 nats',
      x: separations,
      y: stddevs,
      z,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      contours: { coloring: 'none', start: 0.1, end: 0.1, size: 1 },
      line: { color: '#ffffff', width: 2, dash: 'dash' },
      showscale: false,
      showlegend: false,
      hoverinfo: 'skip',
    },
  ];
  const line = {
    type: 'scatter',
    name: condition.name,
    x: separations,
    y: separations.map(condition.at),
    mode: 'lines',
    line: { color: COLOURS.vermilion, width: 3 },
    hoverinfo: 'skip',
  };
  const below = Math.max(
    0,
    ...stddevs.flatMap((stddev, i) => nth(upperGap, i).filter((_, j) => stddev <= condition.at(nth(separations, j)))),
  );
  const yaxis = { range: [stddevs[0], stddevs.at(-1)] };
  return figure({
    data: [...panel(upperGap, ''), line, ...panel(lowerGap, '2')],
    layout: {
      height: 420,
      xaxis: { domain: [0, 0.43], title: { text: 'upper bound: separation' } },
      yaxis: { ...yaxis, title: { text: 'σ of q' } },
      xaxis2: { domain: [0.52, 0.95], anchor: 'y2', title: { text: 'lower bound: separation' } },
      yaxis2: { ...yaxis, anchor: 'x2' },
    },
    alt: `Two maps over the separation of two components and the standard deviation of q. The gap of the upper bound is at most ${nats(below)} below the line “${condition.name}”, and ${nats(Math.max(...upperGap.flat()))} anywhere. The gap of the lower bound is at most ${nats(Math.max(...lowerGap.flat()))}.`,
    caption: `How far either bound is from the divergence. Dashed: a gap of 0.1 nats. Orange: ${condition.name}.`,
  });
}

const nats = (gap: number): string => `${gap.toFixed(2)} nats`;
