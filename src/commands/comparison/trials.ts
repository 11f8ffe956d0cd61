import { join } from 'node:path';
import { UsageError } from '../../errors';
import { asPlannedEarlier, knownTrials } from '../../sweep/earlier';
import { attemptsOf, type Trial, trialFolder, trialWords } from '../../sweep/folder';
import { type Options, type SweepSpec, said } from '../../sweep/spec';
import { readManifest } from '../../vae/checkpoint/folder';
import type { Manifest } from '../../vae/checkpoint/manifest';
import { CONTENDERS, type Contender, PROTOCOL } from '../../vae/comparison/protocol';
import { defaultThreads } from '../../vae/training/options';
import type { CompareFlags } from '../compare';
import { typedDataOptions } from '../data-options';
import type { CommandIo } from '../io';
import { optionDefaults, trialsOf } from '../sweep/options';
import { PRIOR_FLAGS, storedFlags } from '../train/flags';
import { typedAs } from '../train/resumed';
import type { VaeData } from '../vae-data';

/** What may differ from trials that are there: where it was computed, and how the images were named. Their sum is checked. */
export const SURROUNDINGS = ['threads', 'device', 'data'];

/** Trains one prior with one seed. */
export interface ContenderTrial {
  readonly contender: Contender;
  readonly trial: Trial;
}

/** The sweep of the comparison: every prior with every seed, in the order of its table. */
export async function comparisonTrials(
  flags: CompareFlags,
  data: VaeData,
  sweep: string,
  io: CommandIo,
): Promise<readonly ContenderTrial[]> {
  const known = knownTrials(sweep);
  const single = await singleModels(sweep);
  const threads = flags.threads ?? threadsOf(known) ?? [...single.values()][0]?.threads ?? defaultThreads();
  const trials = asPlannedEarlier(known, optionDefaults(io))(trialsOf(specOf(flags, data, threads), io));
  for (const trial of trials) requireSame(sweep, trial, known);
  return trials.map((trial) => {
    const contender = contenderOf(trial);
    const model = single.get(contender.name);
    // Of another seed, it is left alone.
    if (!model || model.model.seed !== trial.options.seed) return { contender, trial };
    checkModel(join(sweep, contender.name), model, flags, data);
    return { contender, trial: { ...trial, takes: contender.name } };
  });
}

function specOf(flags: CompareFlags, { train, validation }: VaeData, threads: number): SweepSpec {
  const { data, latent, hidden, epochs, learningRate, warmUpEpochs, device, samples, limit, seed, seeds } = flags;
  const { hierarchy = null } = flags;
  return {
    train: {
      data,
      ...typedDataOptions(flags),
      'train-images': train.count,
      'validation-images': validation.count,
      network: 'gated',
      latent,
      ...said([['hierarchy', hierarchy]]),
      hidden: [...hidden],
      epochs,
      'batch-size': PROTOCOL.batchSize,
      'learning-rate': learningRate,
      'warm-up': warmUpEpochs,
      binarisation: 'dynamic',
      device,
      threads,
    },
    zip: {
      prior: CONTENDERS.map(({ kind }) => PRIOR_FLAGS[kind]),
      components: CONTENDERS.map(({ kind, components }) => (kind === 'standard-normal' ? null : components)),
    },
    grid: { seed: seeds ?? [seed] },
    exclude: [],
    ranges: {},
    search: { draws: 1, seed: 1, metric: 'best', factor: 2 },
    evaluate: { samples, seed, device, threads, ...said([['limit', limit ?? null]]) },
  };
}

export function contenderOf({ options: { prior, components } }: Pick<Trial, 'options'>): Contender {
  const found = CONTENDERS.find(
    ({ kind, components: k }) => PRIOR_FLAGS[kind] === prior && (prior === 'normal' || k === components),
  );
  if (!found) throw new Error(`${prior} ${components}: no prior of the comparison`);
  return found;
}

/** A folder holds one comparison, so that no table mixes models that differ in more than their prior. */
function requireSame(sweep: string, trial: Trial, known: readonly Trial[]): void {
  const ignored = ['epochs', ...SURROUNDINGS];
  for (const other of known) {
    if (trialWords(other.options) !== trialWords(trial.options)) continue;
    if (attemptsOf(trialFolder(sweep, other.id)).length === 0) continue;
    const names = new Set([...Object.keys(other.options), ...Object.keys(trial.options)]);
    for (const name of names) {
      const [then, now] = [other, trial].map(({ options }: { options: Options }) => String(options[name] ?? 'unset'));
      if (then !== now && !ignored.includes(name))
        refuse(join(sweep, 'trials', other.id), `--${name} ${then}, not ${now}`);
    }
  }
}

function refuse(folder: string, difference: string): never {
  throw new UsageError(`${folder}: its training has ${difference}: compare as before, or name another folder`);
}

const threadsOf = (known: readonly Trial[]): number | undefined =>
  known[0]?.options.threads === undefined ? undefined : Number(known[0].options.threads);

/** Models that `comparePriors` keeps, each in a folder of its own. */
async function singleModels(sweep: string): Promise<ReadonlyMap<string, Manifest>> {
  const found = CONTENDERS.map(async ({ name }) => [name, await readManifest(join(sweep, name), 'last')] as const);
  return new Map((await Promise.all(found)).flatMap(([name, manifest]) => (manifest ? [[name, manifest]] : [])));
}

/** Refuses a model of another training before a trial is written that would find out. */
function checkModel(folder: string, manifest: Manifest, flags: CompareFlags, { train, validation }: VaeData): void {
  const { latent, hierarchy, hidden, learningRate, warmUpEpochs, epochs } = flags;
  const sizes = { trainImages: train.count, validationImages: validation.count };
  const asked = { latent, hierarchy, hidden, learningRate, warmUpEpochs, ...sizes };
  const stored = storedFlags(manifest);
  for (const [name, now] of Object.entries(asked)) {
    const then = stored[name as keyof typeof asked];
    if (String(then) !== String(now)) refuse(folder, `${typedAs(name)} ${then ?? 'unset'}, not ${now ?? 'unset'}`);
  }
  const done = manifest.progress.epochs.length;
  if (done > epochs) {
    throw new UsageError(
      `${folder} holds a model of ${done} epochs, not of ${epochs}: compare that many, or name another folder`,
    );
  }
}
