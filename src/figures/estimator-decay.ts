import type { PowerLawFit } from '../math/regression';
import { nth } from '../nth';
import { fixed } from '../words';
import { type Figure, figure } from './figure';
import { frameSlider, stepLabels } from './frame-slider';
import { lineStyle } from './line-styles';
import { logAxis, offLogAxis } from './log-axis';

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

/** `−1.00 (−1.20 to −0.80)`. */
const shownFit = ({ exponent, interval: [from, to] }: NonNullable<DecayLine['fit']>): string =>
  `${fixed(exponent)} (${fixed(from)} to ${fixed(to)})`;

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
        ...lineStyle(i),
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
