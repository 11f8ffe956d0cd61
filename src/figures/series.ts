import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { logAxis, offLogAxis } from './log-axis';
import { formatValue } from './table';
import { lineOf } from './theme';

/**
 * The distance of partial sums from the value that they are to approach, against the number of terms, on a log axis.
 *
 * @example
 * ```ts
 * import { seriesErrorFigure, softplusExpectation, softplusSeries } from 'gmm-vae';
 *
 * const { distributionFunctions, moments } = softplusSeries(0, 2, 20);
 * seriesErrorFigure({
 *   series: [
 *     { name: 'distribution functions', sums: distributionFunctions },
 *     { name: 'moments', sums: moments },
 *   ],
 *   exact: softplusExpectation(0, 2),
 * });
 * ```
 */
export function seriesErrorFigure({
  series,
  exact,
}: {
  readonly series: readonly { readonly name: string; readonly sums: readonly number[] }[];
  readonly exact: number;
}): Figure {
  const errors = series.map(({ sums }) => sums.map((sum) => Math.abs(sum - exact)));
  return figure({
    data: series.map(({ name }, i) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: nth(errors, i).map((_, n) => n),
      y: errors[i],
      line: lineOf(i),
      marker: { size: 6 },
    })),
    layout: {
      xaxis: { title: { text: 'terms of the series' } },
      yaxis: logAxis(errors.flat(), 'distance from the value (nats)'),
    },
    alt: `The distance of partial sums from the exact value, on a log axis, for ${series.length} series. ${series.map(({ name }, i) => `${name}: from ${formatValue(nth(nth(errors, i), 0), 2)} to ${formatValue(nth(nth(errors, i), -1), 2)}, at best ${formatValue(Math.min(...nth(errors, i)), 2)}`).join('. ')}.${offLogAxis(errors.flat())}`,
    caption: `The distance of partial sums from the value that they are to approach. ${series.map(({ name }, i) => course(name, nth(errors, i))).join('; ')}.${offLogAxis(errors.flat())}`,
  });
}

/** Where a series is closest to the value. */
function course(name: string, errors: readonly number[]): string {
  const best = errors.indexOf(Math.min(...errors));
  return best === errors.length - 1
    ? `${name}: closest at the end`
    : `${name}: closest after ${best} terms, farther away again at the end`;
}
