import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { InvalidArgumentError, UsageError } from '../../errors';
import { makeFolderSync, writeAtomically } from '../../files';
import { nth } from '../../nth';
import type { ImageSet } from '../dataset';
import { forEachRow, hasBytes, rowOf } from '../rows';
import { inParallel } from './in-parallel';
import { isPicture } from './pictures';
import { filesBelow } from './walk';

/**
 * Writes every image of a set as a PNG file, in a folder for each class, or all in one where they have no labels: what `loadImages` reads back.
 * Intensities in [0, 1] are rounded to bytes.
 *
 * @throws InvalidArgumentError on class names that cannot be folders, and on numbers that are no intensities; UsageError where a file cannot be
 *   written, or the folder holds other pictures, which would be read back as well
 *
 * @example
 * ```ts
 * import { loadImages, syntheticDigits, writePictures } from 'gmm-vae';
 *
 * const { train } = syntheticDigits({ train: 10, test: 10, seed: 1 });
 * await writePictures(train, 'digits');
 * (await loadImages('digits')).format; // 'pictures'
 * ```
 */
export async function writePictures(set: ImageSet, folder: string): Promise<void> {
  const { default: sharp } = await import('sharp');
  const { height, width, channels = 1 } = set;
  if (channels !== 1 && channels !== 3)
    throw new InvalidArgumentError('set.channels', `expected 1 or 3, got ${channels}`);
  const scale = hasBytes(set) ? 1 : 255;
  if (scale !== 1) checkIntensities(set);
  const digits = String(set.count - 1).length;
  const pathOf = (image: number): string =>
    join(folder, className(set, image), `${String(image).padStart(digits, '0')}.png`);
  const paths = Array.from({ length: set.count }, (_, image) => pathOf(image));
  await checkOthers(folder, new Set(paths));
  for (const within of new Set(paths.map((path) => dirname(path)))) makeFolderSync(within);
  await inParallel(set.count, async (image) => {
    const bytes = Uint8ClampedArray.from(rowOf(set, image), (value) => value * scale);
    const picture = sharp(bytes, { raw: { height, width, channels } });
    const png = await (channels === 1 ? picture.toColourspace('b-w') : picture).png().toBuffer();
    await writeAtomically(nth(paths, image), png);
  });
}

/** A byte is clamped: other numbers would be read back as black or white. @throws InvalidArgumentError */
function checkIntensities(set: ImageSet): void {
  forEachRow(set, (row, image) => {
    const at = row.findIndex((value) => !(value >= 0 && value <= 1));
    if (at >= 0)
      throw new InvalidArgumentError(
        'set.images',
        `image ${image}, number ${at}: expected an intensity from 0 to 1, got ${row[at]}`,
      );
  });
}

/** What an earlier call has left, of more images or other classes, is none of this set. @throws UsageError */
async function checkOthers(folder: string, own: ReadonlySet<string>): Promise<void> {
  if (!existsSync(folder)) return;
  const other = (await filesBelow(folder)).find((path) => isPicture(path) && !own.has(path));
  if (other !== undefined)
    throw new UsageError(
      `${folder}: holds other pictures (${relative(folder, other)}): empty it, or name another folder`,
    );
}

function className({ labels, classes }: ImageSet, image: number): string {
  if (!labels) return '';
  const label = nth(labels, image);
  const name = classes?.[label] ?? String(label);
  if (name !== '' && !/[/\\]|^\./.test(name)) return name;
  throw new InvalidArgumentError(
    `set.classes[${label}]`,
    `expected a name that a folder can have, got ${JSON.stringify(name)}`,
  );
}
