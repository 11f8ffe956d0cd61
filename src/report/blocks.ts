import type MarkdownIt from 'markdown-it';
import { html } from './markup';

type Token = MarkdownIt.Token;

/**
 * Adds what GitHub and JupyterLab read beyond CommonMark: alerts, task lists and right-to-left text. The plugins on npm need
 * markdown-it 13 or 14, hence this one.
 */
export function blocksPlugin(md: MarkdownIt.MarkdownIt): void {
  md.core.ruler.after('inline', 'alerts', ({ tokens }) => tokens.forEach(markAlert));
  md.core.ruler.after('inline', 'tasks', (state) => state.tokens.forEach((_, at) => void markTask(state, at)));
  md.core.ruler.after('inline', 'direction', ({ tokens }) => tokens.forEach(markDirection));
  md.renderer.rules.checkbox = (tokens, at) =>
    html`<input type="checkbox" disabled aria-label="${tokens[at]?.meta?.isDone === true ? 'done' : 'to do'}"${tokens[at]?.meta?.isDone === true && ' checked'}> `
      .source;
}

const ALERTS: Readonly<Record<string, string>> = {
  NOTE: 'Note',
  TIP: 'Tip',
  IMPORTANT: 'Important',
  WARNING: 'Warning',
  CAUTION: 'Caution',
};

/** Turns `> [!NOTE]` into the title of its quotation. */
function markAlert(token: Token, at: number, tokens: readonly Token[]): void {
  const inline = tokens[at + 2];
  const children = inline?.children;
  if (token.type !== 'blockquote_open' || !children) return;
  const kind = /^\[!(\w+)\]\s*$/.exec(children[0]?.content ?? '')?.[1]?.toUpperCase() ?? '';
  const title = ALERTS[kind];
  if (title === undefined || (children[1] && !/break$/.test(children[1].type))) return;
  token.attrSet('class', `alert alert-${kind.toLowerCase()}`);
  token.attrSet('role', 'note');
  // The title stands in a paragraph's first line, in bold.
  const made = Object.assign(Object.create(Object.getPrototypeOf(children[0])), children[0], {
    ...{ type: 'made', content: html`<strong class="alert-title">${title}</strong>`.source },
  }) as Token;
  children.splice(0, children[1] ? 2 : 1, made);
}

/** Turns `- [x] done` into a checked box. */
function markTask(state: MarkdownIt.StateCore, at: number): void {
  const [item, paragraph, inline] = state.tokens.slice(at, at + 3);
  const text = inline?.children?.[0];
  const [mark, sign] = /^\[([ xX])\]\s+/.exec(text?.content ?? '') ?? [];
  if (item?.type !== 'list_item_open' || paragraph?.type !== 'paragraph_open' || !text || mark === undefined) return;
  const box = new state.Token('checkbox', '', 0);
  box.meta = { isDone: sign !== ' ' };
  text.content = text.content.slice(mark.length);
  inline?.children?.unshift(box);
  item.attrSet('class', 'task');
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Lets the browser find the direction of a block that holds right-to-left letters. */
function markDirection({ type, content }: Token, at: number, tokens: readonly Token[]): void {
  if (type !== 'inline' || !RIGHT_TO_LEFT.test(content)) return;
  const block = tokens[at - 1];
  const outer = tokens[at - 2];
  (block?.hidden && outer?.nesting === 1 ? outer : block)?.attrSet('dir', 'auto');
}
