import type { EquationTarget } from './equations';
import { type Html, html } from './markup';
import type { MathsContext } from './maths';

export const REFERENCE: RegExp = /\\(eqref|ref)\{([^{}]*)\}/;

/** `\eqref{eq:loss}` → a link that says (3). */
export function renderReference(inBrackets: boolean, label: string, context: MathsContext): Html {
  const source = `\\${inBrackets ? 'eqref' : 'ref'}{${label}}`;
  const target = targetOf(label, source, context);
  if (target) return html`<a href="#${target.id}">${inBrackets ? `(${target.number})` : target.number}</a>`;
  return html`<code class="maths-error" title="no equation has this label">${source}</code>`;
}

/** Writes a reference within a formula as its number alone. */
export function withNumbers(tex: string, context: MathsContext): string {
  return tex.replace(new RegExp(REFERENCE, 'g'), (source, kind: string, label: string) => {
    const number = targetOf(label, source, context)?.number ?? '?';
    return `\\text{${kind === 'eqref' ? `(${number})` : number}}`;
  });
}

/** Where a label leads; one that leads nowhere is told, once all are known. */
function targetOf(label: string, source: string, { targets, onError }: MathsContext): EquationTarget | undefined {
  const labels = targets?.equations.labels;
  const target = labels?.get(label);
  if (labels && !target)
    onError(`no equation has \\label{${label}}, there is ${[...labels.keys()].join(', ') || 'none'}`, source);
  return target;
}
