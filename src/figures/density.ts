import { InvalidArgumentError } from '../errors';
import { fixed } from '../words';
import { axisPoints } from './axis-points';
import { stepTraces } from './descent';
import { type Figure, figure } from './figure';
import { type NormalControls, peakHandle } from './handles';
import { beyondEnds, type HasLogProb, integrandCurves, integrandTraces } from './integrand';
import { shownNats } from './steps';
import { COLOURS } from './theme';

export interface DensityView {
  readonly from?: number;
  readonly to?: number;
  readonly kl?: number;
  readonly bounds?: { readonly lower: number; readonly upper: number };
  /** ∂KL/∂μ and ∂KL/∂σ at the normal q: drawn as the steps that gradient descent would take. */
  readonly gradient?: { readonly mean: number; readonly stddev: number };
  /** The sliders of `interact` that a reader moves by dragging the peak of the normal q. */
  readonly drag?: NormalControls;
}

const POINTS = 241;

/**
 * q over p on a line, and the integrand q·ln(q/p) whose signed area is KL(q‖p): one figure to be drawn again as q or p moves.
 * @param view `from` and `to` are the ends of the axis, which stays where it is, default −5 and 5; the title says `kl` and `bounds`, in nats
 *
 * @example
 * ```ts
 * import { densityFigure, klDivergence, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(1, 0.5), new Normal(0, 1)];
 * densityFigure(q, p, { kl: klDivergence(q, p) });
 * ```
 */
export function densityFigure(
  q: HasLogProb,
  p: HasLogProb,
  { from = -5, to = 5, kl, bounds, gradient, drag }: DensityView = {},
): Figure {
  if (!(from < to && Number.isFinite(to - from)))
    throw new InvalidArgumentError('to', `expected a finite number above ${from}, got ${to}`);
  const z = axisPoints([from, to, POINTS], [q, p]);
  const between = bounds === undefined ? '' : `, between ${shownNats(bounds.lower)} and ${shownNats(bounds.upper)}`;
  const slopes =
    gradient === undefined
      ? ''
      : ` Its slope is ${fixed(gradient.mean, 4)} in the mean of q and ${fixed(gradient.stddev, 4)} in its standard deviation.`;
  const cut = kl === undefined ? '' : cutOff(kl, beyondEnds(kl, q, p, z));
  const title = kl === undefined ? {} : { title: { text: `KL(q‖p) = ${shownNats(kl)} nats${between}` } };
  return figure({
    data: [...integrandTraces(z, integrandCurves(q, p, z)), ...(gradient ? stepTraces(q, gradient) : [])],
    layout: {
      ...title,
      xaxis: { title: { text: cut === '' ? 'z' : `z; ${cut}` }, range: [from, to] },
      yaxis: { title: { text: 'density, and nats per unit of z' } },
    },
    alt: `The densities of q and p from ${from} to ${to} and the shaded integrand q ln(q/p), whose signed area is the KL divergence${kl === undefined ? '' : `: ${shownNats(kl)} nats${between}${cut === '' ? '' : `, ${cut}`}`}.${slopes}`,
    caption: 'q over p, and the integrand of (1), whose signed area is the KL term.',
    ...(drag && { handles: [peakHandle(q, { label: 'q', colour: COLOURS.blue, controls: drag })] }),
  });
}

/** The share of KL(q‖p) beyond the ends of the axis from which a reader who compares areas is misled. */
const MISLEADING = 0.05;

const cutOff = (kl: number, beyond: number): string =>
  Math.abs(beyond) > MISLEADING * Math.abs(kl) && Math.abs(beyond) > 1e-4
    ? `${shownNats(beyond)} nats lie beyond the ends`
    : '';
