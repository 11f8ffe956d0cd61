import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { COLOURS, withOpacity } from './theme';

/**
 * KL against one parameter: the exact value between its lower and its upper closed-form bound.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klBounds, linspace, Normal, quadratureKl, sandwichFigure } from 'gmm-vae';
 *
 * const x = linspace(0, 8, 17);
 * const q = new Normal(0, 1);
 * const problems = x.map((d) => new GaussianMixture([0.5, 0.5], [new Normal(-d / 2, 1), new Normal(d / 2, 1)]));
 * const bounds = problems.map((p) => klBounds(q, p));
 * sandwichFigure({
 *   x,
 *   parameter: 'separation',
 *   lower: bounds.map(({ lower }) => lower),
 *   upper: bounds.map(({ upper }) => upper),
 *   exact: problems.map((p) => quadratureKl(q, p)),
 * });
 * ```
 */
export function sandwichFigure({
  x,
  parameter,
  lower,
  upper,
  exact,
}: {
  readonly x: readonly number[];
  readonly parameter: string;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly exact: readonly number[];
}): Figure {
  return figure({
    data: [
      { type: 'scatter', name: 'lower bound', x, y: lower, line: { color: COLOURS.green } },
      {
        type: 'scatter',
        name: 'upper bound',
        x,
        y: upper,
        line: { color: COLOURS.vermilion },
        fill: 'tonexty',
        fillcolor: 'rgba(125,132,143,0.18)',
      },
      { type: 'scatter', name: 'KL by quadrature', x, y: exact, line: { color: COLOURS.blue, width: 3 } },
    ],
    layout: { xaxis: { title: { text: parameter } }, yaxis: { title: { text: 'nats' }, rangemode: 'tozero' } },
    alt: `The KL divergence against the ${parameter}: the exact curve runs inside the band between the closed-form lower and upper bounds everywhere.`,
    caption: 'Bounds in closed form around a divergence for which no closed form is known.',
  });
}

/** One line of estimates, with what is known about them. */
interface SandwichedEstimates {
  readonly value: number;
  readonly at: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly estimates: readonly number[];
  /** Half the width of each 95 % interval. */
  readonly reach: readonly number[];
}

/**
 * Estimates with their intervals and the closed-form bounds, along a parameter; one slider step per group.
 *
 * @example
 * ```ts
 * import { GaussianMixture, klBounds, monteCarloKl, Normal, sandwichedEstimatesFigure } from 'gmm-vae';
 *
 * const at = [0, 1, 2, 3, 4];
 * const q = new Normal(0, 1);
 * const problems = at.map((d) => new GaussianMixture([0.5, 0.5], [new Normal(-d / 2, 1), new Normal(d / 2, 1)]));
 * const bounds = problems.map((p) => klBounds(q, p));
 * const estimates = problems.map((p) => monteCarloKl(q, p, { samples: 500, seed: 1 }));
 * const group = {
 *   value: 500,
 *   at,
 *   lower: bounds.map(({ lower }) => lower),
 *   upper: bounds.map(({ upper }) => upper),
 *   estimates: estimates.map(({ value }) => value),
 *   reach: estimates.map(({ standardError }) => 1.96 * (standardError as number)),
 * };
 * sandwichedEstimatesFigure({ label: 'N', parameter: 'separation', groups: [group] });
 * ```
 */
export function sandwichedEstimatesFigure({
  label,
  parameter,
  groups,
}: {
  readonly label: string;
  /** What runs along the axis: `separation`. */
  readonly parameter: string;
  readonly groups: readonly SandwichedEstimates[];
}): Figure {
  const edge = { type: 'scatter', mode: 'lines', line: { width: 1, color: COLOURS.green } };
  const steps = frameSlider({
    label,
    values: groups.map(({ value }) => value),
    traces: (_, index) => {
      const { at, lower, upper, estimates, reach } = nth(groups, index);
      return [
        { ...edge, name: 'lower bound', x: at, y: lower, showlegend: false },
        {
          ...edge,
          name: 'closed-form bounds',
          x: at,
          y: upper,
          fill: 'tonexty',
          fillcolor: withOpacity('green', 0.15),
        },
        {
          type: 'scatter',
          mode: 'markers',
          name: 'estimate, 95 % interval',
          x: at,
          y: estimates,
          error_y: { type: 'data', array: reach, thickness: 1.5 },
          marker: { color: COLOURS.blue, size: 7 },
        },
      ];
    },
  });
  const spill = spillOf(groups);
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      xaxis: { title: { text: parameter } },
      yaxis: { title: { text: 'KL (nats)' }, rangemode: 'tozero' },
    },
    alt: `Estimates of the KL divergence with 95 % intervals along the ${parameter}, and the closed-form lower and upper bounds; the slider changes ${label}. ${spill}`,
    caption: `Estimates, and the bounds that need no sampling. ${spill}`,
  });
}

/** How many estimates lie outside the bounds, and how far, measured by their own intervals. */
function spillOf(groups: readonly SandwichedEstimates[]): string {
  const excess = groups.flatMap(({ lower, upper, estimates, reach }) =>
    estimates.map((value, i) => {
      const outside = Math.max(nth(lower, i) - value, value - nth(upper, i), 0);
      return outside === 0 ? 0 : outside / nth(reach, i);
    }),
  );
  const outside = excess.filter((times) => times > 0).length;
  if (outside === 0) return `All ${excess.length} estimates lie between the bounds.`;
  const farthest = Math.max(...excess).toFixed(2);
  return `The bounds enclose the exact value, not every estimate: ${outside} of ${excess.length} lie outside, the farthest by ${farthest} times the half-width of its 95 % interval.`;
}
