import { stringify } from 'csv-stringify/sync';
import type { TrialGroup } from '../../sweep/collect';
import type { Options } from '../../sweep/spec';
import type { Spread } from '../../sweep/statistics';
import { fixed } from '../../words';
import type { Survey } from './collect';

/** Lists the options in which the settings differ. */
export function variedIn(groups: readonly TrialGroup[]): readonly string[] {
  return [...new Set(groups.flatMap(({ options }) => Object.keys(options)))].filter(
    (name) => new Set(groups.map(({ options }) => String(options[name]))).size > 1,
  );
}

export function metricsIn(groups: readonly TrialGroup[]): readonly string[] {
  return [...new Set(groups.flatMap(({ mean }) => Object.keys(mean)))];
}

/** The requested metrics. By default all except the error over images, which says nothing about seeds. */
function columnsOf({ groups, metrics }: Survey): readonly string[] {
  return metrics ?? metricsIn(groups).filter((name) => name !== 'test/standardError');
}

/** Names a setting by the options that differ, as `prior gmm, components 10`; `all` if none do. */
export function nameOf(options: Options, varied: readonly string[]): string {
  const words = varied.flatMap((name) => (options[name] === undefined ? [] : [`${name} ${options[name]}`]));
  return words.length > 0 ? words.join(', ') : 'all';
}

/** Beyond so many options, a setting is named by what it changes of the baseline. */
const MOST_NAMED = 2;

/** Short names for figures, and what the baseline is where the names are of changes. */
export function shortNames({ groups, baseline }: Pick<Survey, 'groups' | 'baseline'>): {
  readonly nameOf: (options: Options) => string;
  readonly note: string | null;
} {
  const varied = variedIn(groups);
  if (varied.length <= MOST_NAMED || !baseline) return { nameOf: (options) => nameOf(options, varied), note: null };
  return {
    nameOf: (options) => {
      const changed = varied.filter((name) => String(options[name]) !== String(baseline.options[name]));
      return changed.map((name) => `${name} ${options[name] ?? 'unset'}`).join(', ') || 'baseline';
    },
    note: `Baseline: ${nameOf(baseline.options, varied)}. Other settings are named by what they change.`,
  };
}

/** Formats a mean with two significant digits of its interval. */
export function shown(mean: number | undefined, half: number | null): string {
  if (mean === undefined) return '–';
  if (half === null) return signed(Number(mean.toPrecision(5)).toString());
  if (half === 0) return `${signed(Number(mean.toPrecision(5)).toString())} ± 0`;
  const digits = Math.min(Math.max(1 - Math.floor(Math.log10(half)), 0), 8);
  return `${fixed(mean, digits)} ± ${half.toFixed(digits)}`;
}

const signed = (text: string): string => text.replace('-', '−');

export const halfOf = (interval: Spread['interval'] | undefined): number | null =>
  interval ? (interval[1] - interval[0]) / 2 : null;

/** The first columns of a table: what a setting is. */
export interface SettingColumns {
  readonly head: readonly string[];
  readonly cells: (options: Options) => readonly string[];
}

/** A column for each option in which the settings differ. */
function optionColumns({ groups }: Pick<Survey, 'groups'>): SettingColumns {
  const head = variedIn(groups);
  return { head, cells: (options) => head.map((name) => String(options[name] ?? '–')) };
}

/** Says of a metric that some seeds do not have that its mean is of the others alone. */
const fewer = (count: number | undefined, seeds: number): string =>
  count === undefined || count === seeds ? '' : ` (${count} of ${seeds} seeds)`;

/** One row per setting: its options, the finished seeds, and each metric ± half of its interval. */
export function settingRows(survey: Survey, columns = optionColumns(survey)): readonly (readonly string[])[] {
  const { groups } = survey;
  const metrics = columnsOf(survey);
  const rows = groups.map(({ options, n, counts, trials, mean, interval }) => [
    ...columns.cells(options),
    n === trials.length ? String(n) : `${n} of ${trials.length}`,
    ...metrics.map((metric) => shown(mean[metric], halfOf(interval[metric])) + fewer(counts[metric], n)),
  ]);
  return [[...columns.head, 'seeds', ...metrics], ...rows];
}

/** One row per setting except the baseline: its paired differences. Empty if there are none. */
export function differenceRows(survey: Survey, columns = optionColumns(survey)): readonly (readonly string[])[] {
  const { differences } = survey;
  const metrics = columnsOf(survey);
  const compared = differences.filter(({ bySeed }) => Object.keys(bySeed).length > 0);
  if (compared.length === 0) return [];
  const byImage = compared.some((difference) => difference.byImage !== null);
  const rows = compared.map(({ options, bySeed, byImage: images }) => {
    const seeds = Math.max(...Object.values(bySeed).map(({ n }) => n));
    const cell = ({ n, mean, interval }: Partial<Spread>) => shown(mean, halfOf(interval)) + fewer(n, seeds);
    return [
      ...columns.cells(options),
      String(seeds),
      ...metrics.map((metric) => cell(bySeed[metric] ?? {})),
      ...(byImage ? [shown(images?.mean, halfOf(images?.interval))] : []),
    ];
  });
  return [[...columns.head, 'seeds', ...metrics, ...(byImage ? ['ln p(x), by image'] : [])], ...rows];
}

/** One line per trial that is not done, with the reason. */
export function openLines({ trials }: Pick<Survey, 'trials'>): readonly string[] {
  return trials
    .filter(({ state }) => state !== 'done')
    .map(({ id, state, error }) => `${id}: ${state}${error === undefined ? '' : `: ${error}`}`);
}

export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('');
}

export const SETTINGS_CAPTION =
  'Mean over seeds ± half of its 95 % interval (Student’s t); a single seed has none. Nats per image, and counts.';

export function differencesCaption({ groups, baseline }: Survey): string {
  const name = baseline ? nameOf(baseline.options, variedIn(groups)) : '';
  return `Minus the value of ${name}, paired by seed: mean ± half of its 95 % interval.`;
}

export function markdownOf(survey: Survey): string {
  const differences = differenceRows(survey);
  const open = openLines(survey);
  return [
    `${markdownTable(settingRows(survey))}\n${SETTINGS_CAPTION}\n`,
    ...(differences.length > 0 ? [`${markdownTable(differences)}\n${differencesCaption(survey)}\n`] : []),
    ...(open.length > 0 ? [`Not done:\n\n${open.map((line) => `- ${line}\n`).join('')}`] : []),
  ].join('\n');
}

/** One line per setting with unrounded numbers: its options, the trials, those done, and the spread of each metric and difference. */
export function csvOf(survey: Survey): string {
  const { groups, differences } = survey;
  const [varied, metrics] = [variedIn(groups), columnsOf(survey)];
  const byOptions = new Map(differences.map((difference) => [difference.options, difference]));
  const spread = (s: Spread | null | undefined) => [s?.mean, s?.standardError, s?.interval?.[0], s?.interval?.[1]];
  const four = (name: string) => ['mean', 'standard error', 'low', 'high'].map((part) => `${name} ${part}`);
  const head = [
    ...varied,
    'trials',
    'done',
    ...metrics.flatMap(four),
    ...metrics.flatMap((name) => four(`difference ${name}`)),
    ...four('difference by image ln p(x)'),
  ];
  const rows = groups.map(({ options, trials, n, mean, standardError, interval }) => {
    const difference = byOptions.get(options);
    return [
      ...varied.map((name) => options[name]),
      trials.length,
      n,
      ...metrics.flatMap((m) => [mean[m], standardError[m], interval[m]?.[0], interval[m]?.[1]]),
      ...metrics.flatMap((m) => spread(difference?.bySeed[m])),
      ...spread(difference?.byImage),
    ];
  });
  return stringify([head, ...rows.map((row) => row.map((cell) => (cell === null ? undefined : cell)))], {
    cast: { boolean: String },
  });
}
