import { extname, resolve } from 'node:path';
import { UsageError } from '../../errors';
import { checkFolderOf } from '../../files';
import type { Manifest } from '../../vae/checkpoint/manifest';
import type { CommandIo } from '../io';

/** Row-major numbers `[count, height · width · channels]` in [0, 1]. */
export interface Pictures {
  readonly images: Float32Array;
  readonly count: number;
  /** Pictures in one row of a PNG. */
  readonly columns: number;
  readonly alt: string;
}

/** What images are written as, by the ending of the file. */
const WRITERS: Readonly<Record<string, (pictures: Pictures, shape: Shape) => Promise<Uint8Array>>> = {
  '.png': async ({ images, columns, alt }, { height, width, channels }) => {
    const { imageGrid } = await import('../../figures/image-grid.js');
    return imageGrid({ images, columns, height, width, channels, tone: 'light', alt }).png;
  },
  '.npy': async ({ images, count }, { height, width, channels }) => {
    const { encodeNpy } = await import('../../data/npy-writer.js');
    return encodeNpy(images, [count, height, width, ...(channels === 1 ? [] : [channels])]);
  },
};

interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** @throws UsageError on an ending that no writer has */
function checkEnding(output: string, endings: readonly string[]): string {
  const ending = extname(output).toLowerCase();
  if (endings.includes(ending)) return ending;
  throw new UsageError(`--output: expected a file that ends in ${endings.join(', ')}, got '${output}'`);
}

/** Said before anything is computed. @throws UsageError on an ending that no writer has, or a folder that is not there */
export function checkOutput(output: string, endings: readonly string[], { cwd }: Pick<CommandIo, 'cwd'>): void {
  checkEnding(output, endings);
  checkFolderOf(resolve(cwd, output));
}

/** Whether people look at the file, and no program computes with it. */
export const isPicture = (output: string): boolean => extname(output).toLowerCase() !== '.npy';

export const PICTURE_ENDINGS: readonly string[] = Object.keys(WRITERS);

export async function writePictures(
  output: string,
  pictures: Pictures,
  manifest: Manifest,
  io: CommandIo,
): Promise<void> {
  const { writeAtomically } = await import('../../files.js');
  const { height, width, channels = 1 } = manifest.data.train;
  const writer = WRITERS[checkEnding(output, PICTURE_ENDINGS)] as (typeof WRITERS)[string];
  const path = resolve(io.cwd, output);
  await writeAtomically(path, await writer(pictures, { height, width, channels }));
  io.stdout.write(`${path}\n`);
}
