import { counted } from '../words';
import { ansiWriter, cutBefore, printed } from './ansi';
import { type Html, html } from './markup';

/** Text beyond this many characters shows its beginning and end, with the rest folded between them. */
export const LONGEST_SHOWN = 20_000;
/** Where the page has no room left, each text keeps so much. */
const SHORTEST_SHOWN = 600;
/** Text beyond this many characters leaves its middle to the executed notebook, which has the whole. */
const LONGEST_KEPT = 500_000;

/** What the outputs of a page may still add to it. */
export interface Room {
  /** Characters of HTML. */
  left: number;
}

/**
 * A page is to stay under 4 MB: plotly takes 1.5 of them, style and fonts 0.3, text and code the rest. Outputs share this,
 * first come, first served.
 */
export const createRoom = (): Room => ({ left: 2_000_000 });

export interface Place {
  /** Where the executed notebook lies, for what is too long for a page. */
  readonly executedHref?: string;
  readonly room: Room;
}

/** What is said in the place of something that only the executed notebook has. */
export function elsewhere(what: string, { executedHref }: Place): Html {
  const place =
    executedHref === undefined
      ? 'the executed notebook only'
      : html`<a href="${executedHref}">the executed notebook</a>`;
  return html`<strong class="rest">${what} in ${place}</strong>`;
}

/** The whole text, or its beginning and end with the rest folded between them or, past a page's size, a click away. */
export function longText(given: string, place: Place): Html {
  const text = printed(given);
  const write = ansiWriter();
  const shown = Math.max(SHORTEST_SHOWN, Math.min(LONGEST_SHOWN, place.room.left / 2));
  if (text.length <= shown) return write(text);
  const from = endOfLine(text, shown * 0.75);
  const to = Math.max(from, startOfLine(text, text.length - shown * 0.25));
  const [head, rest] = [write(text.slice(0, from)), write(text.slice(from, to))];
  const count = amount(text.slice(from, to), text[from - 1] === '\n');
  const middle =
    text.length <= Math.min(LONGEST_KEPT, place.room.left)
      ? html`<details class="rest"><summary>${count}</summary>${rest}</details>`
      : elsewhere(`${count} are`, place);
  return html`${head}${middle}${write(text.slice(to))}`;
}

/** How far a cut moves to fall between two lines or, in a long line, between two words or numbers. */
const LINE = 2_000;
const WORD = 200;

/** The last place up to `at` where a reader would cut. */
function endOfLine(text: string, given: number): number {
  const at = Math.floor(given);
  const line = text.lastIndexOf('\n', at - 1) + 1;
  if (at - line < LINE && line > 0) return line;
  const word = text.slice(at - WORD, at).search(/[\s,]\S*$/);
  return word < 0 ? cutBefore(text, at) : at - WORD + word + 1;
}

/** The first place from `at` on where a reader would go on. */
function startOfLine(text: string, given: number): number {
  const at = Math.floor(given);
  const line = text.indexOf('\n', at) + 1;
  if (line > 0 && line < text.length && line - at < LINE) return line;
  const word = text.slice(at, at + WORD).search(/\s|,(?!\s)/);
  return word < 0 ? cutBefore(text, at) : at + word + 1;
}

function amount(text: string, isWhole: boolean): string {
  const lines = text.split('\n').length - 1;
  return isWhole && text.endsWith('\n')
    ? counted(lines, 'more line', lines.toLocaleString('en-US'))
    : `${text.length.toLocaleString('en-US')} more characters`;
}
