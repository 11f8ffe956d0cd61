import { linspace } from '../math/grid';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { COLOURS, withOpacity } from './theme';

/** Anything with a log-density on the real line; the distributions of this library are. */
export interface HasLogProb {
  logProb(z: number): number;
}

const POINTS = 241;

/**
 * q, p and the integrand q·ln(q/p) of equation (1), whose signed area is KL(q‖p); one slider step per pair.
 *
 * @param pairs one pair (q, p) per slider step, with the label of the step
 */
export function integrandFigure(
  pairs: readonly { readonly label: string; readonly q: HasLogProb; readonly p: HasLogProb; readonly kl: number }[],
  { from, to, parameter = 'σ' }: { readonly from: number; readonly to: number; readonly parameter?: string },
): Figure {
  const z = linspace(from, to, POINTS);
  const steps = frameSlider({
    label: parameter,
    values: pairs.map((pair) => pair.label),
    traces: (_, index) => {
      const { q, p } = pairs[index]!;
      const lnQ = z.map((at) => q.logProb(at));
      const lnP = z.map((at) => p.logProb(at));
      return [
        {
          type: 'scatter',
          name: 'q ln(q/p)',
          x: z,
          y: lnQ.map((value, i) => (value === -Infinity ? 0 : Math.exp(value) * (value - lnP[i]!))),
          fill: 'tozeroy',
          fillcolor: withOpacity('vermilion', 0.22),
          line: { color: COLOURS.vermilion },
        },
        { type: 'scatter', name: 'q', x: z, y: lnQ.map(Math.exp), line: { color: COLOURS.blue } },
        { type: 'scatter', name: 'p', x: z, y: lnP.map(Math.exp), line: { color: COLOURS.grey, dash: 'dash' } },
      ];
    },
    relayout: (_, index) => ({ 'title.text': `KL(q‖p) = ${pairs[index]!.kl.toFixed(4)} nats` }),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      xaxis: { title: { text: 'z' } },
      yaxis: { title: { text: 'density, and nats per unit of z' } },
    },
    alt: `The densities of q and p and the shaded integrand q ln(q/p) for ${pairs.length} values of ${parameter}; the signed shaded area is the KL divergence, from ${pairs[0]!.kl.toFixed(2)} nats at the first value to ${pairs.at(-1)!.kl.toFixed(2)} at the last.`,
    caption: 'The integrand of (1). Its signed area is the KL term.',
  });
}

/**
 * KL over the (μ, σ) plane as a contour map beside one cut of it along μ, chosen by a slider over σ.
 *
 * @param kl the divergence in nats at (μ, σ), e.g. equation (9)
 */
export function klSurfaceFigure({
  means,
  stddevs,
  kl,
}: {
  readonly means: readonly number[];
  readonly stddevs: readonly number[];
  readonly kl: (mean: number, stddev: number) => number;
}): Figure {
  const surface = stddevs.map((stddev) => means.map((mean) => kl(mean, stddev)));
  const highest = Math.max(...surface.flat());
  const cuts = stddevs.filter((_, i) => i % Math.ceil(stddevs.length / 15) === 0);
  const steps = frameSlider({
    label: 'cut at σ',
    values: cuts.map((stddev) => stddev.toFixed(2)),
    fixed: [
      {
        type: 'contour',
        x: means,
        y: stddevs,
        z: surface,
        contours: { start: 0, end: Math.ceil(highest), size: 0.5 },
        line: { width: 0.6 },
        colorbar: { title: { text: 'nats' }, x: 0.47, len: 1.02 },
        hovertemplate: 'μ = %{x:.2f}<br>σ = %{y:.2f}<br>KL = %{z:.4f}<extra></extra>',
        showlegend: false,
      },
      {
        type: 'scatter',
        name: 'minimum',
        mode: 'markers+text',
        x: [0],
        y: [1],
        text: ['(0, 1)'],
        textposition: 'top center',
        textfont: { color: '#ffffff' },
        marker: { symbol: 'cross', size: 10, color: '#ffffff', line: { color: '#000000', width: 1 } },
        showlegend: false,
      },
    ],
    traces: (_, index) => {
      const stddev = cuts[index]!;
      return [
        {
          type: 'scatter',
          x: [means[0], means.at(-1)],
          y: [stddev, stddev],
          mode: 'lines',
          line: { color: '#ffffff', dash: 'dot' },
          showlegend: false,
          hoverinfo: 'skip',
        },
        {
          type: 'scatter',
          name: 'the cut',
          x: means,
          y: means.map((mean) => kl(mean, stddev)),
          xaxis: 'x2',
          yaxis: 'y2',
          line: { color: COLOURS.vermilion },
          showlegend: false,
        },
      ];
    },
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 480,
      xaxis: { domain: [0, 0.46], title: { text: 'μ' } },
      yaxis: { title: { text: 'σ' } },
      xaxis2: { domain: [0.64, 1], anchor: 'y2', title: { text: 'μ' } },
      yaxis2: { anchor: 'x2', range: [0, highest], title: { text: 'KL (nats)' } },
    },
    alt: `Contour map of the KL divergence over μ and σ, from 0 nats at its single minimum μ = 0, σ = 1 to ${highest.toFixed(1)} nats at the corners, and beside it a cut along μ, a parabola whose height depends on the chosen σ.`,
    caption: 'The surface of (9), left; the cut at the chosen σ, right.',
  });
}

const fine = (at: readonly number[]): number[] => linspace(at[0]!, at.at(-1)!, POINTS);

/** A derivative by its formula (a line) and by numerical differentiation (markers). */
export interface DerivativeCurve {
  readonly at: readonly number[];
  readonly formula: (x: number) => number;
  readonly numerical: readonly number[];
}

/** The two partial derivatives of (9), each formula drawn through the numerical derivatives of the integral (1). */
export function gradientFigure({
  mean,
  stddev,
}: {
  readonly mean: DerivativeCurve;
  readonly stddev: DerivativeCurve;
}): Figure {
  const pair = (curve: DerivativeCurve, name: string, axis: '' | '2', first: boolean): object[] => [
    {
      type: 'scatter',
      name: 'formula',
      legendgroup: 'formula',
      showlegend: first,
      x: fine(curve.at),
      y: fine(curve.at).map(curve.formula),
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      line: { color: COLOURS.blue },
      hovertemplate: `${name}: %{y:.4f}<extra></extra>`,
    },
    {
      type: 'scatter',
      name: 'differences of the integral (1)',
      legendgroup: 'numerical',
      showlegend: first,
      mode: 'markers',
      x: curve.at,
      y: curve.numerical,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      marker: { color: COLOURS.vermilion, symbol: 'circle-open', size: 9, line: { width: 2 } },
    },
  ];
  return figure({
    data: [...pair(mean, '∂KL/∂μ', '', true), ...pair(stddev, '∂KL/∂σ', '2', false)],
    layout: {
      xaxis: { domain: [0, 0.44], title: { text: 'μ' } },
      yaxis: { title: { text: '∂KL/∂μ' } },
      xaxis2: { domain: [0.58, 1], anchor: 'y2', title: { text: 'σ' } },
      yaxis2: { anchor: 'x2', title: { text: '∂KL/∂σ' } },
    },
    alt: 'Two panels. Left: the derivative with respect to μ is the straight line μ. Right: the derivative with respect to σ is σ − 1/σ, steeply negative near σ = 0 and zero at σ = 1. The numerical derivatives lie on both lines.',
    caption: 'The gradient of the KL term: a spring on μ, a barrier at σ = 0.',
  });
}
