import { expect, it } from 'vitest';
import { curveOf } from '../../src/sweep/curves';
import type { EpochRecord } from '../../src/vae/training/history';

const run = (...validations: readonly (number | null)[]): EpochRecord[] =>
  validations.map((validation, i) => ({
    epoch: i + 1,
    loss: 0,
    reconstruction: 70,
    kl: 25,
    seconds: 1,
    imagesPerSecond: 1,
    validation,
  }));

it('a curve ends with the seed that stopped first, so that no mean is of fewer seeds than the one before', () => {
  const { epochs, mean, band } = curveOf([run(100, 90, 80), run(104, 92), run(102, 94, 60, 50)]);
  expect(epochs).toEqual([1, 2]);
  expect(mean).toEqual([102, 92]);
  // Three values 2 apart: a standard error of 2/√3, and Student's t with two degrees of freedom.
  const half = (4.302652729911275 * 2) / Math.sqrt(3);
  expect(band.map((interval) => interval?.map((edge) => edge.toFixed(8)))).toEqual([
    [(102 - half).toFixed(8), (102 + half).toFixed(8)],
    [(92 - half).toFixed(8), (92 + half).toFixed(8)],
  ]);
});

it('a curve of one seed has no band, and one of none has no epochs', () => {
  expect(curveOf([run(100, 90)])).toEqual({ epochs: [1, 2], mean: [100, 90], band: [null, null] });
  expect(curveOf([])).toEqual({ epochs: [], mean: [], band: [] });
});

it('where no images are held out, the curve is of the training images', () => {
  expect(curveOf([run(null)]).mean).toEqual([95]);
});
