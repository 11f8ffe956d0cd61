import { type Figure, figure } from './figure';
import { categories } from './steps';
import { formatValue } from './table';
import { COLOURS, COLOURWAY, type Colour, lineOf, withOpacity } from './theme';

/** The names of the colours in the order of the colourway. */
const NAMES = Object.keys(COLOURS) as Colour[];

/**
 * One setting of a sweep: a mean over seeds with its interval, and the seeds themselves.
 *
 * @example
 * ```ts
 * import { type SeedSpread, seedSpreadFigure, summarize } from 'gmm-vae';
 *
 * const { mean } = summarize([-91.5, -91.2, -91.9]);
 * const setting: SeedSpread = { name: 'N(0, I)', mean, interval: [-92.4, -90.7], seeds: [-91.5, -91.2, -91.9] };
 * seedSpreadFigure({ settings: [setting], quantity: 'ln p(x) (nats)' }).data.length > 0; // true
 * ```
 */
export interface SeedSpread {
  readonly name: string;
  readonly mean: number;
  /** Null for a single seed. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly seeds: readonly number[];
}

/**
 * Draws settings one below the other: a point for each seed, and the mean with its interval.
 *
 * @example
 * ```ts
 * import { seedSpreadFigure } from 'gmm-vae';
 *
 * seedSpreadFigure({
 *   settings: [
 *     { name: 'N(0, I)', mean: -91.5, interval: [-92.4, -90.7], seeds: [-91.5, -91.2, -91.9] },
 *     { name: 'K = 10', mean: -90.4, interval: [-90.9, -89.9], seeds: [-90.2, -90.6, -90.4] },
 *   ],
 *   quantity: 'ln p(x) (nats)',
 * });
 * ```
 */
export function seedSpreadFigure({
  settings,
  quantity,
}: {
  /** The settings from top to bottom. */
  readonly settings: readonly SeedSpread[];
  /** The label of the axis, with its unit. */
  readonly quantity: string;
}): Figure {
  const names = categories(settings.map(({ name }) => name));
  const half = (side: 0 | 1) => settings.map(({ mean, interval }) => (interval ? Math.abs(interval[side] - mean) : 0));
  const points = settings.flatMap(({ seeds }, i) => seeds.map((x) => ({ x, y: names[i] })));
  const said = settings.map(({ name, mean, interval }) => {
    const spread = interval ? ` (${formatValue(interval[0])} to ${formatValue(interval[1])})` : '';
    return `${name} ${formatValue(mean)}${spread}`;
  });
  return figure({
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: 'one seed',
        x: points.map(({ x }) => x),
        y: points.map(({ y }) => y),
        marker: { color: withOpacity('blue', 0.45), size: 7 },
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'mean, 95 % interval',
        x: settings.map(({ mean }) => mean),
        y: names,
        error_x: { type: 'data', symmetric: false, array: half(1), arrayminus: half(0), thickness: 2 },
        marker: { color: COLOURWAY[1], size: 10, symbol: 'diamond' },
      },
    ],
    layout: {
      height: 136 + 34 * settings.length,
      // The unit on a line of its own: beside long names, a phone leaves little width.
      xaxis: { title: { text: quantity.replace(' (', '<br>(') } },
      yaxis: {
        type: 'category',
        categoryarray: names.toReversed(),
        categoryorder: 'array',
        range: [-0.6, names.length - 0.4],
      },
    },
    alt: `${quantity} of each setting, mean over seeds with its 95 % interval: ${said.join('; ')}.`,
    caption: `${quantity}: each seed, and the mean over seeds with its 95 % interval (Student's t).`,
  });
}

/**
 * A quantity over epochs, averaged over the seeds of one setting.
 *
 * @example
 * ```ts
 * import { type SeedBand, seedBandsFigure } from 'gmm-vae';
 *
 * const band: SeedBand = { name: 'K = 10', epochs: [1, 2], mean: [160, 150], band: [[158, 162], [149, 151]] };
 * seedBandsFigure({ curves: [band], quantity: 'held-out loss (nats)' }).data.length > 0; // true
 * ```
 */
export interface SeedBand {
  readonly name: string;
  readonly epochs: readonly number[];
  readonly mean: readonly number[];
  /** Null where there is only one seed. */
  readonly band: readonly (readonly [low: number, high: number] | null)[];
}

/**
 * Draws curves by epoch, each with a band for the interval of its mean over seeds.
 *
 * @example
 * ```ts
 * import { seedBandsFigure } from 'gmm-vae';
 *
 * seedBandsFigure({
 *   curves: [
 *     { name: 'N(0, I)', epochs: [1, 2, 3], mean: [160, 130, 120], band: [[157, 163], [128, 132], [119, 121]] },
 *     { name: 'K = 10', epochs: [1, 2, 3], mean: [158, 127, 117], band: [[155, 161], [126, 128], [116, 118]] },
 *   ],
 *   quantity: 'held-out loss (nats)',
 * });
 * ```
 */
export function seedBandsFigure({
  curves,
  quantity,
}: {
  readonly curves: readonly SeedBand[];
  readonly quantity: string;
}): Figure {
  const data = curves.flatMap(({ name, epochs, mean, band }, i) => {
    const shared = { type: 'scatter', x: epochs, legendgroup: name };
    // One seed has no interval: a band of no width would promise certainty.
    const known = band.flatMap((interval, at) => (interval === null ? [] : [{ epoch: epochs[at], interval }]));
    const edge = (side: 0 | 1) => known.map(({ interval }) => interval[side]);
    const hidden = {
      ...shared,
      x: known.map(({ epoch }) => epoch),
      mode: 'lines',
      line: { width: 0 },
      showlegend: false,
      hoverinfo: 'skip',
    };
    return [
      { ...hidden, y: edge(0) },
      { ...hidden, y: edge(1), fill: 'tonexty', fillcolor: withOpacity(NAMES[i % NAMES.length] ?? 'blue', 0.2) },
      { ...shared, mode: 'lines', name, y: mean, line: lineOf(i) },
    ];
  });
  const last = curves.map(({ name, mean, epochs }) => `${name} ${formatValue(mean.at(-1))} after ${epochs.at(-1)}`);
  return figure({
    data,
    layout: {
      // The legend takes a line per curve from the height.
      height: 320 + 28 * curves.length,
      xaxis: { title: { text: 'epoch' } },
      yaxis: { title: { text: quantity } },
    },
    alt: `${quantity} against the epoch, one curve per setting with a band for the 95 % interval of its mean over seeds; at the end: ${last.join('; ')}.`,
    caption: `${quantity}: mean over seeds, with the 95 % interval of the mean.`,
  });
}
