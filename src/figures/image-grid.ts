import { PNG } from 'pngjs';
import { type Displayable, display, escapeHtml } from '../display';
import { InvalidArgumentError } from '../errors';

export interface ImageGrid extends Displayable {
  /** The grid as a PNG file. */
  readonly png: Uint8Array;
  readonly alt: string;
}

const GAP = 2;
const PAPER = 255;

/**
 * Images laid out in rows as one PNG picture: grey ones as dark ink on white paper, or as light; colours as they are.
 *
 * `images` are row-major n×height×width×channels intensities in [0, 1], 1 = ink or light. `columns` images stand in a row; the last row
 * may be shorter.
 */
export function imageGrid({
  images,
  columns,
  height = 28,
  width = 28,
  channels = 1,
  tone = channels === 1 ? 'ink' : 'light',
  scale = 2,
  alt,
}: {
  readonly images: ArrayLike<number>;
  readonly columns: number;
  readonly height?: number;
  readonly width?: number;
  /** 1, grey, or 3, red, green and blue. Default: 1. */
  readonly channels?: number;
  /** What a large number is: dark ink on the paper, or light. Default: ink where images are grey. */
  readonly tone?: 'ink' | 'light';
  /** Screen pixels per image pixel. */
  readonly scale?: number;
  /** What the pictures show, for readers who cannot see them. */
  readonly alt: string;
}): ImageGrid {
  if (channels !== 1 && channels !== 3) throw new InvalidArgumentError('channels', `expected 1 or 3, got ${channels}`);
  const size = height * width * channels;
  const count = images.length / size;
  if (!Number.isInteger(count) || count === 0) {
    throw new InvalidArgumentError(
      'images',
      `expected a multiple of ${height}×${width}${channels === 1 ? '' : `×${channels}`} numbers, got ${images.length}`,
    );
  }
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError('columns', `expected an integer ≥ 1, got ${columns}`);
  }
  const rows = Math.ceil(count / columns);
  const png = new PNG({ width: columns * (width + GAP) + GAP, height: rows * (height + GAP) + GAP, colorType: 0 });
  png.data.fill(PAPER);
  for (let i = 0; i < count; i++) {
    const left = GAP + (i % columns) * (width + GAP);
    const top = GAP + Math.floor(i / columns) * (height + GAP);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const at = 4 * ((top + Math.floor(pixel / width)) * png.width + left + (pixel % width));
      for (let colour = 0; colour < 3; colour++) {
        const value = Math.min(1, Math.max(0, images[i * size + pixel * channels + (colour % channels)]!));
        png.data[at + colour] = Math.round(PAPER * (tone === 'ink' ? 1 - value : value));
      }
    }
  }
  const bytes = PNG.sync.write(png, { colorType: channels === 1 ? 0 : 2, inputColorType: 6 });
  const base64 = bytes.toString('base64');
  return {
    png: bytes,
    alt,
    [display]: () => ({
      'image/png': base64,
      'text/html': `<img src="data:image/png;base64,${base64}" width="${png.width * scale}" style="image-rendering:pixelated;max-width:100%" alt="${escapeHtml(alt)}">`,
      'text/plain': alt,
    }),
  };
}
