import type { PowerLawFit } from '../math/regression';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { COLOURS, COLOURWAY } from './theme';

/** One line of a chart on log axes, with the slope fitted to it. */
export interface DecayLine {
  readonly name: string;
  readonly samples: readonly number[];
  /** Mean squared errors of estimates from so many draws, in nats²: their variance, where there is no bias. */
  readonly squaredErrors: readonly number[];
  /** b in squared error ∝ N^b and its 95 % interval, where it was fitted. */
  readonly fit?: Pick<PowerLawFit, 'exponent' | 'interval'>;
}

const DASHES = ['solid', 'dash', 'dot'] as const;

/** More lines than colours: the ninth starts over, dashed. */
function style(index: number): object {
  return {
    line: {
      color: COLOURWAY[index % COLOURWAY.length],
      dash: DASHES[Math.floor(index / COLOURWAY.length) % DASHES.length],
    },
  };
}

const shown = (exponent: number): string => exponent.toFixed(2).replace('-', '−');

/** `−1.00 (−1.20 to −0.80)`. */
const shownFit = ({ exponent, interval: [from, to] }: NonNullable<DecayLine['fit']>): string =>
  `${shown(exponent)} (${shown(from)} to ${shown(to)})`;

/** The squared error of each estimator against N on log axes; one slider step per group of lines. */
export function estimatorDecayFigure({
  label,
  groups,
}: {
  /** What the slider moves: `separation`. */
  readonly label: string;
  readonly groups: readonly { readonly value: number; readonly lines: readonly DecayLine[] }[];
}): Figure {
  const steps = frameSlider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) =>
      groups[index]!.lines.map(({ name, samples, squaredErrors, fit }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name: fit === undefined ? name : `${name}: ${shownFit(fit)}`,
        x: samples,
        y: squaredErrors,
        ...style(i),
      })),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 560,
      xaxis: { type: 'log', title: { text: 'draws N' } },
      yaxis: { type: 'log', title: { text: 'mean squared error (nats²)' } },
      legend: { orientation: 'v', x: 1.02, y: 1, xanchor: 'left', yanchor: 'top' },
    },
    alt: `Mean squared error against the number of draws on log axes, with fitted slopes and their 95 % intervals; the slider changes the ${label}. ${groups.map(({ value, lines }) => `At ${value}: ${lines.map(({ name, fit }) => (fit === undefined ? name : `${name} ${shownFit(fit)}`)).join(', ')}`).join('. ')}.`,
    caption:
      'The mean squared error of every estimator against the number of draws. The legend gives the fitted slopes with their 95 % intervals.',
  });
}

/**
 * Efficiency, 1/(variance × cost), of each estimator as a multiple of plain's. The cost is time or, where a run must not
 * show times, a count of evaluations.
 */
export function efficiencyFigure({
  names,
  efficiencies,
  per = 'time',
}: {
  readonly names: readonly string[];
  readonly efficiencies: readonly number[];
  readonly per?: 'time' | 'evaluations';
}): Figure {
  const order = [...names.keys()].sort((a, b) => efficiencies[a]! - efficiencies[b]!);
  return figure({
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: order.map((i) => names[i]),
        x: order.map((i) => efficiencies[i]),
        marker: { color: order.map((i) => (efficiencies[i]! >= 1 ? COLOURS.blue : COLOURS.vermilion)) },
      },
    ],
    layout: {
      xaxis: { type: 'log', title: { text: `efficiency: 1/(variance × ${per}), plain = 1` } },
      yaxis: { title: { text: '' } },
    },
    alt: `Bars of 1/(variance × ${per}) relative to the plain estimator: ${order.map((i) => `${names[i]} ${efficiencies[i]!.toPrecision(2)}`).join(', ')}.`,
    caption: `How much an estimator gives for the same ${per === 'time' ? 'time' : 'number of evaluations'}: 1/(variance × ${per}), plain = 1.`,
  });
}

/** Which estimators have the smallest variance for their evaluations, over dimension and separation. */
export function winnerMapFigure({
  dimensions,
  separations,
  winners,
  gains,
}: {
  readonly dimensions: readonly number[];
  readonly separations: readonly number[];
  /** winners[i][j] for dimensions[i] and separations[j]: the best, then those that tie with it. */
  readonly winners: readonly (readonly (readonly string[])[])[];
  /** plain's variance over the best one's, at equal evaluations. */
  readonly gains: readonly (readonly number[])[];
}): Figure {
  return figure({
    data: [
      {
        type: 'heatmap',
        x: separations.map(String),
        y: dimensions.map(String),
        z: gains.map((row) => row.map((gain) => Math.log10(gain))),
        text: winners.map((row) => row.map((names) => names.join('<br>'))),
        texttemplate: '%{text}',
        hovertemplate: 'd = %{y}, separation %{x}: 10^%{z:.1f} times<br>%{text}<extra></extra>',
        colorbar: { title: { text: 'log₁₀ gain', side: 'right' } },
      },
    ],
    layout: {
      xaxis: { type: 'category', title: { text: 'separation of the modes (σ of a component)' } },
      yaxis: { type: 'category', title: { text: 'dimension d' } },
    },
    alt: `A map over dimension (${dimensions.join(', ')}) and separation (${separations.join(', ')}) that names the estimator with the smallest variance at equal evaluations and those that tie with it: ${winners.map((row, i) => `d = ${dimensions[i]}: ${row.map((names) => names.join(' or ')).join(', ')}`).join('; ')}.`,
    caption:
      'Which estimators win, the best one first, and by what factor its variance is below that of plain. Those named together tie.',
  });
}

/** The variance of one gradient against the distance between q and the nearest mode; one slider step per number of components. */
export function gradientVarianceFigure({
  label,
  distances,
  groups,
}: {
  readonly label: string;
  readonly distances: readonly number[];
  readonly groups: readonly {
    readonly value: number;
    readonly lines: readonly { readonly name: string; readonly variances: readonly number[] }[];
  }[];
}): Figure {
  const steps = frameSlider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) =>
      groups[index]!.lines.map(({ name, variances }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x: distances,
        y: variances,
        ...style(i),
      })),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 480,
      xaxis: { title: { text: 'distance of q from the nearest mode' } },
      yaxis: { type: 'log', title: { text: 'variance of one ∂KL/∂μ' } },
    },
    alt: `Variance of the gradient with respect to μ against the distance of q from the nearest mode, on a log axis; the slider changes ${label}. ${groups.map(({ value, lines }) => `${label} = ${value}: ${spans(lines)}`).join('. ')}.`,
    caption:
      'What one draw tells about the slope: the variance of a gradient estimated from one draw (two with the baseline).',
  });
}

/** `score-function from 1.2 to 3.4, …`: each line's first and last value. */
function spans(lines: readonly { readonly name: string; readonly variances: readonly number[] }[]): string {
  const digits = (value: number | undefined): string => (value === undefined ? '—' : value.toPrecision(2));
  return lines
    .map(({ name, variances }) => `${name} from ${digits(variances[0])} to ${digits(variances.at(-1))}`)
    .join(', ');
}
