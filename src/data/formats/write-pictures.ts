import { join } from 'node:path';
import { InvalidArgumentError } from '../../errors';
import { makeFolderSync, writeAtomically } from '../../files';
import { nth } from '../../nth';
import type { ImageSet } from '../dataset';
import { hasBytes, rowOf } from '../rows';
import { inParallel } from './in-parallel';

/**
 * Writes every image of a set as a PNG file, in a folder for each class, or all in one where they have no labels: what `loadImages` reads back.
 * Intensities in [0, 1] are rounded to bytes.
 *
 * @throws InvalidArgumentError on class names that cannot be folders; UsageError where a file cannot be written
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
  const digits = String(set.count - 1).length;
  const made = new Set<string>();
  for (let image = 0; image < set.count; image++) made.add(join(folder, className(set, image)));
  for (const within of made) makeFolderSync(within);
  await inParallel(set.count, async (image) => {
    const bytes = Uint8ClampedArray.from(rowOf(set, image), (value) => value * scale);
    const picture = sharp(bytes, { raw: { height, width, channels } });
    const png = await (channels === 1 ? picture.toColourspace('b-w') : picture).png().toBuffer();
    const name = `${String(image).padStart(digits, '0')}.png`;
    await writeAtomically(join(folder, className(set, image), name), png);
  });
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
