import { type DataSplit, takeImages } from '../../src/data/dataset';
import { syntheticDigits } from '../../src/data/glyphs';
import { findMnist, loadMnist } from '../../src/data/mnist';

/** Real MNIST. Null where it is not on this machine, except in CI, where that is a failure. */
export async function mnistForTests(): Promise<DataSplit | null> {
  if (await findMnist()) return loadMnist();
  if (process.env.CI === 'true') throw new Error('CI=true, but MNIST is not here: set GMM_VAE_DATA');
  return null;
}

/** The beginning of MNIST, or as many synthetic digits where MNIST is not (never in CI). */
export async function digitsForTests(train: number, test: number): Promise<DataSplit> {
  const mnist = await mnistForTests();
  if (!mnist) return syntheticDigits({ train, test, seed: 1 });
  return { train: takeImages(mnist.train, train), test: takeImages(mnist.test, test) };
}
