import { UsageError } from '../../errors';
import type { Defaults } from '../../sweep/earlier';
import { type Trial, trialId } from '../../sweep/folder';
import { agrees, expand, type Options, type SweepSpec } from '../../sweep/spec';
import { checkSettings } from '../../vae/training/options';
import type { DataFlags } from '../data-options';
import { registerEvaluate } from '../evaluate';
import type { CommandIo } from '../io';
import { isModuleFile } from '../network-module';
import { checkTogether, type TrainFlags, trainOptions } from '../train/flags';
import { registerTrain } from '../train/train';
import { refuseUnused } from '../train/unused';
import { checkDataOptions } from '../vae-data';
import { type Resolved, resolved } from './resolved';

/** One stage of a search: the drawn options, the number of epochs, and whether trials are scored. */
export interface Stage {
  readonly drawn: Options;
  readonly epochs?: number;
  readonly scored?: boolean;
}

/** Expands a file into trials with all their options. @throws UsageError that names the option */
export function trialsOf(spec: SweepSpec, io: CommandIo, stage: Stage = { drawn: {} }): readonly Trial[] {
  const threads = threadsOf(spec);
  const { drawn, epochs, scored = true } = stage;
  const scoring =
    spec.evaluate && scored
      ? resolved('evaluate', registerEvaluate, withThreads(spec.evaluate, threads), io, ['--checkpoint=.'])
      : null;
  const evaluate = scoring?.options ?? null;
  checkExcluded(spec, drawn);
  const combinations = expand(spec, drawn);
  // Of a search, another draw may have some left.
  if (combinations.length === 0 && Object.keys(spec.ranges).length === 0) throw new UsageError(NOTHING_LEFT);
  const trials = combinations.map((said): Trial => {
    const shorter = epochs === undefined ? {} : { epochs };
    const all = withThreads({ ...said, ...shorter }, threads);
    const { options, flags, typed } = resolved('train', registerTrain, all, io, []);
    checkTraining({ ...flags, checkpoint: '.' } as unknown as TrainFlags, typed);
    if (scoring) checkScoring(scoring.flags, String(flags.data));
    return { id: trialId(options, evaluate), options, evaluate };
  });
  return unique(trials);
}

/** Returns the defaults of the commands of a trial. */
export function optionDefaults(io: CommandIo): Defaults {
  return {
    train: resolved('train', registerTrain, {}, io, []).options,
    evaluate: resolved('evaluate', registerEvaluate, {}, io, ['--checkpoint=.']).options,
  };
}

function threadsOf({ slurm }: SweepSpec): number {
  const cores = slurm?.['cpus-per-task'] ?? 1;
  if (Number.isInteger(Number(cores)) && Number(cores) > 0) return Number(cores);
  throw new UsageError(`slurm.cpus-per-task: expected a positive whole number, got ${JSON.stringify(cores)}`);
}

/** An entry that no combination agrees with would leave out nothing, which is not what was meant. */
function checkExcluded(spec: SweepSpec, drawn: Options): void {
  const { train, grid, zip, ranges, exclude } = spec;
  const named = [train, grid, zip, ranges].flatMap((part) => Object.keys(part));
  const unknown = exclude.flatMap((entry) => Object.keys(entry)).find((name) => !named.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`exclude: ${unknown}: neither train, grid, zip nor ranges say it, so no trial has it`);
  // What is drawn may or may not agree.
  const certain = exclude.filter((entry) => !Object.keys(entry).some((name) => Object.hasOwn(ranges, name)));
  if (certain.length === 0) return;
  const all = expand({ ...spec, exclude: [] }, drawn);
  const idle = certain.find((entry) => !all.some((options) => agrees(options, entry)));
  if (idle === undefined) return;
  const said = Object.entries(idle).map(([name, value]) => (value === null ? `no ${name}` : `${name} ${value}`));
  throw new UsageError(`exclude: no combination has ${said.join(' and ')}, so nothing is left out`);
}

/** Refuses before the first training what only its own would find out. */
function checkTraining(flags: TrainFlags, typed: readonly string[]): void {
  if (isModuleFile(flags.network)) {
    throw new UsageError(
      `network: ${flags.network}: a sweep takes gated, dense or conv: its trials are told by their options, not by code`,
    );
  }
  refuseUnused(typed, flags);
  checkTogether(flags);
  checkSettings(trainOptions(flags, {}, '.'));
  checkDataOptions(flags.data, flags);
}

/** Refuses before the first training what its scoring would find out at the end. */
function checkScoring({ network, ...flags }: Resolved['flags'], trainedOn: string): void {
  if (network !== undefined)
    throw new UsageError('evaluate.network: a sweep trains no networks that a module makes: leave it out');
  checkDataOptions(String(flags.data ?? trainedOn), flags as DataFlags);
}

/** What to say if `exclude` leaves no trial. */
export const NOTHING_LEFT = 'exclude: leaves out every combination';

export function unique(trials: readonly Trial[]): readonly Trial[] {
  return [...new Map(trials.map((trial) => [trial.id, trial])).values()];
}

/** Sets the number of threads, on which the bits of a training depend. */
function withThreads(options: Options, threads: number): Options {
  return { threads, ...options };
}
