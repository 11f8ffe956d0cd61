import { type ImageSet, takeImages } from '../data/dataset';
import { intensities } from '../data/intensities';
import { nth } from '../nth';

/** Characters that an image takes at most; larger ones are thinned out. */
const WIDEST = 16;

/** The first images in rows, two pixels a character: its upper half in one colour, its lower in another (24-bit colours of ECMA-48). */
export function terminalSheet(set: ImageSet, most: number, columns: number): string {
  const some = takeImages(set, Math.min(most, set.count));
  const step = Math.ceil(set.width / WIDEST);
  const [wide, high] = [Math.ceil(set.width / step), Math.ceil(set.height / step)];
  const perRow = Math.max(1, Math.floor(columns / (wide + 1)));
  const pixels = intensities(some);
  const lines: string[] = [];
  for (let first = 0; first < some.count; first += perRow) {
    const images = Array.from({ length: Math.min(perRow, some.count - first) }, (_, i) => first + i);
    for (let y = 0; y < high; y += 2)
      lines.push(images.map((image) => line(set, pixels, image, { y, wide, step })).join(' '));
  }
  return `${lines.join('\n')}\n`;
}

function line(
  { height, width, channels = 1 }: ImageSet,
  pixels: Float32Array,
  image: number,
  { y, wide, step }: { y: number; wide: number; step: number },
): string {
  const colour = (row: number, x: number): string => {
    const at = ((image * height + Math.min(row * step, height - 1)) * width + x * step) * channels;
    const level = (channel: number): number =>
      Math.round(255 * Math.min(1, Math.max(0, nth(pixels, at + (channel % channels)))));
    return row * step < height ? `${level(0)};${level(1)};${level(2)}` : '0;0;0';
  };
  const cells = Array.from({ length: wide }, (_, x) => `\u001b[38;2;${colour(y, x)}m\u001b[48;2;${colour(y + 1, x)}m▀`);
  return `${cells.join('')}\u001b[0m`;
}
