import { parse } from 'yaml';
import { joinText, type Notebook } from '../notebook/document/ipynb';
import type { Fact } from './facts';

/** Metadata that stands before a notebook's text. */
export interface FrontMatter {
  readonly title?: string;
  /** What the notebook is about, in the words of its author: for an index. */
  readonly description?: string;
  readonly facts: readonly Fact[];
  /** The notebook without its header. */
  readonly notebook: Notebook;
}

const HEADER = /^\s*---[ \t]*\n([\s\S]*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)/;

/**
 * Reads Quarto's YAML header (a first raw or Markdown cell between lines of `---`), `metadata.title` and
 * `metadata.description`. Leaves a header that is not valid YAML in the text.
 */
export function readFrontMatter(notebook: Notebook): FrontMatter {
  const [first, ...others] = notebook.cells;
  const { title: titled, description: described } = notebook.metadata;
  const plain = { facts: [], notebook, ...wordsOf({ title: textOf(titled), description: textOf(described) }) };
  if (!first || first.cell_type === 'code') return plain;
  const source = joinText(first.source);
  const header = HEADER.exec(source);
  const fields = header && fieldsOf(header[1] ?? '');
  if (!header || !fields) return plain;
  const rest = source.slice(header[0].length);
  const cells = rest.trim() === '' ? others : [{ ...first, source: rest }, ...others];
  return {
    ...wordsOf({
      title: textOf(fields.title) ?? textOf(titled),
      description: textOf(fields.description) ?? textOf(described),
    }),
    facts: [
      ...factsOf('Authors', namesOf(fields.author ?? fields.authors)),
      ...factsOf('Date', textOf(fields.date)),
      ...factsOf('Subtitle', textOf(fields.subtitle)),
      ...factsOf('Abstract', textOf(fields.abstract)),
    ],
    notebook: { ...notebook, cells },
  };
}

function wordsOf({ title, description }: { title: string | undefined; description: string | undefined }) {
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

function fieldsOf(yaml: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parse(yaml, { maxAliasCount: 0, logLevel: 'error' });
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const factsOf = (name: string, value: string | undefined): Fact[] => (value === undefined ? [] : [[name, value]]);

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  if (typeof value === 'number') return String(value);
  return undefined;
}

/** Reads `author: Ada`, a list of names, or a list of `{name}`, where a name may be `{given, family}`. */
function namesOf(value: unknown): string | undefined {
  const names = (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => {
    const name = (one as { readonly name?: unknown } | null | undefined)?.name ?? one;
    const { given, family, literal } = (typeof name === 'object' && name !== null ? name : {}) as Record<
      string,
      unknown
    >;
    const whole = textOf(name) ?? textOf(literal) ?? textOf([given, family].filter(Boolean).join(' '));
    return whole === undefined ? [] : [whole];
  });
  return names.length === 0 ? undefined : names.join(', ');
}
