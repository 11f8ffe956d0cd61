import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { logAxis, superscript } from './log-axis';
import { COLOURS, withOpacity } from './theme';

/**
 * One long run of estimator (11): the estimate after N samples between ± 1.96 of its own standard errors, and the exact value.
 *
 * @example
 * ```ts
 * import { monteCarloKl, Normal, runningEstimateFigure } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const samples = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
 * const runs = samples.map((n) => monteCarloKl(q, p, { samples: n, seed: 1 }));
 * runningEstimateFigure({
 *   samples,
 *   estimates: runs.map(({ value }) => value),
 *   standardErrors: runs.map(({ standardError }) => standardError),
 *   exact: 0.5,
 * });
 * ```
 */
export function runningEstimateFigure({
  samples,
  estimates,
  standardErrors,
  exact,
}: {
  readonly samples: readonly number[];
  readonly estimates: readonly number[];
  /** Same length; null where a single sample has none. */
  readonly standardErrors: readonly (number | null)[];
  readonly exact: number;
}): Figure {
  const edge = (sign: number): number[] =>
    estimates.map((value, i) => value + sign * 1.96 * (nth(standardErrors, i) ?? 0));
  return figure({
    data: [
      {
        type: 'scatter',
        name: 'lower',
        x: samples,
        y: edge(-1),
        line: { width: 0 },
        showlegend: false,
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        name: '± 1.96 standard errors',
        x: samples,
        y: edge(1),
        line: { width: 0 },
        fill: 'tonexty',
        fillcolor: withOpacity('blue', 0.2),
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        name: 'estimate (11)',
        mode: 'lines+markers',
        x: samples,
        y: estimates,
        line: { color: COLOURS.blue },
      },
      {
        type: 'scatter',
        name: 'exact, by quadrature',
        x: [samples[0], samples.at(-1)],
        y: [exact, exact],
        mode: 'lines',
        line: { color: COLOURS.vermilion, dash: 'dash' },
      },
    ],
    layout: { xaxis: logAxis(samples, 'samples N'), yaxis: { title: { text: 'KL (nats)' } } },
    alt: `Monte Carlo estimates of the KL divergence for growing N, with a band of ± 1.96 standard errors that narrows around the exact value ${exact.toFixed(4)} nats.`,
    caption:
      'The estimate settles as N grows. The band is ± 1.96 of its own standard errors; for the smallest N it cannot be believed.',
  });
}

/**
 * Histograms of many independent estimates, one slider step per sample count N; the exact value and zero are marked.
 *
 * @example
 * ```ts
 * import { estimateHistogramFigure, klDivergence, Normal, replicateMonteCarloKl } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(0.3, 1)];
 * const groups = [10, 100].map((samples) => ({
 *   samples,
 *   estimates: replicateMonteCarloKl(q, p, { samples, replications: 500, seed: 1 }),
 * }));
 * estimateHistogramFigure({ groups, exact: klDivergence(q, p) });
 * ```
 */
export function estimateHistogramFigure({
  groups,
  exact,
}: {
  readonly groups: readonly { readonly samples: number; readonly estimates: ArrayLike<number> }[];
  readonly exact: number;
}): Figure {
  const all = groups.flatMap((group) => Array.from(group.estimates)).sort((a, b) => a - b);
  const quantile = (share: number): number => nth(all, Math.min(all.length - 1, Math.floor(share * all.length)));
  const [low, high] = [Math.min(quantile(0.002), 0), quantile(0.998)];
  const size = (high - low) / 80;
  const steps = frameSlider({
    label: 'N',
    values: groups.map((group) => group.samples),
    start: 0,
    traces: (_, index) => {
      const values = Array.from(nth(groups, index).estimates);
      const histogram = (name: string, x: number[], color: string): object => ({
        type: 'histogram',
        name,
        x,
        xbins: { start: Math.floor(low / size) * size, end: high, size },
        marker: { color },
        opacity: 0.85,
      });
      return [
        histogram(
          'estimates ≥ 0',
          values.filter((value) => value >= 0),
          COLOURS.blue,
        ),
        histogram(
          'negative estimates',
          values.filter((value) => value < 0),
          COLOURS.vermilion,
        ),
      ];
    },
    relayout: (_, index) => ({ 'title.text': titleOf(nth(groups, index), low, high) }),
  });
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      barmode: 'stack',
      xaxis: { title: { text: 'estimate (nats)' }, range: [low, high] },
      yaxis: { title: { text: 'how many' } },
      shapes: [
        {
          type: 'line',
          x0: exact,
          x1: exact,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: COLOURS.green, width: 2, dash: 'dash' },
        },
      ],
      annotations: [{ x: exact, yref: 'paper', y: 1, text: 'exact', showarrow: false, xanchor: 'left', xshift: 4 }],
    },
    alt: `Histograms of independent Monte Carlo estimates for N = ${groups.map((group) => group.samples).join(', ')}, with the exact value ${exact.toFixed(4)} nats as their mean, up to chance; the negative share is ${groups.map((group) => `${negativeShare(group)} at N = ${group.samples}`).join(', ')}.`,
    caption: 'Independent estimates of one KL divergence. The mean of each histogram is the exact value, up to chance.',
  });
}

/** The share of negative estimates and, where the axis ends before the estimates do, how many lie beyond. */
function titleOf({ estimates }: { readonly estimates: ArrayLike<number> }, low: number, high: number): string {
  const beyond = Array.from(estimates).filter((value) => value < low || value > high).length;
  const share = `${negativeShare({ estimates })} of the estimates are negative`;
  return beyond === 0 ? share : `${share}; ${beyond} of ${estimates.length} lie beyond the ends of the axis`;
}

const negativeShare = ({ estimates }: { readonly estimates: ArrayLike<number> }): string =>
  `${((100 * Array.from(estimates).filter((value) => value < 0).length) / estimates.length).toFixed(1)} %`;

/**
 * Root-mean-square error against N on log axes, with the fitted power law.
 *
 * @example
 * ```ts
 * import { errorDecayFigure, fitPowerLaw, Normal, replicateMonteCarloKl, summarize } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const samples = [10, 100, 1000];
 * const errors = samples.map((n) => {
 *   const estimates = replicateMonteCarloKl(q, p, { samples: n, replications: 200, seed: 1 });
 *   const { mean, standardDeviation } = summarize(estimates);
 *   return Math.hypot(mean - 0.5, standardDeviation as number);
 * });
 * errorDecayFigure({ samples, errors, fit: fitPowerLaw(samples, errors) });
 * ```
 */
export function errorDecayFigure({
  samples,
  errors,
  fit,
}: {
  readonly samples: readonly number[];
  readonly errors: readonly number[];
  readonly fit: { readonly factor: number; readonly exponent: number };
}): Figure {
  return figure({
    data: [
      {
        type: 'scatter',
        name: 'measured error',
        mode: 'markers',
        x: samples,
        y: errors,
        marker: { color: COLOURS.blue, size: 9 },
      },
      {
        type: 'scatter',
        name: `fit: error ∝ N${superscript(fit.exponent.toFixed(3))}`,
        mode: 'lines',
        x: samples,
        y: samples.map((n) => fit.factor * n ** fit.exponent),
        line: { color: COLOURS.vermilion, dash: 'dash' },
      },
    ],
    layout: {
      xaxis: logAxis(samples, 'samples N'),
      yaxis: logAxis(errors, 'root-mean-square error (nats)'),
    },
    alt: `Root-mean-square error of the Monte Carlo estimate against N on logarithmic axes: the points lie on a straight line of slope ${fit.exponent.toFixed(3).replace('-', '−')}.`,
    caption: 'Four times the samples, half the error.',
  });
}
