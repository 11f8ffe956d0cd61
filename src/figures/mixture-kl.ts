import type { GaussianMixture } from '../distributions/gaussian-mixture';
import type { Normal } from '../distributions/normal';
import { nth } from '../nth';
import { axisPoints } from './axis-points';
import { type Figure, figure } from './figure';
import { type NormalControls, peakHandle } from './handles';
import { shownNats } from './steps';
import { COLOURS, partLine } from './theme';

const POINTS = 241;

/**
 * What `mixtureKlFigure` shows of KL(q‖p), and where.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klBounds, type MixtureKlView, mixtureKlFigure, Normal, quadratureKl } from 'gmm-vae';
 *
 * const q = new Normal(0.5, 1);
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 0.7), new Normal(2, 0.7)]);
 * const view: MixtureKlView = { from: -5, to: 5, top: 0.6, kl: quadratureKl(q, p), bounds: klBounds(q, p) };
 * mixtureKlFigure(q, p, view);
 * ```
 */
export interface MixtureKlView {
  /** The ends of the axis of z, which stay where they are. */
  readonly from: number;
  readonly to: number;
  /** The highest density that is shown. */
  readonly top: number;
  /** KL(q‖p), in nats. */
  readonly kl: number;
  readonly bounds: { readonly lower: number; readonly upper: number };
  /** The sliders of `interact` that a reader moves by dragging the peaks of q and of the components. */
  readonly drag?: { readonly q: NormalControls; readonly components: readonly NormalControls[] };
}

/**
 * Draws q over a mixture p and its weighted components, and below them the responsibilities, weighted by q: what share of q's draws each component
 * answers for. The title says KL(q‖p) with its bounds.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klBounds, mixtureKlFigure, Normal, quadratureKl } from 'gmm-vae';
 *
 * const q = new Normal(0.5, 1);
 * const p = new GaussianMixture([0.5, 0.5], [new Normal(-2, 0.7), new Normal(2, 0.7)]);
 * const view = { from: -5, to: 5, top: 0.6, kl: quadratureKl(q, p), bounds: klBounds(q, p) };
 * mixtureKlFigure(q, p, view);
 * ```
 */
export function mixtureKlFigure(q: Normal, p: GaussianMixture, view: MixtureKlView): Figure {
  const { from, to, top, kl, bounds, drag } = view;
  const z = axisPoints([from, to, POINTS], [q, p]);
  const normals = p.components as readonly Normal[];
  const colour = (k: number): string => partLine(k, 'drawn').color;
  const densities = z.map((at) => Math.exp(p.logProb(at)));
  const parts = normals.map((normal, k) => z.map((at) => nth(p.weights, k) * Math.exp(normal.logProb(at))));
  const responsibilities = z.map((at) => p.responsibilities(at));
  const words = `KL(q‖p) = ${shownNats(kl)} nats, between ${shownNats(bounds.lower)} and ${shownNats(bounds.upper)}`;
  const name = (k: number): string => `component ${k + 1}`;
  return figure({
    data: [
      ...parts.map((y, k) => ({
        type: 'scatter',
        name: name(k),
        legendgroup: name(k),
        x: z,
        y,
        line: partLine(k, 'dotted'),
      })),
      { type: 'scatter', name: 'p', x: z, y: densities, line: { color: COLOURS.grey, dash: 'dash' } },
      {
        type: 'scatter',
        name: 'q',
        x: z,
        y: z.map((at) => Math.exp(q.logProb(at))),
        line: { color: COLOURS.blue, width: 3 },
      },
      ...parts.map((_, k) => ({
        type: 'scatter',
        name: `responsibility of ${k + 1}`,
        legendgroup: name(k),
        showlegend: false,
        x: z,
        y: responsibilities.map((shares) => shares[k]),
        yaxis: 'y2',
        line: partLine(k, 'drawn'),
      })),
    ],
    layout: {
      title: { text: words },
      height: 500,
      xaxis: { title: { text: 'z' }, anchor: 'y2', range: [from, to] },
      yaxis: { domain: [0.36, 1], title: { text: 'density' }, range: [0, top] },
      yaxis2: { domain: [0, 0.26], title: { text: 'responsibility' }, range: [-0.03, 1.03] },
    },
    alt: `The densities of q and of a mixture p with its ${normals.length} weighted components; below, the responsibility of each component for z. ${words}.`,
    caption: 'q over a mixture and its components, and below them the responsibilities.',
    ...(drag && { handles: handlesOf(q, p, drag, colour) }),
  });
}

function handlesOf(
  q: Normal,
  p: GaussianMixture,
  drag: NonNullable<MixtureKlView['drag']>,
  colour: (k: number) => string,
): ReturnType<typeof peakHandle>[] {
  const components = drag.components.map((controls, k) =>
    peakHandle(nth(p.components, k), {
      label: `component ${k + 1}`,
      colour: colour(k),
      weight: nth(p.weights, k),
      controls,
    }),
  );
  return [...components, peakHandle(q, { label: 'q', colour: COLOURS.blue, controls: drag.q })];
}
