import { join } from 'node:path';
import { sizeOf } from '../../data/dataset';
import { meanImage } from '../../data/intensities';
import { digestOf, labelsDigest } from '../../data/rows';
import { InvalidArgumentError, UsageError } from '../../errors';
import { checkImages } from '../check-images';
import { readManifest } from '../checkpoint/folder';
import { evaluate } from '../evaluation/evaluate';
import { Vae } from '../model';
import { given } from '../option';
import type { PriorOptions } from '../priors/make-prior';
import { pseudoInputs } from '../priors/pseudo-inputs';
import { train } from '../training/train';
import { type KeptScores, keepScores, readScores } from './kept-scores';
import type { ComparedPrior, ComparePriorsOptions, ComparisonFollower } from './options';
import { CONTENDERS, type Contender, NO_FLOW, PROTOCOL } from './protocol';
import { comparedRows, type ScoredPrior } from './rows';

/**
 * A standard normal, two Gaussian mixtures (K = 10 and 100) and a VampPrior (K = 500), trained with the same seed, data order, noise
 * and number of steps in the networks of Tomczak and Welling (2018: gated layers, batches of 100, dynamic binarisation)
 * and scored by importance weighting on the same test bits with the same noise.
 *
 * @throws InvalidArgumentError when the images do not fit, or are fewer than the pseudo-inputs; UsageError when the folder holds
 *   models of another training, or cannot be written; DivergenceError when a loss is not finite; the signal's reason when it
 *   is aborted
 *
 * @example
 * ```ts
 * import { comparePriors, syntheticDigits, takeImages } from 'gmm-vae';
 *
 * const { train, test } = syntheticDigits({ train: 600, test: 20, seed: 1 });
 * const rows = await comparePriors({
 *   train: takeImages(train, 500),
 *   validation: takeImages(train, 100, 500),
 *   test,
 *   folder: 'comparison',
 *   epochs: 1,
 *   samples: 2,
 *   hidden: [8],
 *   latent: 2,
 *   threads: 1,
 * });
 * rows.map(({ name }) => name); // ['normal', 'gmm-10', 'gmm-100', 'vamp-500']
 * ```
 */
export async function comparePriors(options: ComparePriorsOptions): Promise<ComparedPrior[]> {
  const settings = { ...PROTOCOL, ...given(options) };
  if ('flow' in options) throw new InvalidArgumentError('flow', `expected none: ${NO_FLOW}`);
  checkData(settings);
  const scored: ScoredPrior[] = [];
  for (const contender of CONTENDERS) scored.push({ contender, scores: await trainAndScore(contender, settings) });
  return comparedRows(scored, settings);
}

type Settings = ComparePriorsOptions &
  Required<Pick<ComparePriorsOptions, Exclude<keyof typeof PROTOCOL, 'batchSize'>>>;

/** Refuses, before hours of training, what only the last of them would find out. */
export function checkData({ train, validation, test }: Pick<Settings, 'train' | 'validation' | 'test'>): void {
  const pixels = sizeOf(train);
  for (const [name, set] of Object.entries({ train, validation, test })) checkImages({ pixels }, set, name);
  const needed = Math.max(PROTOCOL.batchSize, ...CONTENDERS.map(({ components }) => components));
  if (train.count < needed) {
    throw new InvalidArgumentError(
      'train',
      `expected at least ${needed} images, of which the VampPrior makes its pseudo-inputs, got ${train.count}`,
    );
  }
}

async function trainAndScore(contender: Contender, settings: Settings): Promise<KeptScores> {
  const { seed, latent, hierarchy, hidden, follow, signal } = settings;
  const folder = join(settings.folder, contender.name);
  const model = new Vae({
    pixels: sizeOf(settings.train),
    latent,
    hidden,
    network: { kind: 'gated' },
    ...(hierarchy && { hierarchy }),
    prior: priorOptions(contender, settings),
    seed,
    meanImage: meanImage(settings.train),
  });
  try {
    const follower = (await follow?.(contender)) ?? {};
    await trainOn(model, folder, settings, follower);
    signal?.throwIfAborted();
    return await score(model, folder, settings, follower);
  } finally {
    model.dispose();
  }
}

function priorOptions({ kind, components }: Contender, { train, seed }: Settings): PriorOptions {
  const options: { readonly [K in PriorOptions['kind']]: () => PriorOptions } = {
    'standard-normal': () => ({ kind: 'standard-normal' }),
    'gaussian-mixture': () => ({ kind: 'gaussian-mixture', components }),
    vamp: () => ({ kind: 'vamp', components, pseudoInputs: pseudoInputs(train, components, seed) }),
  };
  return options[kind]();
}

async function trainOn(model: Vae, folder: string, settings: Settings, follower: ComparisonFollower): Promise<void> {
  const { epochs, learningRate, warmUpEpochs, seed, validation, device, threads, signal } = settings;
  const { onStep, onEpoch } = follower;
  try {
    const history = await train(model, settings.train, {
      epochs,
      learningRate,
      warmUpEpochs,
      seed,
      validation,
      batchSize: PROTOCOL.batchSize,
      binarisation: 'dynamic',
      checkpoint: { folder, resume: true },
      ...(device && { device }),
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
      ...(onStep && { onStep }),
      ...(onEpoch && { onEpoch }),
    });
    const done = history.epochs.length;
    if (done > epochs) {
      throw new UsageError(
        `${folder} holds a model of ${done} epochs, not of ${epochs}: compare that many, or name another folder`,
      );
    }
  } finally {
    follower.onTrained?.();
  }
}

async function score(
  model: Vae,
  folder: string,
  { test, samples, seed, device, threads, signal }: Settings,
  { onScored }: ComparisonFollower,
): Promise<KeptScores> {
  const trained = await readManifest(folder, 'last');
  if (!trained) throw new Error(`${folder}: the training ended without a checkpoint`);
  const labels = test.labels && labelsDigest(test.labels);
  const by = { weights: trained.files.weights.sha256, images: digestOf(test), labels, samples, seed };
  const kept = await readScores(folder, by);
  if (kept) return kept;
  const { report, warnings, scores } = await evaluate(model, test, {
    samples,
    seed,
    keep: { folder, weights: by.weights },
    ...(device && { device }),
    ...(threads !== undefined && { threads }),
    ...(signal && { signal }),
    ...(onScored && { onProgress: onScored }),
  });
  const made = { report, warnings, logLikelihood: Array.from(scores.logLikelihood) };
  await keepScores(folder, by, made);
  return made;
}
