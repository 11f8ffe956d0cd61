import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { logAxis, offLogAxis } from './log-axis';
import { categories } from './steps';
import { formatValue } from './table';
import { COLOURS } from './theme';

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
