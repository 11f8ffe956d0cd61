import { integrate, QuadratureError } from '../math/quadrature';
import { nth } from '../nth';
import { axisPoints } from './axis-points';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { shownNats } from './steps';
import { COLOURS, withOpacity } from './theme';

/** Anything with a log-density on the real line; the distributions of this library are. */
export interface HasLogProb {
  logProb(z: number): number;
}

const POINTS = 401;

/** Far more exactly than is shown. */
const TOLERANCE = { absolute: 1e-6, relative: 1e-6 };
/** The integral is first split at every so many points of a figure: no peak that is drawn lies between two. */
const EVERY = 8;

/** How much of KL(q‖p) lies beyond the ends of the points; zero where that cannot be known. */
export function beyondEnds(kl: number, q: HasLogProb, p: HasLogProb, z: readonly number[]): number {
  const breakpoints = z.filter((_, i) => i % EVERY === 0 || i === z.length - 1);
  try {
    const beyond = kl - integrate((at) => integrandAt(q.logProb(at), p.logProb(at)), breakpoints, TOLERANCE).value;
    return Number.isFinite(beyond) ? beyond : 0;
  } catch (error) {
    if (error instanceof QuadratureError) return 0;
    throw error;
  }
}

/**
 * q, p and the integrand q·ln(q/p) of equation (1), whose signed area is KL(q‖p); one slider step per pair. The axes stay as they
 * are from step to step, so that areas can be compared by eye, and the title says how much of the area lies beyond the ends.
 *
 * @param pairs one pair (q, p) per slider step, with the label of the step and KL(q‖p) in nats
 *
 * @example
 * ```ts
 * import { integrandFigure, klDivergence, Normal } from 'gmm-vae';
 *
 * const p = new Normal(0, 1);
 * const pairs = [0.5, 1, 2].map((stddev) => {
 *   const q = new Normal(1, stddev);
 *   return { label: String(stddev), q, p, kl: klDivergence(q, p) };
 * });
 * integrandFigure(pairs, { from: -5, to: 6 });
 * ```
 */
export function integrandFigure(
  pairs: readonly { readonly label: string; readonly q: HasLogProb; readonly p: HasLogProb; readonly kl: number }[],
  {
    from,
    to,
    parameter = 'σ',
    start,
  }: { readonly from: number; readonly to: number; readonly parameter?: string; readonly start?: number },
): Figure {
  const curves = pairs.map(({ q, p, kl }) => {
    const z = axisPoints([from, to, POINTS], [q, p]);
    return { ...integrandCurves(q, p, z), z, beyond: beyondEnds(kl, q, p, z) };
  });
  const all = curves.flatMap(({ q, p, integrand }) => [...q, ...p, ...integrand]).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const steps = frameSlider({
    label: parameter,
    values: pairs.map((pair) => pair.label),
    ...(start !== undefined && { start }),
    traces: (_, index) => integrandTraces(nth(curves, index).z, nth(curves, index)),
    relayout: (_, index) => ({ 'title.text': titleOf(nth(pairs, index).kl, nth(curves, index).beyond) }),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      xaxis: { title: { text: 'z' }, range: [from, to] },
      yaxis: { title: { text: 'density, and nats per unit of z' }, range: [low - 0.05, high + 0.05] },
    },
    alt: `The densities of q and p and the shaded integrand q ln(q/p) for ${pairs.length} values of ${parameter}, on axes that stay the same; the signed shaded area is the KL divergence, from ${shownNats(nth(pairs, 0).kl, 2)} nats at the first value to ${shownNats(nth(pairs, -1).kl, 2)} at the last.`,
    caption: 'The integrand of (1). Its signed area, above zero less below zero, is the KL term.',
  });
}

/** Half of the last digit shown: an area of less beyond the ends is not spoken of. */
const UNSEEN = 5e-4;

function titleOf(kl: number, beyond: number): string {
  const shown = `KL(q‖p) = ${shownNats(kl, 3)} nats`;
  return Math.abs(beyond) < UNSEEN ? shown : `${shown}, ${shownNats(beyond, 3)} of them beyond the ends`;
}

interface IntegrandCurves {
  readonly q: readonly number[];
  readonly p: readonly number[];
  readonly integrand: readonly number[];
}

/** q·ln(q/p) from the two log-densities at a point: nothing where q has nothing. */
const integrandAt = (lnQ: number, lnP: number): number => (lnQ === -Infinity ? 0 : Math.exp(lnQ) * (lnQ - lnP));

/** The densities of q and p at the points z, and the integrand q·ln(q/p) of equation (1). */
export function integrandCurves(q: HasLogProb, p: HasLogProb, z: readonly number[]): IntegrandCurves {
  const lnQ = z.map((at) => q.logProb(at));
  const lnP = z.map((at) => p.logProb(at));
  const integrand = lnQ.map((value, i) => integrandAt(value, nth(lnP, i)));
  return { q: lnQ.map((value) => Math.exp(value)), p: lnP.map((value) => Math.exp(value)), integrand };
}

/** The shaded integrand, q over it, and p dashed. */
export function integrandTraces(z: readonly number[], { q, p, integrand }: IntegrandCurves): object[] {
  return [
    {
      type: 'scatter',
      name: 'q ln(q/p)',
      x: z,
      y: integrand,
      fill: 'tozeroy',
      fillcolor: withOpacity('vermilion', 0.22),
      line: { color: COLOURS.vermilion },
    },
    { type: 'scatter', name: 'q', x: z, y: q, line: { color: COLOURS.blue } },
    { type: 'scatter', name: 'p', x: z, y: p, line: { color: COLOURS.grey, dash: 'dash' } },
  ];
}
