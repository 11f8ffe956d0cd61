import type { ImageSet } from '../../data/dataset';
import { SCORING_OPTIONS } from '../evaluation/option-table';
import { MODEL_OPTIONS, USUAL } from '../model-table';
import type { PriorOptions } from '../priors/make-prior';
import { OPTIONS } from '../training/option-table';

/** A figure from the literature and its standard error over repeated trainings, in nats. */
export interface PublishedFigure {
  readonly mean: number;
  readonly standardError: number;
}

/** One prior of the comparison; the first is what the others are compared with. */
export interface Contender {
  /** The name of its folder. */
  readonly name: string;
  /** The name shown in tables. */
  readonly label: string;
  readonly kind: PriorOptions['kind'];
  /** K; 1 for the standard normal. */
  readonly components: number;
  /** Test log-likelihood at convergence, where it is published for `PROTOCOL`. */
  readonly published: PublishedFigure | null;
}

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'normal',
    label: 'N(0, I)',
    kind: 'standard-normal',
    components: 1,
    published: { mean: -84.45, standardError: 0.12 },
  },
  { name: 'gmm-10', label: 'mixture, K = 10', kind: 'gaussian-mixture', components: 10, published: null },
  { name: 'gmm-100', label: 'mixture, K = 100', kind: 'gaussian-mixture', components: 100, published: null },
  {
    name: 'vamp-500',
    label: 'VampPrior, K = 500',
    kind: 'vamp',
    components: 500,
    published: { mean: -82.43, standardError: 0.06 },
  },
];

/** Where the published figures are from, and how they were made. */
export const PUBLISHED_SOURCE =
  'Published: dynamic MNIST, 5,000 samples, trained until early stopping (Norouzi, Fleet and Norouzi, Exemplar VAE, 2020).';

/**
 * Networks, batches, step size and samples of the published experiments. Epochs and warm-up are ours: theirs took up to 2,000 epochs
 * with early stopping, and a warm-up over 100.
 */
export const PROTOCOL = {
  latent: MODEL_OPTIONS.latent.typed,
  hidden: USUAL.hidden,
  batchSize: OPTIONS.batchSize.default,
  learningRate: OPTIONS.learningRate.typed,
  epochs: OPTIONS.epochs.typed,
  warmUpEpochs: OPTIONS.warmUpEpochs.typed,
  samples: SCORING_OPTIONS.samples.typed,
  seed: OPTIONS.seed.typed,
} as const;

/** Why one of the priors has no flow beside it. */
export const NO_FLOW = 'a comparison has none: the density of its VampPrior needs q(z|u) at any z';

/** The published split of MNIST's 60,000. */
export const SPLIT = { train: 50_000, validation: 10_000 } as const;

export interface ComparedSettings {
  readonly train: ImageSet;
  readonly validation: ImageSet;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly learningRate: number;
  /** Present where z has two levels. */
  readonly hierarchy?: unknown;
}

/** Whether the published figures are of the same images and networks; the number of epochs differs in any case. */
export function asPublished({ train, validation, latent, hidden, learningRate, hierarchy }: ComparedSettings): boolean {
  return (
    train.name.startsWith('MNIST') &&
    train.count === SPLIT.train &&
    validation.count === SPLIT.validation &&
    hierarchy === undefined &&
    latent === PROTOCOL.latent &&
    String(hidden) === String(PROTOCOL.hidden) &&
    learningRate === PROTOCOL.learningRate
  );
}
