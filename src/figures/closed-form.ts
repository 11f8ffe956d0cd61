import { linspace } from '../math/grid';
import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { COLOURS } from './theme';

const POINTS = 241;

const fine = (at: readonly number[]): number[] => linspace(nth(at, 0), nth(at, -1), POINTS);

/** A derivative by its formula (a line) and by numerical differentiation (markers). */
export interface DerivativeCurve {
  readonly at: readonly number[];
  readonly formula: (x: number) => number;
  readonly numerical: readonly number[];
}

/**
 * The two partial derivatives of (9), each formula drawn through the numerical derivatives of the integral (1).
 *
 * @example
 * ```ts
 * import { derivationGradients, gradientFigure, linspace } from 'gmm-vae';
 *
 * const [means, stddevs] = [linspace(-2, 2, 9), linspace(0.5, 2, 7)];
 * const { mean, stddev } = derivationGradients({ means, stddevs }, { mu: 0, sigma: 1 });
 * gradientFigure({ mean, stddev });
 * ```
 */
export function gradientFigure({
  mean,
  stddev,
}: {
  readonly mean: DerivativeCurve;
  readonly stddev: DerivativeCurve;
}): Figure {
  const pair = (curve: DerivativeCurve, name: string, axis: '' | '2', first: boolean): object[] => [
    {
      type: 'scatter',
      name: 'formula',
      legendgroup: 'formula',
      showlegend: first,
      x: fine(curve.at),
      y: fine(curve.at).map(curve.formula),
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      line: { color: COLOURS.blue },
      hovertemplate: `${name}: %{y:.4f}<extra></extra>`,
    },
    {
      type: 'scatter',
      name: 'differences of the integral (1)',
      legendgroup: 'numerical',
      showlegend: first,
      mode: 'markers',
      x: curve.at,
      y: curve.numerical,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      marker: { color: COLOURS.vermilion, symbol: 'circle-open', size: 9, line: { width: 2 } },
    },
  ];
  return figure({
    data: [...pair(mean, '∂KL/∂μ', '', true), ...pair(stddev, '∂KL/∂σ', '2', false)],
    layout: {
      xaxis: { domain: [0, 0.44], title: { text: 'μ' } },
      yaxis: { title: { text: '∂KL/∂μ' } },
      xaxis2: { domain: [0.58, 1], anchor: 'y2', title: { text: 'σ' } },
      yaxis2: { anchor: 'x2', title: { text: '∂KL/∂σ' } },
    },
    alt: 'Two panels. Left: the derivative with respect to μ is the straight line μ. Right: the derivative with respect to σ is σ − 1/σ, steeply negative near σ = 0 and zero at σ = 1. The numerical derivatives lie on both lines.',
    caption: 'The gradient of the KL term: a spring on μ, a barrier at σ = 0.',
  });
}
