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
    alt: `The KL divergence against the ${parameter}: the exact curve ${courseOf(lower, upper, exact)}.`,
    caption: 'Bounds in closed form around a divergence for which no closed form is known.',
  });
}

/** What quadrature may be off by where a bound is exact, relative to the value. */
const ROUNDING = 1e-6;

/** Whether the exact curve keeps to the band, and how much of it is there to be seen. */
function courseOf(lower: readonly number[], upper: readonly number[], exact: readonly number[]): string {
  const outside = exact.filter((value, i) => {
    const slack = ROUNDING * Math.max(1, Math.abs(value));
    return value < (lower[i] ?? Number.NaN) - slack || value > (upper[i] ?? Number.NaN) + slack;
  }).length;
  const odd = exact.filter((value, i) => ![value, lower[i], upper[i]].every(Number.isFinite)).length;
  const band = 'the band between the closed-form lower and upper bounds';
  const course =
    outside === 0 ? `runs inside ${band} everywhere` : `leaves ${band} at ${outside} of ${exact.length} points`;
  return odd === 0
    ? course
    : `${course}; ${odd} of ${exact.length} points have a value that is not finite and not drawn`;
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
  const all = groups.flatMap(({ lower, upper, estimates, reach }) =>
    estimates.map((value, i) => ({
      outside: Math.max(nth(lower, i) - value, value - nth(upper, i), 0),
      reach: nth(reach, i),
    })),
  );
  const finite = all.filter(({ outside }) => Number.isFinite(outside));
  const odd = all.length - finite.length;
  const unseen = odd === 0 ? '' : ` ${odd} of ${all.length} have no finite value or bound.`;
  const beyond = finite.filter(({ outside }) => outside > 0);
  if (beyond.length === 0)
    return odd === 0
      ? `All ${all.length} estimates lie between the bounds.`
      : `${finite.length} of ${all.length} estimates lie between the bounds.${unseen}`;
  // A single draw has no interval to measure by.
  const times = beyond.filter(({ reach }) => reach > 0).map(({ outside, reach }) => outside / reach);
  const farthest =
    times.length === 0
      ? ''
      : `, the farthest by ${Math.max(...times).toFixed(2)} times the half-width of its 95 % interval`;
  return `The bounds enclose the exact value, not every estimate: ${beyond.length} of ${all.length} lie outside${farthest}.${unseen}`;
}
