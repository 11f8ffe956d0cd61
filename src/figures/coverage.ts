import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { logAxis } from './log-axis';
import { percentOf } from './steps';
import { COLOURS, lineOf } from './theme';

/**
 * How often the 95 % intervals of one problem hold the exact value, against N.
 *
 * @example
 * ```ts
 * import { coverageFigure, type CoverageLine } from 'gmm-vae';
 *
 * const line: CoverageLine = { name: 'normal q and p', samples: [2, 10, 100], coverage: [0.7, 0.91, 0.95] };
 * coverageFigure([line]).data.length > 0; // true
 * ```
 */
export interface CoverageLine {
  readonly name: string;
  readonly samples: readonly number[];
  /** Shares, 0 to 1. */
  readonly coverage: readonly number[];
}

/**
 * The coverage of 95 % intervals against the number of draws: where it is below 95 %, the standard error promises too much.
 *
 * @example
 * ```ts
 * import { coverageFigure, intervalCoverage, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const samples = [2, 4, 8, 16, 32, 64];
 * const runs = samples.map((n) => intervalCoverage(q, p, { exact: 0.5, samples: n, replications: 500, seed: 1 }));
 * coverageFigure([
 *   { name: '± 1.96 standard errors', samples, coverage: runs.map(({ normal }) => normal) },
 *   { name: 'Student’s t', samples, coverage: runs.map(({ student }) => student) },
 * ]);
 * ```
 */
export function coverageFigure(lines: readonly CoverageLine[]): Figure {
  if (lines.length === 0) throw new InvalidArgumentError('lines', 'expected at least one line, got none');
  const all = lines.flatMap(({ samples }) => samples);
  const percent = (share: number): number => 100 * share;
  return figure({
    data: [
      ...lines.map(({ name, samples, coverage }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x: samples,
        y: coverage.map(percent),
        line: lineOf(i),
        marker: { size: 7 },
      })),
      {
        type: 'scatter',
        mode: 'lines',
        name: 'promised: 95 %',
        x: [Math.min(...all), Math.max(...all)],
        y: [95, 95],
        line: { color: COLOURS.grey, dash: 'dash' },
      },
    ],
    layout: {
      xaxis: logAxis(all, 'samples N'),
      yaxis: { title: { text: 'intervals that hold the value (%)' }, range: [0, 102] },
    },
    alt: `The share of 95 % intervals that hold the exact value, against N. ${lines.map(({ name, samples, coverage }) => `${name}: ${percentOf(nth(coverage, 0))} at N = ${samples[0]}, ${percentOf(nth(coverage, -1))} at N = ${samples.at(-1)}`).join('. ')}.`,
    caption: 'What an interval of 95 % is worth: how often it holds the exact value.',
  });
}
