import { InvalidArgumentError } from '../errors';
import { COLOURS } from './theme';

/** The size of the steps that are drawn. */
const RATE = 0.3;

/** An arrow along the axis from one point to another at the same height. */
const arrow = (name: string, [from, to]: readonly [number, number], height: number, colour: string): object => ({
  type: 'scatter',
  mode: 'lines+markers',
  name,
  x: [from, to],
  y: [height, height],
  line: { color: colour, width: 3 },
  marker: { color: colour, opacity: 1, symbol: ['circle', 'arrow'], size: [5, 14], angleref: 'previous' },
  hovertemplate: `${name}<extra></extra>`,
});

/**
 * Steps of gradient descent at a normal q, as arrows: from its peak where the mean would go, from its shoulder, one standard deviation to
 * the right, where that would go.
 */
export function stepTraces(q: object, gradient: { readonly mean: number; readonly stddev: number }): object[] {
  const { mean, stddev } = q as { readonly mean?: unknown; readonly stddev?: unknown };
  if (typeof mean !== 'number' || typeof stddev !== 'number')
    throw new InvalidArgumentError('gradient', 'expected q to be a Normal, whose mean and stddev are numbers');
  const peak = 1 / (stddev * Math.sqrt(2 * Math.PI));
  const shoulder = mean + stddev;
  return [
    arrow(`−${RATE} ∂KL/∂μ`, [mean, mean - RATE * gradient.mean], peak, COLOURS.green),
    arrow(`−${RATE} ∂KL/∂σ`, [shoulder, shoulder - RATE * gradient.stddev], peak * Math.exp(-0.5), COLOURS.purple),
  ];
}
