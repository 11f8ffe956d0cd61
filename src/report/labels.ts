import type { Equations } from './equations';
import type { MathsContext } from './maths';

/** What the first comment lines of a code cell say about what it shows; Quarto and MyST read the same lines. */
export interface CellOptions {
  /** `fig-variance` or `tbl-gradients`: the target of `[Figure](#fig-variance)`. */
  readonly label?: string;
  /** The caption of a picture that brings none of its own. */
  readonly figureCaption?: string;
  readonly tableCaption?: string;
  /** What a picture shows, for a reader who cannot see it. */
  readonly figureAlt?: string;
}

/** One of these lines; those that mean something to other programs alone stay with the code. */
const OPTION = /^(?:\/\/|#|--|%)\|[ \t]*([\w-]+)[ \t]*:[ \t]*(.*?)[ \t]*$/;
const LABEL = /^(fig|tbl)-[\w.-]+$/;
const FIELDS: Readonly<Record<string, keyof CellOptions>> = {
  label: 'label',
  'fig-cap': 'figureCaption',
  'fig-alt': 'figureAlt',
  'tbl-cap': 'tableCaption',
};

/** Splits `//| label: fig-variance` and its like from the code below them. */
export function splitOptions(source: string): { readonly options: CellOptions; readonly code: string } {
  const lines = source.split('\n');
  const options: Record<string, string> = {};
  const others: string[] = [];
  let next = 0;
  for (; next < lines.length; next++) {
    const [line = '', name, value = ''] = OPTION.exec(lines[next] ?? '') ?? [];
    if (name === undefined) break;
    const field = FIELDS[name];
    if (field === undefined) {
      others.push(line);
      continue;
    }
    const text = value.replace(/^(['"])(.*)\1$/, '$2');
    // Quarto's labels without such a prefix name a cell, nothing that has a number.
    if (name !== 'label' || LABEL.test(text)) options[field] = text;
  }
  return { options, code: [...others, ...lines.slice(next)].join('\n') };
}

/** What one of these lines says: `#| echo: false`. */
export function optionOf(source: string, name: 'echo' | 'include' | 'code-fold'): string | undefined {
  for (const line of source.split('\n')) {
    const [, option, value] = OPTION.exec(line) ?? [];
    if (option === undefined) return undefined;
    if (option === name) return value;
  }
  return undefined;
}

export type Kind = 'figure' | 'table';

const PREFIXES = { figure: 'fig-', table: 'tbl-' } as const;

/** Counts what a page numbers and remembers what its author calls it. */
export interface Numbering extends Pick<MathsContext, 'onError' | 'ids'> {
  figures: number;
  tables: number;
  /** How many of the figures a script draws. */
  drawn: number;
  /** Label → number, of figures (`fig-`) and tables (`tbl-`). */
  readonly labels: Map<string, number>;
  /** The options of the cell whose outputs are being rendered. */
  options: CellOptions;
  /** How many figures or tables of that cell have been given its label. */
  labelled: number;
}

export function createNumbering({ onError, ids }: Pick<MathsContext, 'onError' | 'ids'>): Numbering {
  return { figures: 0, tables: 0, drawn: 0, labels: new Map(), options: {}, labelled: 0, onError, ids };
}

/**
 * The number and the id of the next figure or table. The first one that a labelled cell shows is `fig-variance`, further
 * ones `fig-variance-2` and so on; without a label the id is `figure-3`.
 */
export function nextNumber(numbering: Numbering, kind: Kind): { readonly number: number; readonly id: string } {
  const counter = kind === 'figure' ? 'figures' : 'tables';
  numbering[counter] += 1;
  const number = numbering[counter];
  const plain = { number, id: `${kind}-${number}` };
  const { label } = numbering.options;
  if (!label?.startsWith(PREFIXES[kind])) return plain;
  numbering.labelled += 1;
  const id = numbering.labelled === 1 ? label : `${label}-${numbering.labelled}`;
  if (numbering.ids.has(id)) {
    numbering.onError(`the label ${id} is given twice; every label names one figure or table`, `label: ${label}`);
    return plain;
  }
  numbering.ids.add(id);
  numbering.labels.set(id, number);
  return { number, id };
}

/** What a first look at the whole notebook found: a reference may stand before what it refers to. */
export interface Targets {
  readonly labels: ReadonlyMap<string, number>;
  /** Ids of numbered equations, `eq-9`. */
  readonly anchors: ReadonlySet<string>;
  /** Equations with a `\\label`. */
  readonly equations: Equations;
  /** Every id of the text: headings, equations, what HTML in it names. */
  readonly ids: ReadonlySet<string>;
}

/**
 * The text of a reference to a figure, table or equation: `Figure` becomes `Figure 3`, other words stay as they are.
 * @returns undefined where nothing carries that label
 */
export function referenceText(id: string, text: string, { labels, anchors, ids }: Targets): string | undefined {
  if (id.startsWith('eq-') && anchors.has(id)) return text;
  const number = labels.get(id);
  // HTML in the text may have named a place so.
  if (number === undefined) return ids.has(id) ? text : undefined;
  if (text === '') return `${id.startsWith(PREFIXES.figure) ? 'Figure' : 'Table'} ${number}`;
  return /^(fig(ure|\.)?|tab(le|\.)?|tbl\.?)$/i.test(text) ? `${text} ${number}` : text;
}

/** Why a reference leads nowhere, with what there would have been. */
export function unknownLabel(id: string, { labels, anchors }: Targets): string {
  const kind = id.startsWith('eq-') ? 'equation' : id.startsWith(PREFIXES.figure) ? 'figure' : 'table';
  const known = [...labels.keys(), ...anchors].filter((one) => one.slice(0, 3) === id.slice(0, 3));
  const others = known.length > 0 ? `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}` : 'there is none';
  return `no ${kind} is labelled ${id}, ${others}`;
}
