import { PNG } from 'pngjs';
import { type Displayable, display, escapeHtml } from '../display';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';

/** Digits of 3×5 pixels, row by row. */
const DIGITS = [
  '###|#.#|#.#|#.#|###',
  '.#.|##.|.#.|.#.|###',
  '###|..#|###|#..|###',
  '###|..#|###|..#|###',
  '#.#|#.#|###|..#|..#',
  '###|#..|###|..#|###',
  '###|#..|###|#.#|###',
  '###|..#|..#|..#|..#',
  '###|#.#|###|#.#|###',
  '###|#.#|###|..#|###',
].map((digit) => digit.split('|'));
/** Dark enough for white paper and light enough for dark. */
const LABEL_INK = 0x76;
/** Screen pixels of the digit per pixel of its drawing. */
const ZOOM = 2;

/** Room for the number of the last row, two digits at least. */
const marginOf = (rows: number): number => 2 + 4 * ZOOM * Math.max(2, String(rows).length);

/** Writes 1, 2, … at the left of the rows, in the middle of each. */
function numberRows(png: PNG, rows: number, height: number): void {
  for (let row = 0; row < rows; row++) {
    const top = GAP + row * (height + GAP) + Math.floor((height - 5 * ZOOM) / 2);
    const digits = [...String(row + 1)].map(Number);
    digits.forEach((digit, place) => {
      const left = marginOf(rows) - (digits.length - place) * 4 * ZOOM;
      nth(DIGITS, digit).forEach((line, y) => {
        [...line].forEach((pixel, x) => {
          if (pixel === '#') inkBlock(png, left + x * ZOOM, top + y * ZOOM);
        });
      });
    });
  }
}

function inkBlock(png: PNG, left: number, top: number): void {
  for (let y = Math.max(0, top); y < Math.min(png.height, top + ZOOM); y++) {
    for (let x = left; x < left + ZOOM; x++) {
      const at = 4 * (y * png.width + x);
      png.data.fill(LABEL_INK, at, at + 3);
      png.data[at + 3] = OPAQUE;
    }
  }
}

export interface ImageGrid extends Displayable {
  /** The grid as a PNG file. */
  readonly png: Uint8Array;
  readonly alt: string;
}

const GAP = 2;
const PAPER = 255;
const OPAQUE = 255;

/** PNG's numbers for grey, colours, and both with transparency. */
const COLOUR_TYPES = { ink: { 1: 0, 3: 2 }, light: { 1: 4, 3: 6 } } as const;

/**
 * Images laid out in rows as one PNG picture: grey ones as dark ink on white paper, or as light; colours as they are.
 *
 * `images` are row-major n×height×width×channels intensities in [0, 1], 1 = ink or light. `columns` images stand in a row; the last row
 * may be shorter. A decoder may overshoot a little: what lies beyond 0 and 1 is drawn as these.
 *
 * @throws InvalidArgumentError where a value is not finite or so far beyond [0, 1] that it is on another scale, such as 0 to 255
 *
 * @example
 * ```ts
 * import { imageGrid, intensities, syntheticDigits, takeImages } from 'gmm-vae';
 *
 * const digits = takeImages(syntheticDigits({ train: 20, test: 10, seed: 1 }).train, 20);
 * imageGrid({ images: intensities(digits), columns: 10, alt: 'Twenty drawn digits.' });
 * ```
 */
export function imageGrid({
  images,
  columns,
  height = 28,
  width = 28,
  channels = 1,
  tone = channels === 1 ? 'ink' : 'light',
  scale = 2,
  numbered = false,
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
  /** Whether the rows carry the numbers 1, 2, … on their left. */
  readonly numbered?: boolean;
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
  const edge = numbered ? marginOf(rows) : 0;
  checkIntensities(images);
  const png = new PNG({
    width: edge + columns * (width + GAP) + GAP,
    height: rows * (height + GAP) + GAP,
    colorType: 0,
  });
  // Ink needs white paper; lights and colours need none between them.
  png.data.fill(tone === 'ink' ? PAPER : 0);
  if (numbered) numberRows(png, rows, height);
  for (let i = 0; i < count; i++) {
    const left = edge + GAP + (i % columns) * (width + GAP);
    const top = GAP + Math.floor(i / columns) * (height + GAP);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const at = 4 * ((top + Math.floor(pixel / width)) * png.width + left + (pixel % width));
      for (let colour = 0; colour < 3; colour++) {
        const value = Math.min(1, Math.max(0, nth(images, i * size + pixel * channels + (colour % channels))));
        png.data[at + colour] = Math.round(PAPER * (tone === 'ink' ? 1 - value : value));
      }
      png.data[at + 3] = OPAQUE;
    }
  }
  const bytes = PNG.sync.write(png, { colorType: COLOUR_TYPES[tone][channels], inputColorType: 6 });
  const base64 = bytes.toString('base64');
  // A report turns grey ink to light on dark paper.
  const isInk = tone === 'ink' && channels === 1;
  return {
    png: bytes,
    alt,
    [display]: () => ({
      'image/png': base64,
      'text/html': `<img${isInk ? ' class="ink"' : ''} src="data:image/png;base64,${base64}" width="${png.width * scale}" style="image-rendering:pixelated;max-width:100%" alt="${escapeHtml(alt)}">`,
      'text/plain': alt,
    }),
  };
}

/** A decoder may overshoot [0, 1] by so much before its values are taken for something else. */
const OVERSHOOT = 1;

/** Bytes and pictures with NaN would be drawn as blots of ink. */
function checkIntensities(images: ArrayLike<number>): void {
  for (let i = 0; i < images.length; i++) {
    const value = nth(images, i);
    if (value >= -OVERSHOOT && value <= 1 + OVERSHOOT) continue;
    const what = Number.isFinite(value) ? '; divide bytes by 255, as intensities() does' : '';
    throw new InvalidArgumentError(`images[${i}]`, `expected an intensity from 0 to 1, got ${value}${what}`);
  }
}
