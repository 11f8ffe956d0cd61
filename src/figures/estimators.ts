import { InvalidArgumentError } from '../errors';
import type { PowerLawFit } from '../math/regression';
import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider, stepLabels } from './frame-slider';
import { logAxis, offLogAxis } from './log-axis';
import { categories } from './steps';
import { formatValue } from './table';
import { COLOURS, TEN_COLOURS } from './theme';

/**
 * One line of a chart on log axes, with the slope fitted to it.
 *
 * @example
 * ```ts
 * import { type DecayLine, fitPowerLaw } from 'gmm-vae';
 *
 * const line: DecayLine = {
 *   name: 'plain',
 *   samples: [10, 100, 1000],
 *   squaredErrors: [0.1, 0.01, 0.001],
 *   fit: fitPowerLaw([10, 100, 1000], [0.1, 0.01, 0.001]),
 * };
 * line.fit?.exponent; // -1.0
 * ```
 */
export interface DecayLine {
  readonly name: string;
  readonly samples: readonly number[];
  /** Mean squared errors of estimates from so many draws, in nats²: their variance, where there is no bias. */
  readonly squaredErrors: readonly number[];
  /** b in squared error ∝ N^b and its 95 % interval, where it was fitted. */
  readonly fit?: Pick<PowerLawFit, 'exponent' | 'interval'>;
}

const MARKERS = ['circle', 'square', 'diamond', 'cross', 'x'] as const;

/** A colour and a marker of its own for each of ten lines; an eleventh starts over, dashed. */
function style(index: number): object {
  return {
    line: { color: TEN_COLOURS[index % TEN_COLOURS.length], dash: index < TEN_COLOURS.length ? 'solid' : 'dash' },
    marker: { symbol: MARKERS[index % MARKERS.length] },
  };
}

const shown = (exponent: number): string =>
  exponent
    .toFixed(2)
    .replace(/^-0\.00$/, '0.00')
    .replace('-', '−');

/** `−1.00 (−1.20 to −0.80)`. */
const shownFit = ({ exponent, interval: [from, to] }: NonNullable<DecayLine['fit']>): string =>
  `${shown(exponent)} (${shown(from)} to ${shown(to)})`;

/**
 * The squared error of each estimator against N on log axes; one slider step per group of lines.
 *
 * @example
 * ```ts
 * import {
 *   estimateKl,
 *   estimatorDecayFigure,
 *   GaussianMixture,
 *   linspace,
 *   Normal,
 *   quadratureKl,
 *   summarize,
 * } from 'gmm-vae';
 *
 * const q = new Normal(0, 1);
 * const samples = [64, 256, 1024];
 * const lines = (p: GaussianMixture) =>
 *   (['plain', 'rqmc'] as const).map((name) => ({
 *     name,
 *     samples,
 *     squaredErrors: samples.map((n) => {
 *       const seeds = linspace(1, 20, 20);
 *       const exact = quadratureKl(q, p);
 *       const errors = seeds.map((seed) => estimateKl(q, p, { estimator: name, samples: n, seed }).value - exact);
 *       return summarize(errors.map((error) => error * error)).mean;
 *     }),
 *   }));
 * const groups = [1, 3].map((value) => ({
 *   value,
 *   lines: lines(new GaussianMixture([0.5, 0.5], [new Normal(-value / 2, 1), new Normal(value / 2, 1)])),
 * }));
 * estimatorDecayFigure({ label: 'separation', groups });
 * ```
 */
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
      nth(groups, index).lines.map(({ name, samples, squaredErrors, fit }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name: fit === undefined ? name : `${name}: ${shownFit(fit)}`,
        x: samples,
        y: squaredErrors,
        ...style(i),
      })),
  });
  const all = groups.flatMap(({ lines }) => lines.flatMap(({ squaredErrors }) => squaredErrors));
  const labels = stepLabels(groups.map(({ value }) => value));
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 560,
      xaxis: logAxis(
        groups.flatMap(({ lines }) => lines.flatMap(({ samples }) => samples)),
        'draws N',
      ),
      yaxis: logAxis(all, 'mean squared error (nats²)'),
      legend: { orientation: 'v', x: 1.02, y: 1, xanchor: 'left', yanchor: 'top' },
    },
    alt: `Mean squared error against the number of draws on log axes, with fitted slopes and their 95 % intervals; the slider changes the ${label}. ${groups
      .map(
        ({ lines }, i) =>
          `At ${labels[i]}: ${lines.map(({ name, fit }) => (fit === undefined ? name : `${name} ${shownFit(fit)}`)).join(', ')}`,
      )
      .join('. ')}.${offLogAxis(all)}`,
    caption: `The mean squared error of every estimator against the number of draws. The legend gives the fitted slopes with their 95 % intervals.${offLogAxis(all)}`,
  });
}

/**
 * Efficiency, 1/(variance × cost), of each estimator as a multiple of plain's. The cost is time or, where a run must not
 * show times, a count of evaluations.
 *
 * @example
 * ```ts
 * import { efficiencyFigure } from 'gmm-vae';
 *
 * efficiencyFigure({ names: ['plain', 'antithetic', 'rqmc'], efficiencies: [1, 3.2, 410], per: 'evaluations' });
 * ```
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
  if (efficiencies.length !== names.length)
    throw new InvalidArgumentError(
      'efficiencies',
      `expected ${names.length} numbers, one for each name, got ${efficiencies.length}`,
    );
  const rows = categories(names);
  const order = [...names.keys()].sort((a, b) => nth(efficiencies, a) - nth(efficiencies, b));
  return figure({
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        y: order.map((i) => rows[i]),
        x: order.map((i) => efficiencies[i]),
        marker: { size: 11, color: COLOURS.blue },
      },
    ],
    layout: {
      xaxis: logAxis([1, ...efficiencies], 'efficiency, plain = 1'),
      yaxis: { type: 'category', title: { text: '' } },
      shapes: [
        {
          type: 'line',
          x0: 1,
          x1: 1,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: COLOURS.grey, dash: 'dash', width: 1 },
        },
      ],
    },
    alt: `Dots of 1/(variance × ${per}) relative to the plain estimator: ${order.map((i) => `${names[i]} ${formatValue(nth(efficiencies, i), 2)}`).join(', ')}.${offLogAxis(efficiencies)}`,
    caption: `How much an estimator gives for the same ${per === 'time' ? 'time' : 'number of evaluations'}: 1/(variance × ${per}), plain = 1.${offLogAxis(efficiencies)}`,
  });
}

/**
 * The variance of one gradient against the distance between q and the nearest mode; one slider step per number of components.
 *
 * @example
 * ```ts
 * import {
 *   type GradientEstimatorName,
 *   gradientVarianceFigure,
 *   KL_GRADIENT_ESTIMATORS,
 *   Normal,
 *   replicateKlGradient,
 * } from 'gmm-vae';
 *
 * const distances = [0.5, 1, 2, 4];
 * const p = new Normal(0, 1);
 * const variances = (estimator: GradientEstimatorName) => {
 *   const options = { estimator, samples: 2, seed: 1, replications: 200 };
 *   return distances.map((d) => replicateKlGradient(new Normal(d, 0.5), p, options).variance.mean[0] as number);
 * };
 * const lines = KL_GRADIENT_ESTIMATORS.map((name) => ({ name, variances: variances(name) }));
 * gradientVarianceFigure({ label: 'K', distances, groups: [{ value: 1, lines }] });
 * ```
 */
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
      nth(groups, index).lines.map(({ name, variances }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x: distances,
        y: variances,
        ...style(i),
      })),
  });
  const all = groups.flatMap(({ lines }) => lines.flatMap(({ variances }) => variances));
  const labels = stepLabels(groups.map(({ value }) => value));
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 480,
      xaxis: { title: { text: 'distance of q from the nearest mode' } },
      yaxis: logAxis(all, 'variance of one ∂KL/∂μ'),
    },
    alt: `Variance of the gradient with respect to μ against the distance of q from the nearest mode, on a log axis; the slider changes ${label}. ${groups
      .map(({ lines }, i) => `${label} = ${labels[i]}: ${spans(lines)}`)
      .join('. ')}.${offLogAxis(all)}`,
    caption: `What one draw tells about the slope: the variance of a gradient estimated from one draw (two with the baseline).${offLogAxis(all)}`,
  });
}

/** `score-function from 1.2 to 3.4, …`: each line's first and last value. */
function spans(lines: readonly { readonly name: string; readonly variances: readonly number[] }[]): string {
  return lines
    .map(({ name, variances }) => `${name} from ${formatValue(variances[0], 2)} to ${formatValue(variances.at(-1), 2)}`)
    .join(', ');
}
