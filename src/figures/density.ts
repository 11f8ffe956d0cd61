import { InvalidArgumentError } from '../errors';
import { linspace } from '../math/grid';
import { type Figure, figure } from './figure';
import type { HasLogProb } from './integrand';
import { COLOURS, withOpacity } from './theme';

export interface DensityView {
  readonly from?: number;
  readonly to?: number;
  readonly kl?: number;
  readonly bounds?: { readonly lower: number; readonly upper: number };
}

const POINTS = 241;

/**
 * q over p on a line, and the integrand q·ln(q/p) whose signed area is KL(q‖p): one figure to be drawn again as q or p moves.
 * @param view `from` and `to` are the ends of the axis, which stays where it is, default −5 and 5; the title says `kl` and `bounds`, in nats
 */
export function densityFigure(
  q: HasLogProb,
  p: HasLogProb,
  { from = -5, to = 5, kl, bounds }: DensityView = {},
): Figure {
  if (!(from < to && Number.isFinite(to - from)))
    throw new InvalidArgumentError('to', `expected a finite number above ${from}, got ${to}`);
  const z = linspace(from, to, POINTS);
  const lnQ = z.map((at) => q.logProb(at));
  const lnP = z.map((at) => p.logProb(at));
  const integrand = lnQ.map((value, i) => (value === -Infinity ? 0 : Math.exp(value) * (value - lnP[i]!)));
  const between = bounds === undefined ? '' : `, between ${bounds.lower.toFixed(4)} and ${bounds.upper.toFixed(4)}`;
  const title = kl === undefined ? {} : { title: { text: `KL(q‖p) = ${kl.toFixed(4)} nats${between}` } };
  return figure({
    data: [
      {
        type: 'scatter',
        name: 'q ln(q/p)',
        x: z,
        y: integrand,
        fill: 'tozeroy',
        fillcolor: withOpacity('vermilion', 0.22),
        line: { color: COLOURS.vermilion },
      },
      { type: 'scatter', name: 'q', x: z, y: lnQ.map((value) => Math.exp(value)), line: { color: COLOURS.blue } },
      {
        type: 'scatter',
        name: 'p',
        x: z,
        y: lnP.map((value) => Math.exp(value)),
        line: { color: COLOURS.grey, dash: 'dash' },
      },
    ],
    layout: {
      ...title,
      xaxis: { title: { text: 'z' }, range: [from, to] },
      yaxis: { title: { text: 'density, and nats per unit of z' } },
    },
    alt: `The densities of q and p from ${from} to ${to} and the shaded integrand q ln(q/p), whose signed area is the KL divergence${kl === undefined ? '' : `: ${kl.toFixed(4)} nats${between}`}.`,
    caption: 'q over p, and the integrand of (1), whose signed area is the KL term.',
  });
}
