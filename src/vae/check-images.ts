import type { ImageSet } from '../data/dataset';
import { InvalidArgumentError } from '../errors';
import type { Vae } from './model';

/** @throws InvalidArgumentError, naming the first at fault, unless all are intensities in [0, 1] */
export function checkIntensities(argument: string, values: Float32Array): void {
  const outside = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (outside >= 0) {
    throw new InvalidArgumentError(
      `${argument}[${outside}]`,
      `expected an intensity in [0, 1], got ${values[outside]}`,
    );
  }
}

/** @throws InvalidArgumentError unless there are images, which are bytes, as many as they should be, and fit the model */
export function checkImages(
  model: Pick<Vae, 'pixels'>,
  { count, height, width, images }: ImageSet,
  argument: string,
): void {
  if (!(images instanceof Uint8Array)) {
    throw new InvalidArgumentError(
      `${argument}.images`,
      'expected a Uint8Array of intensities 0 to 255, so that pixels are in [0, 1]',
    );
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError(`${argument}.count`, `expected at least one image, got ${count}`);
  }
  if (height * width !== model.pixels) {
    throw new InvalidArgumentError(
      argument,
      `expected images of ${model.pixels} pixels for this model, got ${height}×${width}`,
    );
  }
  if (images.length !== count * height * width) {
    throw new InvalidArgumentError(
      `${argument}.images`,
      `expected ${count}·${height}·${width} bytes, got ${images.length}`,
    );
  }
}
