import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { stepOf, toldApart } from './steps';
import { formatValue } from './table';
import { COLOURS } from './theme';

/** A curve beside the cut: what the divergence is like for small or for large σ. */
export interface SurfaceLimit {
  readonly name: string;
  readonly at: (mean: number, stddev: number) => number;
}

/**
 * KL over the (μ, σ) plane as a contour map, and a cut of it along σ at the μ of the frameSlider, with the limits that it follows. The cut
 * shows what the map hides: how unlike the two sides of σ = 1 are.
 *
 * @param kl the divergence in nats at (μ, σ), e.g. equation (9)
 *
 * @example
 * ```ts
 * import { klDivergence, klSurfaceFigure, linspace, Normal } from 'gmm-vae';
 *
 * const [means, stddevs] = [linspace(-2, 2, 21), linspace(0.3, 2.5, 23)];
 * klSurfaceFigure({
 *   means,
 *   stddevs,
 *   kl: (mean, stddev) => klDivergence(new Normal(mean, stddev), new Normal(0, 1)),
 *   limits: [{ name: '−ln σ', at: (_, stddev) => -Math.log(stddev) }],
 * });
 * ```
 */
export function klSurfaceFigure({
  means,
  stddevs,
  kl,
  limits = [],
}: {
  readonly means: readonly number[];
  readonly stddevs: readonly number[];
  readonly kl: (mean: number, stddev: number) => number;
  readonly limits?: readonly SurfaceLimit[];
}): Figure {
  const surface = stddevs.map((stddev) => means.map((mean) => kl(mean, stddev)));
  const highest = Math.max(...surface.flat().filter(Number.isFinite));
  const lowest = lowestOf({ means, stddevs, surface }, kl);
  const cuts = cutsOf(means);
  const steps = frameSlider({
    label: 'cut at μ',
    values: toldApart(cuts),
    start: 0,
    fixed: [
      {
        type: 'contour',
        x: means,
        y: stddevs,
        z: surface,
        contours: contoursUpTo(highest),
        line: { width: 0.6 },
        colorbar: { title: { text: 'nats' }, x: 0.47, len: 1.02 },
        hovertemplate: 'μ = %{x:.2f}<br>σ = %{y:.2f}<br>KL = %{z:.4f}<extra></extra>',
        showlegend: false,
      },
      {
        type: 'scatter',
        name: 'minimum',
        mode: 'markers+text',
        x: [lowest.mean],
        y: [lowest.stddev],
        text: [`(${formatValue(lowest.mean, 3)}, ${formatValue(lowest.stddev, 3)})`],
        textposition: 'top right',
        textfont: { color: '#ffffff' },
        marker: { symbol: 'cross', size: 10, color: '#ffffff', line: { color: '#000000', width: 1 } },
        showlegend: false,
        hoverinfo: 'skip',
      },
    ],
    traces: (_, index) => [cutLine(nth(cuts, index), stddevs), ...cutOf(nth(cuts, index), { stddevs, kl, limits })],
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 500,
      xaxis: { domain: [0, 0.46], title: { text: 'μ' } },
      yaxis: { title: { text: 'σ' } },
      xaxis2: { domain: [0.64, 1], anchor: 'y2', title: { text: 'σ' }, range: [0, stddevs.at(-1)] },
      yaxis2: { anchor: 'x2', range: [0, highest], title: { text: 'KL (nats)' } },
    },
    alt: `Contour map of the KL divergence over μ and σ, from ${formatValue(lowest.kl, 2)} nats at its lowest point μ = ${formatValue(lowest.mean, 3)}, σ = ${formatValue(lowest.stddev, 3)} to ${formatValue(highest, 2)} nats, and a cut of it along σ: steep like a logarithm towards σ = 0, slower at first and then like a parabola towards large σ.`,
    caption: 'The surface of (9) as a map, and its cut along σ at the chosen μ, the dotted line of the map.',
  });
}

interface SurfacePoint {
  readonly mean: number;
  readonly stddev: number;
  readonly kl: number;
}

interface SurfaceGrid {
  readonly means: readonly number[];
  readonly stddevs: readonly number[];
  /** The divergence, a row for each standard deviation. */
  readonly surface: readonly (readonly number[])[];
}

/** Where q = N(0, 1), if that is on the map and nothing is lower, as for (9); else the lowest point of the grid. */
function lowestOf(
  { means, stddevs, surface }: SurfaceGrid,
  kl: (mean: number, stddev: number) => number,
): SurfacePoint {
  const grid = surface.flatMap((row, y) =>
    row.map((at, x) => ({ mean: nth(means, x), stddev: nth(stddevs, y), kl: at })),
  );
  const lowest = grid.reduce((best, point) => (point.kl < best.kl ? point : best));
  const holds = (values: readonly number[], at: number): boolean =>
    Math.min(...values) <= at && at <= Math.max(...values);
  if (!holds(means, 0) || !holds(stddevs, 1)) return lowest;
  const standard = { mean: 0, stddev: 1, kl: kl(0, 1) };
  return standard.kl <= lowest.kl ? standard : lowest;
}

/** The cuts of the slider: some 25 of the means that are not negative, since (9) is even in μ; of all where there are none. */
function cutsOf(means: readonly number[]): number[] {
  const half = means.filter((mean) => mean >= 0);
  const all = half.length > 0 ? half : means;
  return all.filter((_, i) => i % Math.ceil(all.length / 25) === 0);
}

/** Contours half a nat apart, as long as a map holds a handful of them or two. */
function contoursUpTo(highest: number): object {
  const size = highest >= 2 && highest <= 20 ? 0.5 : highest > 0 ? stepOf(highest / 8) : 0.5;
  return { start: 0, end: Math.ceil(highest / size) * size, size };
}

function cutLine(mean: number, stddevs: readonly number[]): object {
  return {
    type: 'scatter',
    x: [mean, mean],
    y: [stddevs[0], stddevs.at(-1)],
    mode: 'lines',
    line: { color: '#ffffff', dash: 'dot' },
    showlegend: false,
    hoverinfo: 'skip',
  };
}

const LIMIT_COLOURS = [COLOURS.green, COLOURS.blue] as const;

function cutOf(
  mean: number,
  {
    stddevs,
    kl,
    limits,
  }: { readonly stddevs: readonly number[] } & Pick<Parameters<typeof klSurfaceFigure>[0], 'kl'> & {
      readonly limits: readonly SurfaceLimit[];
    },
): object[] {
  const axes = { type: 'scatter', x: stddevs, xaxis: 'x2', yaxis: 'y2', mode: 'lines' };
  return [
    ...limits.map(({ name, at }, i) => ({
      ...axes,
      name,
      y: stddevs.map((stddev) => at(mean, stddev)),
      line: { color: LIMIT_COLOURS[i % LIMIT_COLOURS.length], dash: 'dot' },
      hoverinfo: 'skip',
    })),
    {
      ...axes,
      name: 'KL',
      y: stddevs.map((stddev) => kl(mean, stddev)),
      line: { color: COLOURS.vermilion, width: 3 },
      hovertemplate: 'σ = %{x:.2f}: %{y:.3f} nats<extra></extra>',
    },
  ];
}
