import { nth } from '../nth';
import { fixed } from '../words';
import { type Figure, figure } from './figure';
import { logAxis, offLogAxis, superscript } from './log-axis';
import { formatValue } from './table';
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
  /** A single sample has no standard error: the band begins where there is one, and does not promise certainty before. */
  const band = samples.flatMap((n, i) => {
    const error = nth(standardErrors, i);
    return error === null || !Number.isFinite(error) ? [] : [{ n, value: nth(estimates, i), reach: 1.96 * error }];
  });
  const edge = (sign: number): object => ({
    x: band.map(({ n }) => n),
    y: band.map(({ value, reach }) => value + sign * reach),
  });
  return figure({
    data: [
      {
        type: 'scatter',
        name: 'lower',
        ...edge(-1),
        line: { width: 0 },
        showlegend: false,
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        name: '± 1.96 standard errors',
        ...edge(1),
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
    alt: `Monte Carlo estimates of the KL divergence for growing N, with a band of ± 1.96 standard errors around them: ${aboutBand(band, exact)} The exact value is ${exact.toFixed(4)} nats.`,
    caption:
      'The estimate settles as N grows. The band is ± 1.96 of its own standard errors; for the smallest N it cannot be believed.',
  });
}

interface BandPoint {
  readonly n: number;
  readonly value: number;
  readonly reach: number;
}

/** `± 0.62 at N = 2, ± 0.03 at N = 1000, where it holds the exact value.` */
function aboutBand(band: readonly BandPoint[], exact: number): string {
  const [first, last] = [band[0], band.at(-1)];
  if (first === undefined || last === undefined) return 'no N has a standard error.';
  const reach = ({ n, reach }: BandPoint): string => `± ${formatValue(reach, 2)} at N = ${n}`;
  const holds = Math.abs(last.value - exact) <= last.reach;
  return `${band.length > 1 ? `${reach(first)}, ` : ''}${reach(last)}, where it ${holds ? 'holds' : 'misses'} the exact value.`;
}

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
  const off = offLogAxis(errors);
  const line = samples.map((n) => fit.factor * n ** fit.exponent);
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
        y: line,
        line: { color: COLOURS.vermilion, dash: 'dash' },
      },
    ],
    layout: {
      xaxis: logAxis(samples, 'samples N'),
      yaxis: logAxis([...errors, ...line], 'root-mean-square error (nats)'),
    },
    alt: `Root-mean-square error of the Monte Carlo estimate against N on logarithmic axes: the points lie ${distanceFrom(samples, errors, fit)} a straight line of slope ${fixed(fit.exponent, 3)}.${off}`,
    caption: `Four times the samples, ${Math.abs(fit.exponent + 0.5) < 0.05 ? 'half' : `${formatValue(4 ** fit.exponent, 2)} times`} the error.${off}`,
  });
}

/** `on`, or `within a factor of 1.2 of`: how far the points are from the fit. */
function distanceFrom(
  samples: readonly number[],
  errors: readonly number[],
  { factor, exponent }: { readonly factor: number; readonly exponent: number },
): string {
  const logs = errors.map((error, i) => Math.abs(Math.log(error / (factor * nth(samples, i) ** exponent))));
  const farthest = Math.exp(Math.max(0, ...logs.filter(Number.isFinite)));
  return farthest < 1.05 ? 'on' : `within a factor of ${formatValue(farthest, 2)} of`;
}
