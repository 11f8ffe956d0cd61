import { writeSync } from 'node:fs';
import { takeImages } from '../../../src/data/dataset';
import { syntheticDigits } from '../../../src/data/glyphs';
import { meanImage } from '../../../src/data/intensities';
import { Vae, type VaeOptions } from '../../../src/vae/model';
import { pseudoInputs } from '../../../src/vae/priors/pseudo-inputs';
import { type TrainOptions, train } from '../../../src/vae/training/train';

const { train: digits, test } = syntheticDigits({ train: 100, test: 40, seed: 1 });

/** What is trained; between them, all that a checkpoint has to carry. */
const TRAININGS = {
  mixture: {
    prior: { kind: 'gaussian-mixture', components: 4 },
    options: { threads: 1, fitPriorAfter: 3 },
  },
  vamp: {
    prior: { kind: 'vamp', components: 6, pseudoInputs: pseudoInputs(digits, 6, 1) },
    options: { threads: 2, bound: 'iwae', samples: 3, binarisation: 'fixed' },
  },
} as const satisfies { [name: string]: { prior: VaeOptions['prior']; options: Partial<TrainOptions> } };

export type KilledTraining = keyof typeof TRAININGS;

/** 120 steps, kept after every third, with a line on standard output after each. For a process that is killed. */
export async function trainUntilKilled(folder: string, training: KilledTraining): Promise<void> {
  const { prior, options } = TRAININGS[training];
  const model = new Vae({ pixels: 784, latent: 2, hidden: [12], prior, seed: 1, meanImage: meanImage(digits) });
  await train(model, digits, {
    epochs: 12,
    batchSize: 10,
    seed: 1,
    learningRate: 5e-3,
    warmUpEpochs: 4,
    validation: takeImages(test, 40),
    ...options,
    checkpoint: { folder, everySteps: 3, resume: true },
    onStep: ({ step }) => void writeSync(1, `${step}\n`),
  });
}
