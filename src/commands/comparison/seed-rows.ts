import { type Collection, differencesFrom, type TrialGroup } from '../../sweep/collect';
import { trialFolder } from '../../sweep/folder';
import { readImages, readResult } from '../../sweep/state';
import type { Spread } from '../../sweep/statistics';
import { type KeptScores, reportSchema } from '../../vae/comparison/kept-scores';
import { asPublished, type ComparedSettings, type PublishedFigure } from '../../vae/comparison/protocol';
import type { ScoredPrior } from '../../vae/comparison/rows';
import { type ContenderTrial, contenderOf } from './trials';

type Each<T> = Readonly<Record<string, T>>;

/** One prior over several seeds. */
export interface SeedRow {
  readonly name: string;
  readonly prior: string;
  /** The number of seeds. */
  readonly n: number;
  /** By the names of `evaluate`: means over the seeds, their standard errors, and their 95 % intervals by Student's t. */
  readonly mean: Each<number>;
  readonly standardError: Each<number | null>;
  readonly interval: Each<Spread['interval']>;
  /**
   * ln p(x) less that of the first prior: paired by seed, and by image after averaging each image over the seeds. Null for the
   * first prior.
   */
  readonly gain: { readonly bySeed: Spread | null; readonly byImage: Spread | null } | null;
  readonly published: PublishedFigure | null;
}

/** Reads what a trial that is done has come to. */
export function scoredIn(sweep: string, { contender, trial }: ContenderTrial): ScoredPrior {
  const folder = trialFolder(sweep, trial.id);
  const { metrics = {}, warnings = [] } = readResult(folder) ?? {};
  const scores: KeptScores = {
    report: reportSchema.parse(tested(metrics)),
    warnings,
    logLikelihood: readImages(folder)?.logLikelihood ?? [],
  };
  return { contender, scores };
}

export function seedRows(sweep: string, collection: Collection, settings: ComparedSettings): readonly SeedRow[] {
  const [first] = collection.groups;
  const differences = first ? differencesFrom(sweep, first, collection) : [];
  const isPublished = asPublished(settings);
  return collection.groups.map((group: TrialGroup) => {
    const { name, label, published } = contenderOf(group);
    const difference = differences.find(({ options }) => options === group.options);
    return {
      name,
      prior: label,
      n: group.n,
      mean: overSeeds(group.mean),
      standardError: overSeeds(group.standardError),
      interval: overSeeds(group.interval),
      gain: difference ? { bySeed: negated(difference.bySeed['test/nll']), byImage: difference.byImage } : null,
      published: isPublished ? published : null,
    };
  });
}

const TEST = 'test/';

/** The error over images says nothing of seeds. */
function overSeeds<T>(metrics: Each<T>): Each<T> {
  const { standardError: _overImages, ...others } = tested(metrics);
  return others;
}

/** What was measured on test images, without the prefix. */
function tested<T>(metrics: Each<T>): Each<T> {
  const entries = Object.entries(metrics).filter(([name]) => name.startsWith(TEST));
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(TEST.length), value]));
}

/** The spread of ln p(x), of which `nll` is the negative. */
function negated(spread: Spread | undefined): Spread | null {
  if (!spread) return null;
  const { mean, interval } = spread;
  return { ...spread, mean: -mean, interval: interval && [-interval[1], -interval[0]] };
}
