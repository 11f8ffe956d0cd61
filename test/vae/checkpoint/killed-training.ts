import { writeSync } from 'node:fs';
import { takeImages } from '../../../src/data/dataset';
import { syntheticDigits } from '../../../src/data/glyphs';
import { meanImage } from '../../../src/data/intensities';
import { Vae } from '../../../src/vae/model';
import { train } from '../../../src/vae/train';

/** 120 steps, kept after every third, with a line on standard output after each. For a process that is killed. */
export async function trainUntilKilled(folder: string): Promise<void> {
  const { train: digits, test } = syntheticDigits({ train: 100, test: 40, seed: 1 });
  const prior = { kind: 'gaussian-mixture', components: 4 } as const;
  const model = new Vae({ pixels: 784, latent: 2, hidden: [12], prior, seed: 1, meanImage: meanImage(digits) });
  await train(model, digits, {
    epochs: 12,
    batchSize: 10,
    seed: 1,
    learningRate: 5e-3,
    warmUpEpochs: 4,
    fitPriorAfter: 3,
    validation: takeImages(test, 40),
    threads: 1,
    checkpoint: { folder, everySteps: 3, resume: true },
    onStep: ({ step }) => void writeSync(1, `${step}\n`),
  });
}
