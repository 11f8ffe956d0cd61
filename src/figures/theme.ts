import { nth } from '../nth';

/**
 * The look of every figure. One set of colours serves light and dark pages: each keeps a contrast of at least 3.8:1 on
 * white and on near-black, and neighbours in the list differ in lightness and hue for readers who confuse red and green.
 */
export const COLOURS = {
  blue: '#2a7ab8',
  vermilion: '#cf5a1b',
  green: '#0e8f6e',
  purple: '#a45fae',
  ochre: '#a87b00',
  rose: '#c0476d',
  teal: '#4a90a4',
  grey: '#767c86',
} as const;

/** Named colours of the house theme. */
export type Colour = keyof typeof COLOURS;

/** The order in which unnamed traces take their colours. */
export const COLOURWAY: readonly string[] = [
  COLOURS.blue,
  COLOURS.vermilion,
  COLOURS.green,
  COLOURS.purple,
  COLOURS.ochre,
  COLOURS.rose,
  COLOURS.teal,
  COLOURS.grey,
];

/** Ten colours told apart, on light and dark pages: the house colours, then two more in the gaps that they leave. */
export const TEN_COLOURS: readonly string[] = [...COLOURWAY, '#9c6b45', '#6f7fe0'];

/** The line of the i-th trace: a colour of its own for each of eight, then the same colours dashed, dotted and so on. */
export function lineOf(index: number): { readonly color: string; readonly dash?: string } {
  const round = Math.floor(index / COLOURWAY.length);
  const color = nth(COLOURWAY, index % COLOURWAY.length);
  return round === 0 ? { color } : { color, dash: nth(DASHES, round % DASHES.length) };
}

const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash'] as const;

/** Blue and grey are those of q and p. */
const PART_COLOURS = TEN_COLOURS.filter((colour) => colour !== COLOURS.blue && colour !== COLOURS.grey);
const PART_DASHES = { dotted: ['dot', 'dashdot', 'longdashdot'], drawn: ['solid', 'dash', 'longdash'] } as const;

/** The line of the k-th component of a mixture, dotted as a part of its density or drawn through; none looks like q or p. */
export function partLine(k: number, look: keyof typeof PART_DASHES): { readonly color: string; readonly dash: string } {
  const dashes = PART_DASHES[look];
  return {
    color: nth(PART_COLOURS, k % PART_COLOURS.length),
    dash: nth(dashes, Math.floor(k / PART_COLOURS.length) % dashes.length),
  };
}

/** The same colour with an opacity in [0, 1], for bands, fills and ellipses: `rgba(42,122,184,0.2)`. */
export function withOpacity(colour: Colour, opacity: number): string {
  const hex = COLOURS[colour];
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`;
}

/** Low to high; lightness rises evenly, so the order survives grey print and colour blindness. */
const SEQUENTIAL: readonly (readonly [number, string])[] = [
  [0, '#1b2b4b'],
  [0.25, '#2f5f8a'],
  [0.5, '#5c93a8'],
  [0.75, '#b3bf95'],
  [1, '#f4e6a1'],
];

/** The colour scale of densities, from nothing to much: the paper shows where there is none, light or dark. */
export const DENSITY: readonly (readonly [number, string])[] = [
  [0, 'rgba(42,122,184,0)'],
  [0.5, 'rgba(42,122,184,0.55)'],
  [1, 'rgba(42,122,184,1)'],
];

/** Low to high, light enough throughout for dark words on it (contrast above 7:1). */
export const LIGHT_SEQUENTIAL: readonly (readonly [number, string])[] = [
  [0, '#f3efe2'],
  [0.5, '#c9dbc4'],
  [1, '#9cc3d5'],
];
/** The words on it. */
export const DARK_WORDS = '#1d1f23';

/** Negative, zero, positive. */
export const DIVERGING: readonly (readonly [number, string])[] = [
  [0, '#1f5f99'],
  [0.25, '#7fabd0'],
  [0.5, '#eceae4'],
  [0.75, '#e29a72'],
  [1, '#b1440e'],
];

/** Dark ink on white paper, as images of digits are. A page puts its own ink and paper in their place. */
const INK_ON_PAPER = [
  [0, '#ffffff'],
  [1, '#1d1f23'],
];

const INK = '#6f7680';
const RULE = 'rgba(125,132,143,0.28)';

const axis: object = {
  automargin: true,
  gridcolor: RULE,
  linecolor: INK,
  tickcolor: INK,
  ticks: 'outside',
  ticklen: 4,
  zeroline: false,
  showline: true,
  title: { standoff: 10, font: { size: 13 } },
  exponentformat: 'power',
};

const MARGIN = { l: 56, r: 16, t: 48, b: 48 };

/** A title stands above the legend. */
export const TITLED_MARGIN: object = { ...MARGIN, t: 76 };

/** A plotly template: it only fills what a figure leaves open. */
export const TEMPLATE: object = {
  layout: {
    font: {
      family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif',
      size: 13,
      color: INK,
    },
    title: { x: 0, xref: 'paper', xanchor: 'left', y: 0.985, yref: 'container', yanchor: 'top', font: { size: 14 } },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    colorway: COLOURWAY,
    colorscale: { sequential: SEQUENTIAL, diverging: DIVERGING },
    coloraxis: { colorscale: INK_ON_PAPER },
    xaxis: axis,
    yaxis: axis,
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom', bgcolor: 'rgba(0,0,0,0)' },
    hoverlabel: { font: { size: 12 } },
    margin: MARGIN,
    autosize: true,
  },
  data: {
    scatter: [{ mode: 'lines', line: { width: 2 }, marker: { size: 6 } }],
    heatmap: [{ colorbar: { outlinewidth: 0, thickness: 12 }, colorscale: SEQUENTIAL }],
    contour: [{ colorbar: { outlinewidth: 0, thickness: 12 }, colorscale: SEQUENTIAL }],
    bar: [{ marker: { line: { width: 0 } } }],
    histogram: [{ marker: { line: { width: 0 } } }],
  },
};

/** Height in pixels of a figure that names none. */
export const DEFAULT_HEIGHT = 400;
