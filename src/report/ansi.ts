import { type Html, html, joinHtml } from './markup';

/** How a terminal would set the characters that follow. Colours are 0 to 7: the page has one of each for light and dark. */
interface Style {
  readonly colour?: number | undefined;
  readonly background?: number | undefined;
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly reverse?: boolean;
}

const PLAIN: Style = {};
const ESC = '\u001b';
/** Select Graphic Rendition, the only escape sequence kept. */
const SGR = new RegExp(`${ESC}\\[([\\d;:]*)m`);
/** Control sequences, and what a terminal is told about itself: titles, links (whose text stays), up to BEL or ST. */
const OTHER_ESCAPES = new RegExp(
  `${ESC}(?:\\[(?![\\d;:]*m)[0-?]*[ -/]*[@-~]|[\\]PX^_][^\\u0007${ESC}\\n]*(?:\\u0007|${ESC}\\\\)?|[ -/]*[0-Z\\\\^-~])`,
  'g',
);
/** Control characters that are left, but for line ends, tabs and the escapes of {@link SGR}. */
const CONTROLS = new RegExp(
  `[\\u0000-\\u0008\\u000b-\\u001a\\u001c-\\u001f\\u007f-\\u009f]|${ESC}(?!\\[[\\d;:]*m)`,
  'g',
);

/** Text as it stands on the terminal in the end; colours are still escape sequences. */
export function printed(text: string): string {
  return overwrite(text.replace(OTHER_ESCAPES, '')).replace(CONTROLS, '');
}

/** The characters alone. */
export function withoutColours(text: string): string {
  return text.replace(new RegExp(SGR, 'g'), '');
}

/** Turns pieces of {@link printed} text into HTML, one after the other: a colour lasts until it is changed. */
export function ansiWriter(): (text: string) => Html {
  let style = PLAIN;
  return (text) => {
    const parts: Html[] = [];
    text.split(SGR).forEach((part, i) => {
      if (i % 2 === 1) style = apply(style, part);
      else if (part !== '') parts.push(wrap(part, style));
    });
    return joinHtml(parts);
  };
}

/** The last place up to `at` where printed text can be cut: not within an escape sequence or a character of two halves. */
export function cutBefore(text: string, at: number): number {
  const start = text.lastIndexOf(ESC, at - 1);
  const end = start < 0 ? -1 : text.indexOf('m', start);
  if (end >= at) return start;
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at - 1 : at;
}

/** A progress bar rewrites its line after `\r`, or steps back over it; only the last state of a line is kept. */
function overwrite(text: string): string {
  return text
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => stepBack(line.replace(/\r+$/, '').replace(/^[\s\S]*\r/, '')))
    .join('\n');
}

function stepBack(line: string): string {
  if (!line.includes('\b')) return line;
  const kept: string[] = [];
  for (const character of line) {
    if (character === '\b') kept.pop();
    else kept.push(character);
  }
  return kept.join('');
}

function apply(before: Style, sequence: string): Style {
  let style = before;
  const codes = sequence.split(';');
  for (let i = 0; i < codes.length; i++) {
    // Written with colons, a colour and its numbers are one code; with semicolons, they are codes of their own.
    const [code = 0, ...given] = (codes[i] ?? '').split(':').map(Number);
    if (code !== 38 && code !== 48) {
      style = code === 0 ? PLAIN : { ...style, ...change(code) };
      continue;
    }
    const isLong = given.length === 0;
    const numbers = isLong ? codes.slice(i + 1, i + 5).map(Number) : given;
    if (isLong) i += numbers[0] === 5 ? 2 : 4;
    const colour = numbers[0] === 5 ? ofTable(numbers[1] ?? 0) : nearest(numbers.slice(1).slice(-3));
    style = { ...style, [code === 38 ? 'colour' : 'background']: colour };
  }
  return style;
}

function change(code: number): Style {
  if (code === 1) return { bold: true };
  if (code === 3) return { italic: true };
  if (code === 4) return { underline: true };
  if (code === 7) return { reverse: true };
  if (code === 22) return { bold: false };
  if (code === 23) return { italic: false };
  if (code === 24) return { underline: false };
  if (code === 27) return { reverse: false };
  if (code === 39) return { colour: undefined };
  if (code === 49) return { background: undefined };
  const [tens, unit] = [Math.floor(code / 10), code % 10];
  if (unit > 7) return {};
  if (tens === 3 || tens === 9) return { colour: unit };
  return tens === 4 || tens === 10 ? { background: unit } : {};
}

/** One of the 256 colours: the 16 of old, a cube of 6 × 6 × 6, greys. */
function ofTable(index: number): number {
  if (index < 16) return index % 8;
  if (index > 231) return 7;
  const cube = index - 16;
  return nearest([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6]);
}

/** Red, yellow, green, cyan, blue, magenta, by the angle of their hue. */
const HUES = [1, 3, 2, 6, 4, 5];

/** The page's colours can be read on light and dark paper, a colour made for one terminal cannot: its hue is kept. */
function nearest([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (range <= 0.2 * most) return 7;
  const sixth =
    most === red ? (green - blue) / range : most === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  return HUES[(Math.round(sixth) + 6) % 6] ?? 7;
}

function wrap(text: string, { colour, background, bold, italic, underline, reverse }: Style): Html {
  const [ink, paper] = reverse ? [background, colour ?? 7] : [colour, background];
  const classes = [
    ...(paper === undefined ? [] : [`ansi-on-${paper}`]),
    ...(ink === undefined ? [] : [`ansi-${ink}`]),
    ...(bold ? ['ansi-bold'] : []),
    ...(italic ? ['ansi-italic'] : []),
    ...(underline ? ['ansi-underline'] : []),
  ];
  return classes.length === 0 ? html`${text}` : html`<span class="${classes.join(' ')}">${text}</span>`;
}
