import type { DataSplit } from './dataset';
import { syntheticDigits } from './glyphs';
import { findMnist, loadMnist, type MnistLocation } from './mnist';

/**
 * MNIST where it is on this machine, else synthetic digits; `train.name` says which. What is there but damaged or
 * incomplete is an error, never a reason to fall back.
 *
 * @example
 * ```ts
 * import { loadDigits } from 'gmm-vae';
 *
 * const { train } = await loadDigits({}, { train: 100, test: 20, seed: 1 });
 * // train.name says which digits they are: MNIST where it is on this machine
 * [train.height, train.width]; // [28, 28]
 * ```
 */
export async function loadDigits(
  location: MnistLocation = {},
  synthetic: { train: number; test: number; seed: number } = { train: 10_000, test: 2_000, seed: 1 },
): Promise<DataSplit> {
  return (await findMnist(location)) ? loadMnist(location) : syntheticDigits(synthetic);
}
