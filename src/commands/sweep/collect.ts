import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors';
import { writeAtomically } from '../../files';
import { type Collection, collect, differencesFrom, type GroupDifference, type TrialGroup } from '../../sweep/collect';
import { readSweep } from '../../sweep/folder';
import type { CommandIo } from '../io';
import { folderPath } from '../vae-options';
import { folderOf } from './folder-of';
import { csvOf, markdownOf, metricsIn, variedIn } from './tables';

interface Flags {
  readonly json: boolean;
  readonly csv: boolean;
  readonly report?: string;
  readonly baseline?: string;
  readonly rank?: string;
  readonly metrics?: string;
}

/** A collection with its settings in the wanted order, and how they differ from one of them. */
export interface Survey extends Collection {
  readonly baseline: TrialGroup | null;
  readonly differences: readonly GroupDifference[];
  /** The columns of tables; absent for all. */
  readonly metrics?: readonly string[] | undefined;
}

const HELP = `
A setting is what differs in more than the seed. Its mean over the seeds comes with the 95 % interval by Student's t, and its
difference from the baseline with that of the differences: seed by seed, where what the seeds share cancels, and in ln p(x) image by
image. Trials that are not done are named.

Examples:
  gmm-vae sweep collect runs/priors --baseline prior=normal --rank test/nll
  gmm-vae sweep collect runs/priors --csv > priors.csv
  gmm-vae sweep collect runs/priors --report priors.html`;

/** `gmm-vae sweep collect`: what the trials have come to. */
export function registerCollect(sweep: Command, io: CommandIo): void {
  sweep
    .command('collect <folder>')
    .description('results: mean over the seeds of each setting with its interval, and paired differences')
    .option(
      '--baseline <settings>',
      'what the others are compared with, as prior=gmm,components=10 (default: the first)',
    )
    .option('--rank <metric>', 'the best first, by this metric')
    .option('--metrics <names>', 'columns of tables, as test/nll,test/kl (default: all)')
    .option(
      '--json',
      'print {"trials": [{"id", "options", "state", "metrics"}], "groups": [...], "differences": [...]}',
      false,
    )
    .option('--csv', 'print a line a setting instead of Markdown', false)
    .option('--report <file>', 'write a page with tables and figures', folderPath('--report'))
    .addHelpText('after', HELP)
    .action((folder: string, flags: Flags) => run(folderOf(folder, io), flags, io));
}

async function run(sweep: string, flags: Flags, io: CommandIo): Promise<void> {
  if (flags.json && flags.csv) throw new UsageError('--json and --csv: one of them');
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

/** What `--json` prints. */
export function jsonOf({ trials, groups, baseline, differences }: Survey): object {
  return { trials, groups, baseline: baseline?.options ?? null, differences };
}

/** @throws UsageError where no setting, or more than one, is the baseline, or nothing has the metric */
export function surveyed(
  sweep: string,
  { trials, groups }: Collection,
  { rank, baseline: said, metrics: names }: Partial<Pick<Flags, 'rank' | 'baseline' | 'metrics'>>,
): Survey {
  const metrics = names?.split(',');
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

/** Metrics of which more is better. Of all others, which are losses and distances, less is. */
const MORE_IS_BETTER = [
  'test/elbo',
  'test/clusterAccuracy',
  'test/nmi',
  'test/activeUnits',
  'test/effectiveComponents',
];

/** What has no such metric comes last. */
function ranked(groups: readonly TrialGroup[], metric: string): readonly TrialGroup[] {
  checkMetric(groups, '--rank', metric);
  const sign = MORE_IS_BETTER.includes(metric) ? -1 : 1;
  const key = ({ mean }: TrialGroup) => sign * (mean[metric] ?? sign * Number.POSITIVE_INFINITY);
  return [...groups].sort((a, b) => key(a) - key(b) || 0);
}

function checkMetric(groups: readonly TrialGroup[], option: string, metric: string): void {
  if (groups.some(({ mean }) => metric in mean)) return;
  const known = metricsIn(groups).join(', ');
  throw new UsageError(`${option}: no trial that is done has '${metric}'; there is ${known || 'none yet'}`);
}

function baselineOf(groups: readonly TrialGroup[], said: string): TrialGroup {
  const wanted = said.split(',').map((pair) => pair.split('=', 2) as [string, string | undefined]);
  const found = groups.filter(({ options }) => wanted.every(([name, value]) => String(options[name]) === value));
  if (found.length === 1) return found[0] as TrialGroup;
  const varied = variedIn(groups).join(', ') || 'nothing but the seed';
  throw new UsageError(`--baseline ${said}: ${found.length} settings are so, expected one; what differs is ${varied}`);
}
