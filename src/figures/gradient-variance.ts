import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider, stepLabels } from './frame-slider';
import { lineStyle } from './line-styles';
import { logAxis, offLogAxis } from './log-axis';
import { formatValue } from './table';

/**
 * The variance of one gradient against the distance between q and the nearest mode; one slider step per number of components.
 *
 * @example
 * ```ts
 * import {
 *   type GradientEstimatorName,
 *   gradientVarianceFigure,
 *   KL_GRADIENT_ESTIMATORS,
 *   Normal,
 *   replicateKlGradient,
 * } from 'gmm-vae';
 *
 * const distances = [0.5, 1, 2, 4];
 * const p = new Normal(0, 1);
 * const variances = (estimator: GradientEstimatorName) => {
 *   const options = { estimator, samples: 2, seed: 1, replications: 200 };
 *   return distances.map((d) => replicateKlGradient(new Normal(d, 0.5), p, options).variance.mean[0] as number);
 * };
 * const lines = KL_GRADIENT_ESTIMATORS.map((name) => ({ name, variances: variances(name) }));
 * gradientVarianceFigure({ label: 'K', distances, groups: [{ value: 1, lines }] });
 * ```
 */
export function gradientVarianceFigure({
  label,
  distances,
  groups,
}: {
  readonly label: string;
  readonly distances: readonly number[];
  readonly groups: readonly {
    readonly value: number;
    readonly lines: readonly { readonly name: string; readonly variances: readonly number[] }[];
  }[];
}): Figure {
  const steps = frameSlider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) =>
      nth(groups, index).lines.map(({ name, variances }, i) => ({
        type: 'scatter',
        mode: 'lines+markers',
        name,
        x: distances,
        y: variances,
        ...lineStyle(i),
      })),
  });
  const all = groups.flatMap(({ lines }) => lines.flatMap(({ variances }) => variances));
  const labels = stepLabels(groups.map(({ value }) => value));
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 480,
      xaxis: { title: { text: 'distance of q from the nearest mode' } },
      yaxis: logAxis(all, 'variance of one ∂KL/∂μ'),
    },
    alt: `Variance of the gradient with respect to μ against the distance of q from the nearest mode, on a log axis; the slider changes ${label}. ${groups
      .map(({ lines }, i) => `${label} = ${labels[i]}: ${spans(lines)}`)
      .join('. ')}.${offLogAxis(all)}`,
    caption: `What one draw tells about the slope: the variance of a gradient estimated from one draw (two with the baseline).${offLogAxis(all)}`,
  });
}

/** `score-function from 1.2 to 3.4, …`: each line's first and last value. */
function spans(lines: readonly { readonly name: string; readonly variances: readonly number[] }[]): string {
  return lines
    .map(({ name, variances }) => `${name} from ${formatValue(variances[0], 2)} to ${formatValue(variances.at(-1), 2)}`)
    .join(', ');
}
