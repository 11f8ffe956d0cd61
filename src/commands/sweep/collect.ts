import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
import { nth } from '../../nth';
import { type Collection, collect, differencesFrom, type GroupDifference, type TrialGroup } from '../../sweep/collect';
import { readSweep } from '../../sweep/folder';
import type { OptionValue } from '../../sweep/spec';
import type { CommandIo } from '../io';
import { folderPath } from '../vae-options';
import { FOLDER, folderOf } from './folder-of';
import { csvOf, markdownOf, metricsIn, variedIn } from './tables';

interface Flags {
  readonly json: boolean;
  readonly csv: boolean;
  readonly report?: string;
  readonly baseline?: string;
  readonly rank?: string;
  readonly metrics?: string;
}

/** A collection with its settings in the requested order, and their differences from the baseline. */
export interface Survey extends Collection {
  readonly baseline: TrialGroup | null;
  readonly differences: readonly GroupDifference[];
  /** The metrics to show as columns; all if absent. */
  readonly metrics?: readonly string[] | undefined;
}

const HELP = `
Trials that differ only in the seed form a setting. For each setting, collect shows the mean over the seeds with its 95 % interval
(Student's t), and the differences from the baseline, paired by seed and, for ln p(x), by image. It lists the trials that are not done.

Examples:
  gmm-vae sweep collect runs/priors --baseline prior=normal --rank test/nll
  gmm-vae sweep collect runs/priors --csv > priors.csv
  gmm-vae sweep collect runs/priors --report priors.html`;

/** `gmm-vae sweep collect`: the results of a sweep. */
export function registerCollect(sweep: Command, io: CommandIo): void {
  sweep
    .command('collect')
    .argument('<folder>', FOLDER)
    .description('show the mean over the seeds of each setting with its interval, and paired differences')
    .option('--baseline <settings>', 'the setting to compare with, as prior=gmm,flow=unset (default: the first)')
    .option('--rank <metric>', 'sort by this metric, best first')
    .option('--metrics <names>', 'columns to show, as test/nll,test/kl (default: all)')
    .option(
      '--json',
      'print {"trials": [{"id", "options", "state", "metrics"}], "groups": [...], "differences": [...]}',
      false,
    )
    .option('--csv', 'print one line per setting instead of Markdown', false)
    .option('--report <file>', 'write a page with tables and figures', folderPath('--report'))
    .addHelpText('after', HELP)
    .action((folder: string, flags: Flags) => run(folderOf(folder, io), flags, io));
}

async function run(sweep: string, flags: Flags, io: CommandIo): Promise<void> {
  if (flags.json && flags.csv) throw new UsageError('--json and --csv: give only one of them');
  if (flags.json && flags.metrics !== undefined && flags.report === undefined)
    throw new UsageError('--metrics: the columns of a table; --json prints every metric');
  const survey = surveyed(sweep, collect(sweep, readSweep(sweep), io.now()), flags);
  if (flags.report !== undefined) {
    const { sweepReport } = await import('./report-page.js');
    const path = resolve(io.cwd, flags.report);
    await writeAtomically(path, sweepReport(sweep, survey, flags.rank));
    io.stderr.write(`Open ${path}\n`);
  }
  if (flags.json) io.stdout.write(`${JSON.stringify(jsonOf(survey), null, 2)}\n`);
  else if (flags.csv) io.stdout.write(csvOf(survey));
  else if (flags.report === undefined) io.stdout.write(markdownOf(survey));
}

/** Builds what `--json` prints. */
export function jsonOf({ trials, groups, baseline, differences }: Survey): object {
  return { trials, groups, baseline: baseline?.options ?? null, differences };
}

/** @throws UsageError if the baseline does not match exactly one setting, or no trial has the metric */
export function surveyed(
  sweep: string,
  { trials, groups }: Collection,
  { rank, baseline: said, metrics: names }: Partial<Pick<Flags, 'rank' | 'baseline' | 'metrics'>>,
): Survey {
  const metrics = names?.split(',').map((name) => name.trim());
  for (const name of metrics ?? []) checkMetric(groups, '--metrics', name);
  const ordered = rank === undefined ? groups : ranked(groups, rank);
  const baseline = (said === undefined ? groups[0] : baselineOf(groups, said)) ?? null;
  const collection = { trials, groups: ordered };
  return {
    ...collection,
    metrics,
    baseline,
    differences: baseline ? differencesFrom(sweep, baseline, collection) : [],
  };
}

/** Metrics for which higher is better. All others are losses, for which lower is better. */
const MORE_IS_BETTER = [
  'test/elbo',
  'test/clusterAccuracy',
  'test/nmi',
  'test/activeUnits',
  'test/effectiveComponents',
];

/** Sorts settings without the metric last. */
function ranked(groups: readonly TrialGroup[], metric: string): readonly TrialGroup[] {
  checkMetric(groups, '--rank', metric);
  const sign = MORE_IS_BETTER.includes(metric) ? -1 : 1;
  const key = ({ mean }: TrialGroup) => sign * (mean[metric] ?? sign * Number.POSITIVE_INFINITY);
  return [...groups].sort((a, b) => key(a) - key(b) || 0);
}

function checkMetric(groups: readonly TrialGroup[], option: string, metric: string): void {
  if (groups.some(({ mean }) => Object.hasOwn(mean, metric))) return;
  const known = metricsIn(groups).join(', ');
  throw new UsageError(`${option}: no trial that is done has '${metric}'; there is ${known || 'none yet'}`);
}

function baselineOf(groups: readonly TrialGroup[], said: string): TrialGroup {
  // A value may hold commas itself, as hidden=300,300 does.
  const wanted = said
    .replace(/,\s*$/, '')
    .split(/,\s*(?=[\w.-]+\s*=)/)
    .map((pair) => /^([^=]+)=(.*)$/.exec(pair));
  if (!wanted.every((pair) => pair !== null))
    throw new UsageError(`--baseline: expected options and their values, as prior=gmm,flow=unset, got '${said}'`);
  const found = groups.filter(({ options }) =>
    wanted.every(([, name = '', value = '']) => isSaid(options[name.trim()], value.trim())),
  );
  if (found.length === 1) return nth(found, 0);
  const varied = variedIn(groups).join(', ') || 'nothing but the seed';
  throw new UsageError(
    `--baseline ${said}: ${found.length} settings match, expected one; settings differ in ${varied}`,
  );
}

/** Whether an option has the value that was typed: a number in any notation, and `unset` where it has none. */
function isSaid(value: OptionValue | undefined, typed: string): boolean {
  if (value === undefined) return typed === 'unset';
  if (typeof value === 'number') return typed !== '' && Number(typed) === value;
  // A sweep's file writes a list in brackets.
  return String(value) === (Array.isArray(value) ? typed.replace(/[[\]\s]/g, '') : typed);
}
