import { linspace } from '../math/grid';
import { type Figure, figure } from './figure';
import { COLOURS, withOpacity } from './theme';

/** A hand-drawn two, row by row from the top. */
const GLYPH = ['.###.', '#...#', '....#', '..##.', '.#...', '#....', '#####'];
const PIXEL = { width: 2.4, height: 3.2 } as const;

/** One shape per inked pixel of the glyph with its lower left corner at (x, y). */
function glyph(x: number, y: number, opacity: number): object[] {
  return GLYPH.flatMap((row, i) =>
    [...row].flatMap((pixel, j) => {
      if (pixel !== '#') return [];
      const left = x + j * PIXEL.width;
      const bottom = y + (GLYPH.length - 1 - i) * PIXEL.height;
      return [
        {
          type: 'rect',
          x0: left,
          x1: left + PIXEL.width,
          y0: bottom,
          y1: bottom + PIXEL.height,
          line: { width: 0 },
          fillcolor: withOpacity('grey', opacity),
        },
      ];
    }),
  );
}

const arrow = (from: number, to: number, y: number): object => ({
  x: to,
  y,
  ax: from,
  ay: y,
  axref: 'x',
  ayref: 'y',
  text: '',
  showarrow: true,
  arrowhead: 2,
  arrowwidth: 2,
  arrowcolor: COLOURS.grey,
});

const words = (x: number, y: number, text: string): object => ({ x, y, text, showarrow: false, align: 'center' });

const bell = (x: number[], middle: number, width: number, height: number): number[] =>
  x.map((at) => FLOOR + height * Math.exp(-0.5 * ((at - middle) / width) ** 2));

/** Where the axis of z lies. */
const FLOOR = 15;

/**
 * The parts of a VAE: an image, the encoder, q(z|x) beside the prior p(z), the decoder, and the image it makes of a draw.
 *
 * @example
 * ```ts
 * import { vaePictureFigure } from 'gmm-vae';
 *
 * vaePictureFigure();
 * ```
 */
export function vaePictureFigure(): Figure {
  const z = linspace(32, 68, 121);
  const curve = { type: 'scatter', mode: 'lines', x: z, hoverinfo: 'skip' };
  return figure({
    data: [
      { ...curve, name: 'prior p(z)', y: bell(z, 50, 6.5, 14), line: { color: COLOURS.grey, dash: 'dash', width: 2 } },
      {
        ...curve,
        name: 'encoder’s q(z|x)',
        y: bell(z, 56, 2, 26),
        line: { color: COLOURS.blue, width: 3 },
        fill: 'toself',
        fillcolor: withOpacity('blue', 0.12),
      },
      {
        type: 'scatter',
        mode: 'markers',
        name: 'a draw z ~ q(z|x)',
        x: [57.2],
        y: [FLOOR],
        marker: { size: 10, color: COLOURS.vermilion },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      height: 320,
      margin: { l: 8, r: 8, t: 44, b: 8 },
      xaxis: { visible: false, range: [0, 100], fixedrange: true },
      yaxis: { visible: false, range: [0, 48], fixedrange: true },
      shapes: [
        ...glyph(2, 14, 0.95),
        ...glyph(86, 14, 0.6),
        { type: 'line', x0: 32, x1: 68, y0: FLOOR, y1: FLOOR, line: { color: COLOURS.grey, width: 1 } },
      ],
      annotations: [
        arrow(17, 30, 25),
        arrow(70, 83, 25),
        words(23.5, 31, 'encoder<br>q(z|x)'),
        words(76.5, 31, 'decoder<br>p(x|z)'),
        words(8, 9, 'image x'),
        words(50, 9, 'latent space: z'),
        words(91, 9, 'x, as drawn'),
      ],
    },
    alt: 'From left to right: an image x; an arrow, the encoder, to the latent space, where the narrow normal q(z|x) stands beside the wide prior p(z) and a point z is drawn from q; an arrow, the decoder p(x|z), to the image made from z.',
    caption:
      'A variational autoencoder. Telling the story needs the prior and the decoder alone; the encoder reads it backwards.',
  });
}
