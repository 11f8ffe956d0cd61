import { InvalidArgumentError } from '../errors';
import { type Summary, summarize } from '../math/summary';
import { nth } from '../nth';
import { type Figure, figure } from './figure';
import { frameSlider } from './frame-slider';
import { formatValue } from './table';
import { COLOURS } from './theme';

/**
 * Histograms of many independent estimates, one slider step per sample count N; the exact value and zero are marked.
 *
 * @example
 * ```ts
 * import { estimateHistogramFigure, klDivergence, Normal, replicateMonteCarloKl } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(0.3, 1)];
 * const groups = [10, 100].map((samples) => ({
 *   samples,
 *   estimates: replicateMonteCarloKl(q, p, { samples, replications: 500, seed: 1 }),
 * }));
 * estimateHistogramFigure({ groups, exact: klDivergence(q, p) });
 * ```
 */
export function estimateHistogramFigure({
  groups,
  exact,
}: {
  readonly groups: readonly { readonly samples: number; readonly estimates: ArrayLike<number> }[];
  readonly exact: number;
}): Figure {
  const finite = groups.map(({ estimates }, i) => finiteOf(estimates, i));
  const bins = binsOf(finite.flat(), exact);
  const steps = frameSlider({
    label: 'N',
    values: groups.map((group) => group.samples),
    start: 0,
    traces: (_, index) => bars(nth(finite, index), bins),
    relayout: (_, index) => ({ 'title.text': titleOf(nth(groups, index), bins) }),
  });
  const means = aboutMeans(
    groups.map(({ samples }, i) => ({ samples, ...summarize(nth(finite, i)) })),
    exact,
  );
  return figure({
    data: steps.data,
    layout: {
      ...steps.layout,
      height: 460,
      barmode: 'stack',
      xaxis: { title: { text: 'estimate (nats)' }, range: [bins.start, bins.end] },
      yaxis: { title: { text: 'how many' } },
      shapes: [
        {
          type: 'line',
          x0: exact,
          x1: exact,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: COLOURS.green, width: 2, dash: 'dash' },
        },
      ],
      annotations: [{ x: exact, yref: 'paper', y: 1, text: 'exact', showarrow: false, xanchor: 'left', xshift: 4 }],
    },
    alt: `Histograms of independent Monte Carlo estimates for N = ${groups.map((group) => group.samples).join(', ')}, with the exact value ${exact.toFixed(4)} nats ${means ?? 'as their mean, up to chance'}; the negative share is ${groups.map((group) => `${negativeShare(group)} at N = ${group.samples}`).join(', ')}.`,
    caption: `Independent estimates of one KL divergence. ${means === undefined ? 'The mean of each histogram is the exact value, up to chance.' : `Dashed: the exact value, ${means}.`}`,
  });
}

function finiteOf(estimates: ArrayLike<number>, group: number): number[] {
  const finite = Array.from(estimates).filter(Number.isFinite);
  if (finite.length > 0) return finite;
  throw new InvalidArgumentError(
    `groups[${group}].estimates`,
    `expected finite numbers, got ${estimates.length} values and none that is finite`,
  );
}

interface Bins {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

const BINS = 80;

/**
 * Bins over all but the outermost estimates, zero and the exact value. Zero is an edge: what is negative has a colour of its own. One bin
 * more than the range takes, since a bin does not hold its right end.
 */
function binsOf(estimates: readonly number[], exact: number): Bins {
  const sorted = estimates.toSorted((a, b) => a - b);
  const quantile = (share: number): number =>
    nth(sorted, Math.min(sorted.length - 1, Math.floor(share * sorted.length)));
  const [low, high] = [Math.min(quantile(0.002), 0, exact), Math.max(quantile(0.998), 0, exact)];
  const size = (high > low ? high - low : 1) / BINS;
  return { start: Math.floor(low / size) * size, end: (Math.floor(high / size) + 1) * size, size };
}

function bars(values: readonly number[], bins: Bins): object[] {
  const histogram = (name: string, x: readonly number[], color: string): object => ({
    type: 'histogram',
    name,
    x,
    xbins: bins,
    marker: { color },
    opacity: 0.85,
  });
  return [
    histogram(
      'estimates ≥ 0',
      values.filter((value) => value >= 0),
      COLOURS.blue,
    ),
    histogram(
      'negative estimates',
      values.filter((value) => value < 0),
      COLOURS.vermilion,
    ),
  ];
}

/** The share of negative estimates and, where the axis ends before the estimates do, how many lie beyond. */
function titleOf({ estimates }: { readonly estimates: ArrayLike<number> }, { start, end }: Bins): string {
  const all = Array.from(estimates);
  const beyond = all.filter((value) => Number.isFinite(value) && (value < start || value >= end)).length;
  const odd = all.filter((value) => !Number.isFinite(value)).length;
  const said = [
    `${negativeShare({ estimates })} of the estimates are negative`,
    ...(beyond === 0 ? [] : [`${beyond} of ${all.length} lie beyond the ends of the axis`]),
    ...(odd === 0 ? [] : [`${odd} of ${all.length} ${odd === 1 ? 'is' : 'are'} not finite`]),
  ];
  return said.join('; ');
}

const negativeShare = ({ estimates }: { readonly estimates: ArrayLike<number> }): string =>
  `${((100 * Array.from(estimates).filter((value) => value < 0).length) / estimates.length).toFixed(1)} %`;

/** Standard errors within which a mean is called the exact value: chance alone goes beyond in 1 of 16,000. */
const BY_CHANCE = 4;

/** What is to be said where chance does not explain how far means are from the exact value; undefined where it does. */
function aboutMeans(groups: readonly (Summary & { readonly samples: number })[], exact: number): string | undefined {
  const isOff = ({ mean, standardError }: Summary): boolean =>
    standardError !== null && Math.abs(mean - exact) > BY_CHANCE * standardError + 1e-12 * Math.abs(exact);
  if (!groups.some(isOff)) return undefined;
  const said = groups.map(({ samples, mean }) => `${formatValue(mean)} at N = ${samples}`);
  return `beside means that chance does not explain: ${said.join(', ')}`;
}
