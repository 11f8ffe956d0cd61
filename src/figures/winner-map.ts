import { type Figure, figure } from './figure';
import { categories } from './steps';
import { DARK_WORDS, LIGHT_SEQUENTIAL } from './theme';

/** Decades of the gain, in plain figures, on a colour bar of its logarithm. */
function gainTicks(gains: readonly (readonly number[])[]): object {
  const most = Math.max(0, Math.ceil(Math.log10(Math.max(1, ...gains.flat().filter(Number.isFinite)))));
  const decades = Array.from({ length: most + 1 }, (_, k) => k);
  return { tickvals: decades, ticktext: decades.map((k) => (10 ** k).toLocaleString('en-US')) };
}

/**
 * Which estimators have the smallest variance for their evaluations, over dimension and separation.
 *
 * @example
 * ```ts
 * import { winnerMapFigure } from 'gmm-vae';
 *
 * winnerMapFigure({
 *   dimensions: [1, 4],
 *   separations: [0, 2, 4],
 *   winners: [
 *     [['rqmc'], ['rqmc'], ['rqmc', 'component-wise']],
 *     [['control-variate'], ['rqmc'], ['component-wise']],
 *   ],
 *   gains: [
 *     [400, 380, 200],
 *     [90, 40, 150],
 *   ],
 * });
 * ```
 */
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
  const largest = Math.max(1, ...gains.flat().filter(Number.isFinite));
  return figure({
    data: [
      {
        type: 'heatmap',
        x: categories(separations.map(String)),
        y: categories(dimensions.map(String)),
        // The winner of a gain without bounds has its name in its cell, too: plotly writes none where there is no colour.
        z: gains.map((row) => row.map((gain) => Math.log10(gain === Infinity ? largest : gain))),
        text: winners.map((row) => row.map((names) => names.join('<br>'))),
        texttemplate: '%{text}',
        textfont: { color: DARK_WORDS },
        colorscale: LIGHT_SEQUENTIAL,
        customdata: gains,
        hovertemplate: 'd = %{y}, separation %{x}: %{customdata:.3~g} times<br>%{text}<extra></extra>',
        colorbar: { title: { text: 'gain', side: 'top' }, ...gainTicks(gains) },
      },
    ],
    layout: {
      xaxis: { type: 'category', title: { text: 'separation of the modes' } },
      yaxis: { type: 'category', title: { text: 'dimension d' } },
    },
    alt: `A map over dimension (${dimensions.join(', ')}) and separation (${separations.join(', ')}) that names the estimator with the smallest variance at equal evaluations and those that tie with it: ${winners.map((row, i) => `d = ${dimensions[i]}: ${row.map((names) => names.join(' or ')).join(', ')}`).join('; ')}.`,
    caption:
      'Which estimators win, the best one first, and by what factor its variance is below that of plain. Those named together tie.',
  });
}
