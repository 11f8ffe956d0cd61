import type { ImageSet } from '../../data/dataset';
import type { Spread } from '../../sweep/statistics';
import type { ComparedPrior } from '../../vae/comparison/options';
import { PUBLISHED_SOURCE } from '../../vae/comparison/protocol';
import { fixed } from '../../words';
import type { CompareFlags } from '../compare';
import { halfOf, markdownTable, shown } from '../sweep/tables';
import type { SeedRow } from './seed-rows';

/** What the table is about. */
export interface Subject {
  readonly flags: CompareFlags;
  readonly train: ImageSet;
  /** The number of test images. */
  readonly images: number;
}

const MEASURES = ['ELBO', 'KL', 'active units', 'effective components', 'cluster accuracy', 'NMI'];

export function rowsTable(rows: readonly ComparedPrior[], { flags, train, images }: Subject): string {
  const { epochs, samples, seed } = flags;
  const anyPublished = rows.some(({ published }) => published !== null);
  const cells = rows.map((row, i) => [
    row.prior,
    withError(-row.nll, row.standardError),
    i === 0 ? '–' : withError(row.gain.mean, row.gain.standardError),
    fixed(row.elbo),
    fixed(row.kl),
    fixed(row.activeUnits, 0),
    fixed(row.effectiveComponents, 1),
    row.clusterAccuracy === null ? '–' : fixed(row.clusterAccuracy, 3),
    row.nmi === null ? '–' : fixed(row.nmi, 3),
    ...(anyPublished ? [row.published ? withError(row.published.mean, row.published.standardError) : '–'] : []),
  ]);
  const head = ['prior', 'ln p(x)', 'gain over N(0, I), paired', ...MEASURES];
  const caption = [
    `${epochs} epochs on ${train.count} images of ${train.name}, seed ${seed},`,
    `${samples} samples for each of ${images} test images; nats per image, ± one standard error.`,
  ].join(' ');
  return page([[...head, ...published(anyPublished)], ...cells], caption, anyPublished);
}

const MEASURED = ['elbo', 'kl', 'activeUnits', 'effectiveComponents', 'clusterAccuracy', 'nmi'];

export function seedsTable(rows: readonly SeedRow[], { flags, train, images }: Subject): string {
  const { epochs, samples, seeds = [], seed } = flags;
  const anyPublished = rows.some(({ published }) => published !== null);
  const cells = rows.map(({ prior, mean, interval, gain, published: figure }) => [
    prior,
    shown(-(mean.nll ?? Number.NaN), halfOf(interval.nll)),
    spread(gain?.bySeed),
    spread(gain?.byImage),
    ...MEASURED.map((name) => shown(mean[name], halfOf(interval[name]))),
    ...(anyPublished ? [figure ? withError(figure.mean, figure.standardError) : '–'] : []),
  ]);
  const head = ['prior', 'ln p(x)', 'gain over N(0, I), by seed', 'gain, by image', ...MEASURES];
  const caption = [
    `${epochs} epochs on ${train.count} images of ${train.name}, seeds ${seeds.join(', ')},`,
    `${samples} samples for each of ${images} test images (seed ${seed}); nats per image: means over the seeds`,
    '± half of the 95 % interval (Student’s t); by image, the interval is over the images.',
  ].join(' ');
  return page([[...head, ...published(anyPublished)], ...cells], caption, anyPublished);
}

const published = (any: boolean): string[] => (any ? ['published ln p(x)'] : []);

function page(rows: readonly (readonly string[])[], caption: string, anyPublished: boolean): string {
  return [markdownTable(rows), caption, ...(anyPublished ? [PUBLISHED_SOURCE] : [])].join('\n');
}

const withError = (value: number, error: number | null): string =>
  error === null ? fixed(value) : `${fixed(value)} ± ${fixed(error)}`;

const spread = (of: Spread | null | undefined): string => (of ? shown(of.mean, halfOf(of.interval)) : '–');
