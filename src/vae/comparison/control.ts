import { pixelRows } from '../../data/batches';
import type { ImageSet } from '../../data/dataset';
import { meanImage } from '../../data/intensities';
import { InvalidArgumentError } from '../../errors';
import { evaluate } from '../evaluation/evaluate';
import { pairedDifference } from '../evaluation/paired';
import { elboSurgery } from '../evaluation/surgery';
import { Vae, type VaeOptions } from '../model';
import type { PriorOptions } from '../priors/make-prior';
import { train } from '../training/train';

/** A prior of a controlled comparison, which climbs from each to the next. */
export interface Rung {
  readonly name: string;
  /** Name in tables. */
  readonly label: string;
  readonly prior: PriorOptions;
}

/**
 * Returns the priors from the standard normal to mixtures, step by step. First the closed form of the KL term is given up for the
 * estimate that a mixture needs. Then mean and variances of a single normal are learned, and placed by EM: two changes in one step,
 * which mixtures share. Then there are more components.
 *
 * @param components the numbers K of the mixtures, each above 1
 */
export function rungs(components: readonly number[]): Rung[] {
  const learned = (K: number): PriorOptions => ({ kind: 'gaussian-mixture', components: K });
  return [
    { name: 'normal', label: 'N(0, I), KL term (9)', prior: { kind: 'standard-normal' } },
    { name: 'sampled', label: 'N(0, I), KL term (11)', prior: { kind: 'standard-normal', sampledKl: true } },
    { name: 'single', label: 'one learned normal, K = 1', prior: learned(1) },
    ...components.map((K) => ({ name: `mixture-${K}`, label: `mixture, K = ${K}`, prior: learned(K) })),
  ];
}

/** Settings that all rungs of one comparison share. */
export interface ControlSettings {
  readonly train: ImageSet;
  readonly test: ImageSet;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly network: NonNullable<VaeOptions['network']>;
  readonly epochs: number;
  readonly learningRate: number;
  readonly warmUpEpochs: number;
  /** Epochs before EM places the learned priors on encoded images, a single normal like a mixture. */
  readonly fitPriorAfter: number;
  /** Samples of z per test image for ln p(x). */
  readonly samples: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** One training, scored on the test images; nats per image. */
export interface ControlledRun {
  readonly prior: string;
  readonly seed: number;
  /** ln p(x), estimated by importance weighting. */
  readonly logLikelihood: number;
  readonly elbo: number;
  /** E_q[ln p(x|z)]. */
  readonly reconstruction: number;
  readonly kl: number;
  /** I(n; z) over the test images, see `ElboSurgery`. */
  readonly mutualInformation: number;
  /** KL(q̄‖p) over the test images, see `ElboSurgery`. */
  readonly marginalKl: number;
  readonly activeUnits: number;
  readonly effectiveComponents: number;
  readonly clusterAccuracy: number;
  /** ln p(x) less that of the first rung with the same seed, image by image; its standard error is that of the images alone. */
  readonly gain: { readonly mean: number; readonly standardError: number | null };
}

/**
 * Trains and scores every rung with one seed: the same first weights of the networks, data order, noise, number of steps and test
 * bits for all.
 *
 * @throws InvalidArgumentError on images that do not fit; DivergenceError when a loss is not finite; the signal's reason
 */
export async function runRungs(
  ladder: readonly Rung[],
  settings: ControlSettings,
  seed: number,
  onRun: (run: ControlledRun) => void = () => {},
): Promise<ControlledRun[]> {
  const runs: ControlledRun[] = [];
  let first: Float64Array | null = null;
  for (const rung of ladder) {
    const { scores, ...run } = await trainRung(rung, settings, seed);
    first ??= scores;
    runs.push({ ...run, gain: pairedDifference(first, scores) });
    onRun(runs.at(-1) as ControlledRun);
  }
  return runs;
}

async function trainRung(
  { name, prior }: Rung,
  settings: ControlSettings,
  seed: number,
): Promise<Omit<ControlledRun, 'gain'> & { readonly scores: Float64Array }> {
  const { train: images, test, latent, hidden, network, samples } = settings;
  const shape = { pixels: images.height * images.width, latent, hidden, network, meanImage: meanImage(images) };
  const model = new Vae({ ...shape, prior, seed });
  try {
    await train(model, images, { ...trainOptions(settings), seed });
    settings.signal?.throwIfAborted();
    const { report, scores } = await evaluate(model, test, { samples, seed: 0, ...machine(settings) });
    const { mutualInformation, marginalKl } = elboSurgery(model, bits(test), { seed: 0, draws: 4 });
    const { nll, elbo, reconstruction, kl, activeUnits, effectiveComponents, clusterAccuracy } = report;
    return {
      prior: name,
      seed,
      logLikelihood: -nll,
      elbo,
      reconstruction: -reconstruction,
      kl,
      mutualInformation,
      marginalKl,
      activeUnits,
      effectiveComponents,
      clusterAccuracy: labelled(clusterAccuracy),
      scores: scores.logLikelihood,
    };
  } finally {
    model.dispose();
  }
}

type Machine = Pick<ControlSettings, 'threads' | 'signal'>;

const machine = ({ threads, signal }: ControlSettings): Machine => ({
  ...(threads !== undefined && { threads }),
  ...(signal && { signal }),
});

function trainOptions(settings: ControlSettings) {
  const { epochs, learningRate, warmUpEpochs, fitPriorAfter } = settings;
  return { epochs, learningRate, warmUpEpochs, fitPriorAfter, batchSize: 100, ...machine(settings) };
}

/** The test images as `evaluate` sees them: black and white, the same for every model. */
function bits(test: ImageSet): Float32Array {
  const all = Uint32Array.from({ length: test.count }, (_, i) => i);
  return pixelRows(test, all, { binarisation: 'fixed', seed: 0 });
}

/** The comparison is of labelled images: a missing accuracy is a fault of the caller's. */
function labelled(accuracy: number | null): number {
  if (accuracy === null) throw new InvalidArgumentError('data.test', 'expected images with labels, got none');
  return accuracy;
}
