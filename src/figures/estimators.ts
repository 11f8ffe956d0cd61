import { type Figure, figure } from './figure';
import { slider } from './slider';
import { COLOURS, COLOURWAY, withOpacity } from './theme';

/** One line of a chart on log axes, with the slope fitted to it. */
export interface DecayLine {
  readonly name: string;
  readonly samples: readonly number[];
  /** Of the estimate from so many draws, in nats². */
  readonly variances: readonly number[];
  /** b in variance ∝ N^b, where it was fitted. */
  readonly exponent?: number;
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

const shownExponent = (exponent: number): string => exponent.toFixed(2).replace('-', '−');

/** The variance of each estimator against N on log axes; one slider step per group of lines. */
export function estimatorDecayFigure({
  label,
  groups,
}: {
  /** What the slider moves: `separation`. */
  readonly label: string;
  readonly groups: readonly { readonly value: number; readonly lines: readonly DecayLine[] }[];
}): Figure {
  const steps = slider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) =>
      groups[index]!.lines.map(({ name, samples, variances, exponent }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name: exponent === undefined ? name : `${name}: N^${shownExponent(exponent)}`,
        x: samples,
        y: variances,
        ...style(i),
      })),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 560,
      xaxis: { type: 'log', title: { text: 'draws N' } },
      yaxis: { type: 'log', title: { text: 'variance of the estimate (nats²)' } },
      legend: { orientation: 'v', x: 1.02, y: 1, xanchor: 'left', yanchor: 'top' },
    },
    alt: `Variance against the number of draws on log axes for ${groups[0]?.lines.length ?? 0} estimators, with their fitted slopes; the slider changes the ${label}. ${(groups[0]?.lines ?? []).map(({ name, exponent }) => (exponent === undefined ? name : `${name} ${shownExponent(exponent)}`)).join(', ')}.`,
    caption: 'The variance of every estimator against the number of draws. The legend gives the fitted slopes.',
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

/** Which estimator has the smallest variance for its evaluations, over dimension and separation. */
export function winnerMapFigure({
  dimensions,
  separations,
  winners,
  gains,
}: {
  readonly dimensions: readonly number[];
  readonly separations: readonly number[];
  /** winners[i][j] for dimensions[i] and separations[j]. */
  readonly winners: readonly (readonly string[])[];
  /** plain's variance over the winner's, at equal evaluations. */
  readonly gains: readonly (readonly number[])[];
}): Figure {
  return figure({
    data: [
      {
        type: 'heatmap',
        x: separations.map(String),
        y: dimensions.map(String),
        z: gains.map((row) => row.map((gain) => Math.log10(gain))),
        text: winners,
        texttemplate: '%{text}',
        hovertemplate: 'd = %{y}, separation %{x}: %{text}, 10^%{z:.1f} times<extra></extra>',
        colorbar: { title: { text: 'log₁₀ gain', side: 'right' } },
      },
    ],
    layout: {
      xaxis: { type: 'category', title: { text: 'separation of the modes (σ of a component)' } },
      yaxis: { type: 'category', title: { text: 'dimension d' } },
    },
    alt: `A map over dimension (${dimensions.join(', ')}) and separation (${separations.join(', ')}) that names the estimator with the smallest variance at equal evaluations: ${winners.map((row, i) => `d = ${dimensions[i]}: ${row.join(', ')}`).join('; ')}.`,
    caption: 'When each estimator wins, and by what factor its variance is below that of plain.',
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
  const steps = slider({
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
  const shown = (value: number | undefined): string => (value === undefined ? '—' : value.toPrecision(2));
  return lines
    .map(({ name, variances }) => `${name} from ${shown(variances[0])} to ${shown(variances.at(-1))}`)
    .join(', ');
}

/** Estimates with their intervals between the closed-form bounds, along a parameter; one slider step per group. */
export function sandwichedEstimatesFigure({
  label,
  parameter,
  groups,
}: {
  readonly label: string;
  /** What runs along the axis: `separation`. */
  readonly parameter: string;
  readonly groups: readonly {
    readonly value: number;
    readonly at: readonly number[];
    readonly lower: readonly number[];
    readonly upper: readonly number[];
    readonly estimates: readonly number[];
    /** Half the width of each interval. */
    readonly reach: readonly number[];
  }[];
}): Figure {
  const edge = { type: 'scatter', mode: 'lines', line: { width: 1, color: COLOURS.green } };
  const steps = slider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) => {
      const { at, lower, upper, estimates, reach } = groups[index]!;
      return [
        { ...edge, name: 'lower bound', x: at, y: lower, showlegend: false },
        {
          ...edge,
          name: 'closed-form bounds',
          x: at,
          y: upper,
          fill: 'tonexty',
          fillcolor: withOpacity('green', 0.15),
        },
        {
          type: 'scatter',
          mode: 'markers',
          name: 'estimate, 95 % interval',
          x: at,
          y: estimates,
          error_y: { type: 'data', array: reach, thickness: 1.5 },
          marker: { color: COLOURS.blue, size: 7 },
        },
      ];
    },
  });
  const outside = groups.flatMap(({ lower, upper, estimates, reach }) =>
    estimates.map((value, i) => {
      const distance = Math.max(lower[i]! - value, value - upper[i]!);
      return { estimate: distance > 0, interval: distance > reach[i]! };
    }),
  );
  const count = (what: 'estimate' | 'interval') => outside.filter((one) => one[what]).length;
  const found = `${count('estimate')} of ${outside.length} estimates lie outside the bounds, ${count('interval')} of them by more than their interval`;
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      xaxis: { title: { text: parameter } },
      yaxis: { title: { text: 'KL (nats)' }, rangemode: 'tozero' },
    },
    alt: `Estimates of the KL divergence with 95 % intervals along the ${parameter}, with the closed-form lower and upper bounds; ${found}; the slider changes ${label}.`,
    caption: `Estimates around the bounds that need no sampling: ${found}.`,
  });
}
