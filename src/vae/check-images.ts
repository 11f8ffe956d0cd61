import { type ImageSet, isOfRows, shapeOf, sizeOf } from '../data/dataset';
import { checkFinite } from '../data/numbers';
import { RowFile } from '../data/row-file';
import { categoriesOf } from '../data/standardise';
import { InvalidArgumentError } from '../errors';
import type { Likelihood } from './likelihoods';
import type { Vae, VaeOptions } from './model';
import type { Category } from './real-likelihoods';

/** @throws InvalidArgumentError, naming the first at fault, unless all are intensities in [0, 1] */
export function checkIntensities(argument: string, values: Float32Array): void {
  const outside = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (outside >= 0) {
    throw new InvalidArgumentError(
      `${argument}[${outside}]`,
      `expected an intensity in [0, 1], got ${values[outside]}; say which number is white (--white), or divide by it`,
    );
  }
}

/** What of a model says which images fit. */
interface Fitting extends Pick<Vae, 'pixels'> {
  readonly likelihood?: Pick<Likelihood, 'support'>;
  readonly options?: Pick<VaeOptions, 'network' | 'channels' | 'categories'>;
}

/** @throws InvalidArgumentError unless there are images, as many as they should be, with pixels in [0, 1], that fit the model */
export function checkImages(model: Fitting, set: ImageSet, argument: string): void {
  const { count, images } = set;
  if (!(images instanceof Uint8Array || images instanceof Float32Array || images instanceof RowFile)) {
    throw new InvalidArgumentError(
      `${argument}.images`,
      'expected a Uint8Array of intensities 0 to 255, or a Float32Array of those in [0, 1]',
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError(`${argument}.count`, `expected at least one image, got ${count}`);
  }
  const size = sizeOf(set);
  if (size !== model.pixels) {
    throw new InvalidArgumentError(
      argument,
      `expected images of ${model.pixels} pixels for this model, got ${shapeOf(set)}`,
    );
  }
  if (images.length !== count * size) {
    throw new InvalidArgumentError(
      `${argument}.images`,
      `expected ${count}·${shapeOf(set).replaceAll('×', '·')} numbers, got ${images.length}`,
    );
  }
  if (model.options) checkShape(model.options, set, argument);
  if (model.likelihood?.support === 'real') {
    if (model.options) checkCategories(model.options, set, argument);
    if (images instanceof Float32Array) checkFinite(images, `${argument}.images`, size);
    return;
  }
  if (model.likelihood?.support === 'bytes') checkLevels(`${argument}.images`, images);
  if (images instanceof Float32Array) checkIntensities(`${argument}.images`, images);
  if (images instanceof RowFile && !images.isBytes && !(images.range.smallest >= 0 && images.range.largest <= 1)) {
    const { smallest, largest } = images.range;
    throw new InvalidArgumentError(
      `${argument}.images`,
      `expected intensities in [0, 1], got ${smallest} to ${largest} in ${images.path}: say which number is white`,
    );
  }
}

/**
 * Images of as many numbers may have other rows, columns or colours than convolutions, or colours that depend on each other, take them for. Rows
 * of numbers, one pixel high, have no shape of their own.
 *
 * @throws InvalidArgumentError where they do
 */
function checkShape({ network, channels = 1 }: NonNullable<Fitting['options']>, set: ImageSet, argument: string): void {
  if (isOfRows(set)) return;
  const given = shapeOf(set);
  const expected =
    network?.kind === 'conv'
      ? shapeOf({ ...network, channels: network.channels ?? 1 })
      : shapeOf(channels === 1 ? set : { ...set, channels });
  if (given === expected) return;
  throw new InvalidArgumentError(argument, `expected images of ${expected}, as the model has, got ${given}`);
}

/** @throws InvalidArgumentError where a table has its categories elsewhere than the model: they would be numbers to it, and numbers categories */
function checkCategories({ categories = [] }: NonNullable<Fitting['options']>, set: ImageSet, argument: string): void {
  if (!set.columns) return;
  const [expected, given] = [categories, categoriesOf(set)].map((ranges) => shownRanges(ranges));
  if (given === expected) return;
  throw new InvalidArgumentError(
    argument,
    `expected a table with categories at ${expected}, as the model has, got ${given}: make the model with those, or bring the table to the columns of the training with alignColumns`,
  );
}

function shownRanges(ranges: readonly Category[]): string {
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  return sorted.map(({ start, size }) => `${start} to ${start + size - 1}`).join(', ') || 'no place';
}

/** Such as a byte holds, to what float32 and a division by another white leave of them. */
const TOLERANCE = 1e-3;

/** @throws InvalidArgumentError unless all are one of the 256 intensities of a byte */
function checkLevels(argument: string, images: ImageSet['images']): void {
  if (images instanceof Uint8Array || (images instanceof RowFile && images.isBytes)) return;
  const expected = 'expected intensities of bytes, 256 from black to white, for likelihood logistic-mixture';
  if (images instanceof RowFile) throw new InvalidArgumentError(argument, `${expected}, got floats in ${images.path}`);
  const off = images.findIndex((x) => Math.abs(x * 255 - Math.round(x * 255)) > TOLERANCE);
  if (off >= 0) throw new InvalidArgumentError(`${argument}[${off}]`, `${expected}, got ${images[off]}`);
}
