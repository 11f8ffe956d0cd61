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
 * Grey images laid out in rows as one PNG picture, dark ink on white paper.
 *
 * `images` are row-major n×height×width intensities in [0, 1], 1 = ink. `columns` images stand in a row; the last row may be shorter.
 */
export function imageGrid({
  images,
  columns,
  height = 28,
  width = 28,
  scale = 2,
  alt,
}: {
  readonly images: ArrayLike<number>;
  readonly columns: number;
  readonly height?: number;
  readonly width?: number;
  /** Screen pixels per image pixel. */
  readonly scale?: number;
  /** What the pictures show, for readers who cannot see them. */
  readonly alt: string;
}): ImageGrid {
  const size = height * width;
  const count = images.length / size;
  if (!Number.isInteger(count) || count === 0) {
    throw new InvalidArgumentError('images', `expected a multiple of ${height}×${width} numbers, got ${images.length}`);
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
    for (let pixel = 0; pixel < size; pixel++) {
      const at = 4 * ((top + Math.floor(pixel / width)) * png.width + left + (pixel % width));
      const ink = Math.min(1, Math.max(0, images[i * size + pixel]!));
      png.data.fill(Math.round(PAPER * (1 - ink)), at, at + 3);
    }
  }
  const bytes = PNG.sync.write(png, { colorType: 0, inputColorType: 6 });
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
