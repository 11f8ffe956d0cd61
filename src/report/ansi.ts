import { escapeHtml } from '../figures/display';

interface Style {
  readonly colour: number | undefined;
  readonly bold: boolean;
}

const PLAIN: Style = { colour: undefined, bold: false };
/** Select Graphic Rendition, the only escape sequence kept. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const SGR = /\u001b\[([\d;]*)m/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const OTHER_ESCAPES = /\u001b(?:\[[0-9;?]*[A-LN-Za-ln-z]|\][^\u0007]*\u0007|[()][A-Z0-9])/g;

/** Terminal text → HTML: the 16 colours and bold as spans, carriage returns as a terminal would show them, the rest dropped. */
export function ansiToHtml(text: string): string {
  const parts = overwrite(text.replace(OTHER_ESCAPES, '')).split(SGR);
  let style = PLAIN;
  let html = '';
  parts.forEach((part, i) => {
    if (i % 2 === 1) style = apply(style, part);
    else if (part !== '') html += wrap(escapeHtml(part), style);
  });
  return html;
}

/** A progress bar rewrites its line after `\r`; only the last state of a line is kept. */
function overwrite(text: string): string {
  return text
    .replace(/\r+\n/g, '\n')
    .split('\n')
    .map((line) => line.replace(/\r+$/, '').replace(/^[\s\S]*\r/, ''))
    .join('\n');
}

function apply(style: Style, codes: string): Style {
  let { colour, bold } = style;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) [colour, bold] = [undefined, false];
    else if (code === 1) bold = true;
    else if (code === 22) bold = false;
    else if (code === 39) colour = undefined;
    else if (code >= 30 && code <= 37) colour = code - 30;
    else if (code >= 90 && code <= 97) colour = code - 90;
  }
  return { colour, bold };
}

function wrap(html: string, { colour, bold }: Style): string {
  const classes = [...(colour === undefined ? [] : [`ansi-${colour}`]), ...(bold ? ['ansi-bold'] : [])];
  return classes.length === 0 ? html : `<span class="${classes.join(' ')}">${html}</span>`;
}
