import { fixed } from '../words';
import { type Figure, figure } from './figure';
import { categories } from './steps';
import { COLOURS } from './theme';

/** One prior of a controlled comparison: a value for each seed, in nats, and their mean. */
export interface ControlRow {
  readonly label: string;
  readonly values: readonly number[];
  readonly mean: number;
}

/**
 * Every training as a dot, one row per prior, with the mean of the seeds as a bar: how far priors are apart beside how far seeds are.
 *
 * @param quantity what the values are, in nats per image: `ln p(x)`
 *
 * @example
 * ```ts
 * import { controlFigure, storedControlResults, summarize } from 'gmm-vae';
 *
 * const { rungs, runs } = storedControlResults('plane');
 * const rows = rungs.map(({ name, label }) => {
 *   const values = runs.filter(({ prior }) => prior === name).map(({ logLikelihood }) => logLikelihood);
 *   return { label, values, mean: summarize(values).mean };
 * });
 * controlFigure(rows, { quantity: 'ln p(x)' });
 * ```
 */
export function controlFigure(rows: readonly ControlRow[], { quantity }: { readonly quantity: string }): Figure {
  const names = categories(rows.map(({ label }) => label));
  return figure({
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: 'one training',
        x: rows.flatMap(({ values }) => values),
        y: rows.flatMap(({ values }, i) => values.map(() => names[i])),
        marker: { size: 9, color: COLOURS.blue, opacity: 0.6 },
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'mean of the seeds',
        x: rows.map(({ mean }) => mean),
        y: names,
        marker: { symbol: 'line-ns-open', size: 22, color: COLOURS.vermilion, line: { width: 3 } },
      },
    ],
    layout: {
      height: 110 + 52 * rows.length,
      xaxis: { title: { text: 'nats per image' }, tickangle: 0, nticks: 4 },
      yaxis: { type: 'category', autorange: 'reversed', title: { text: '' } },
    },
    alt: `A row of dots for each prior, one dot per seed, over ${quantity} in nats per image. Means: ${rows.map(({ label, mean }) => `${label} ${fixed(mean)}`).join(', ')}.`,
    caption: `Every training as a dot: ${quantity}, higher is better.`,
  });
}
