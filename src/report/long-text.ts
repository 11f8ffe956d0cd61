import { ansiWriter, cutBefore, printed } from './ansi';
import { type Html, html } from './markup';

/** Text beyond this many characters shows its beginning and end, with the rest folded between them. */
export const LONGEST_SHOWN = 20_000;
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
  if (text.length <= LONGEST_SHOWN) return write(text);
  const from = cutBefore(text, LONGEST_SHOWN * 0.75);
  const to = cutBefore(text, text.length - LONGEST_SHOWN * 0.25);
  const [head, rest] = [write(text.slice(0, from)), write(text.slice(from, to))];
  const count = `${(to - from).toLocaleString('en-US')} more characters`;
  const middle =
    text.length <= Math.min(LONGEST_KEPT, place.room.left)
      ? html`<details class="rest"><summary>${count}</summary>${rest}</details>`
      : elsewhere(`${count} are`, place);
  return html`${head}${middle}${write(text.slice(to))}`;
}
