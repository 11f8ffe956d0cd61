import { InvalidArgumentError } from '../errors';
import { type Figure, figure } from './figure';
import { percentOf } from './steps';
import { COLOURS } from './theme';

/**
 * What `intervalsFigure` needs of a run: `estimateKl` returns it.
 *
 * @example
 * ```ts
 * import { type EstimatedInterval, intervalsFigure } from 'gmm-vae';
 *
 * const run: EstimatedInterval = { value: 0.52, interval: [0.4, 0.64] };
 * intervalsFigure({ runs: [run], exact: 0.5 });
 * ```
 */
export interface EstimatedInterval {
  /** Nats. */
  readonly value: number;
  /** In nats; null where a single sample has none, which holds nothing. */
  readonly interval: readonly [number, number] | null;
}

/**
 * Confidence intervals of independent runs, one beside the other, and how many hold the exact value.
 * @param exact in nats, from elsewhere
 * @throws InvalidArgumentError where there are no runs
 *
 * @example
 * ```ts
 * import { estimateKl, intervalsFigure, Normal } from 'gmm-vae';
 *
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const runs = Array.from({ length: 50 }, (_, i) => estimateKl(q, p, { estimator: 'plain', samples: 30, seed: i + 1 }));
 * intervalsFigure({ runs, exact: 0.5 });
 * ```
 */
export function intervalsFigure({
  runs,
  exact,
}: {
  readonly runs: readonly EstimatedInterval[];
  readonly exact: number;
}): Figure {
  if (runs.length === 0) throw new InvalidArgumentError('runs', 'expected at least one run, got none');
  const holds = ({ interval }: EstimatedInterval): boolean =>
    interval !== null && interval[0] <= exact && exact <= interval[1];
  const held = runs.filter(holds).length;
  /** Upright lines, with gaps between them. */
  const lines = (name: string, color: string, isShown: (run: EstimatedInterval) => boolean) => {
    const ends = runs.flatMap((run, i) => (run.interval && isShown(run) ? [[i + 1, run.interval] as const] : []));
    return {
      type: 'scatter',
      mode: 'lines',
      name,
      x: ends.flatMap(([at]) => [at, at, null]),
      y: ends.flatMap(([, [low, high]]) => [low, high, null]),
      line: { color, width: 2 },
    };
  };
  return figure({
    data: [
      lines('holds the exact value', COLOURS.blue, holds),
      lines('misses it', COLOURS.vermilion, (run) => !holds(run)),
      {
        type: 'scatter',
        mode: 'markers',
        name: 'estimate',
        x: runs.map((_, i) => i + 1),
        y: runs.map(({ value }) => value),
        marker: { color: COLOURS.grey, size: 4 },
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'exact',
        x: [0.5, runs.length + 0.5],
        y: [exact, exact],
        line: { color: COLOURS.green, dash: 'dash' },
      },
    ],
    layout: {
      title: { text: `${held} of ${runs.length} intervals hold the exact value: ${percentOf(held / runs.length)}` },
      xaxis: { title: { text: 'run' } },
      yaxis: { title: { text: 'KL (nats)' } },
    },
    alt: `Confidence intervals of ${runs.length} independent runs: ${held} hold the exact value ${exact.toFixed(4)} nats, ${runs.length - held} miss it.`,
    caption:
      'Confidence intervals of independent runs. One of 95 % promises to hold the exact value in 95 runs of 100.',
  });
}
