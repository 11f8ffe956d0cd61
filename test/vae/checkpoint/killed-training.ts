import { writeSync } from 'node:fs';
import type { LabelledImages } from '../../../src/data/dataset';
import { meanImage } from '../../../src/data/intensities';
import { Vae, type VaeOptions } from '../../../src/vae/model';
import { pseudoInputs } from '../../../src/vae/priors/pseudo-inputs';
import { type TrainOptions, train } from '../../../src/vae/training/train';

/** Stripes in seven places and four widths, which a model learns: to draw digits would take a sixth of the time of a process. */
function stripes(name: string, count: number, from: number): LabelledImages {
  const pixel = (_: unknown, j: number): number => {
    const [i, column] = [from + Math.floor(j / 784), j % 28];
    return (column + 4 * i) % 28 < 6 + 3 * (i % 4) ? 255 - column : column;
  };
  const images = Uint8Array.from({ length: count * 784 }, pixel);
  return { name, count, height: 28, width: 28, images, labels: new Uint8Array(count) };
}
const [striped, heldOut] = [stripes('stripes', 100, 0), stripes('more stripes', 40, 100)];

/** What is trained; between them, all that a checkpoint has to carry. */
const TRAININGS = {
  mixture: {
    prior: { kind: 'gaussian-mixture', components: 4 },
    options: { threads: 1, fitPriorAfter: 3 },
  },
  vamp: {
    prior: { kind: 'vamp', components: 6, pseudoInputs: pseudoInputs(striped, 6, 1) },
    options: { threads: 2, bound: 'iwae', samples: 3, binarisation: 'fixed' },
  },
} as const satisfies { [name: string]: { prior: VaeOptions['prior']; options: Partial<TrainOptions> } };

export type KilledTraining = keyof typeof TRAININGS;

/** 120 steps, kept after every third, with a line on standard output after each. For a process that is killed. */
export async function trainUntilKilled(folder: string, training: KilledTraining): Promise<void> {
  const { prior, options } = TRAININGS[training];
  const model = new Vae({ pixels: 784, latent: 2, hidden: [12], prior, seed: 1, meanImage: meanImage(striped) });
  await train(model, striped, {
    epochs: 12,
    batchSize: 10,
    seed: 1,
    learningRate: 5e-3,
    warmUpEpochs: 4,
    validation: heldOut,
    ...options,
    checkpoint: { folder, everySteps: 3, resume: true },
    onStep: ({ step }) => void writeSync(1, `${step}\n`),
  });
}
