import 'katex/contrib/mhchem';
import { type KatexOptions, ParseError, renderToString } from 'katex';
import { withPlainText } from './commands-of-mathjax';
import { REFERENCE, renderReference, withNumbers } from './equation-references';
import { type Equations, type EquationTarget, numberRows } from './equations';
import { type Html, html, verbatim } from './markup';

/** Where maths came from and what it left behind; one per notebook, so that \newcommand reaches later cells. */
export interface MathsContext {
  readonly macros: NonNullable<KatexOptions['macros']>;
  /** Anchors already given (`eq-9`), so that an equation shown twice is linked at its first place. */
  readonly anchors: Set<string>;
  /** Every id that the page has given so far; an element of its text gets none of them again. */
  readonly ids: Set<string>;
  readonly equations: Equations;
  /** What a first look at the whole notebook found; undefined during that look. */
  readonly targets: { readonly equations: Equations } | undefined;
  /** Called with KaTeX's message and the TeX at fault; the page shows the source in its place. */
  readonly onError: (message: string, tex: string) => void;
}

/** No rule or space is longer than the column, in em. */
const LARGEST_SIZE = 30;

/** TeX → HTML with MathML beside it for screen readers. */
export function renderMaths(given: string, displayMode: boolean, context: MathsContext): Html {
  const lone = new RegExp(`^\\s*${REFERENCE.source}\\s*$`).exec(given);
  if (lone) return renderReference(lone[1] === 'eqref', lone[2] ?? '', context);
  const { tex, targets } = displayMode ? numberRows(given, context.equations) : { tex: given, targets: [] };
  try {
    const set = renderToString(redefining(withPlainText(withNumbers(tex, context))), {
      displayMode,
      macros: context.macros,
      globalGroup: true,
      strict: 'ignore',
      trust: false,
      maxSize: LARGEST_SIZE,
    });
    return displayMode ? withAnchors(verbatim(set), given, targets, context) : verbatim(set);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    context.onError(error.message, tex);
    return html`<code class="maths-error" title="${error.message}">${tex}</code>`;
  }
}

/** MathJax lets `\\newcommand` define again, and knows fewer commands: `\\newcommand{\\R}` is in many notebooks. */
function redefining(tex: string): string {
  return tex.replace(/\\newcommand\*?\s*(\{\s*)?(\\[a-z]+)\s*(?:\})?/gi, '\\providecommand{$2}{}\\renewcommand{$2}');
}

/** A display equation is a block of its own; each `\tag{9}` in it is the link target `#eq-9`. */
function withAnchors(
  set: Html,
  tex: string,
  targets: readonly EquationTarget[],
  { anchors, ids: taken }: MathsContext,
): Html {
  const ids: string[] = [];
  for (const [, tag = ''] of tex.matchAll(/\\tag\*?\{([^{}]*)\}/g)) {
    const id = `eq-${tag.replace(/[^\w.-]+/g, '')}`;
    if (id === 'eq-' || taken.has(id)) continue;
    taken.add(id);
    anchors.add(id);
    ids.push(id);
  }
  for (const { id } of targets) {
    if (!taken.has(id)) ids.push(id);
    taken.add(id);
  }
  const [first, ...others] = ids;
  const further = others.map((id) => html`<span id="${id}"></span>`);
  return html`<span class="equation"${first && html` id="${first}"`}>${further}${set}</span>`;
}
