/** Where `\label{eq:loss}` leads, and the number that `\ref` shows. */
export interface EquationTarget {
  readonly number: string;
  readonly id: string;
}

/** What a notebook's equations are numbered as, in its own order. */
export interface Equations {
  /** The last number that the page has given. */
  count: number;
  /** Numbers that the author has given to equations anywhere in the notebook: the page gives them to no other. */
  readonly given: ReadonlySet<string>;
  readonly labels: Map<string, EquationTarget>;
}

export const createEquations = (given: ReadonlySet<string> = new Set()): Equations => ({
  ...{ count: 0, given, labels: new Map() },
});

/** The numbers that a text's author gives: `\tag{9}`. */
export function tagsIn(text: string): string[] {
  return [...text.matchAll(new RegExp(TAG, 'g'))].map(([, tag = '']) => tag.replace(/^\$|\$$/g, '').trim());
}

function nextNumber(equations: Equations): string {
  do equations.count += 1;
  while (equations.given.has(String(equations.count)));
  return String(equations.count);
}

const OUTER = /^\s*\\begin\{(?:(align|equation|gather|alignat)|(?:align|equation|gather|alignat)\*)\}/;
const TAG = /\\tag\*?\{([^{}]*)\}/;
const LABEL = /\\label\{([^{}]*)\}/g;

/**
 * TeX whose rows carry their numbers as tags, for KaTeX knows no `\label`: rows that LaTeX numbers, and rows with a label.
 * The labels of the equation are entered.
 */
export function numberRows(
  given: string,
  equations: Equations,
): { readonly tex: string; readonly targets: EquationTarget[] } {
  // Two old environments that KaTeX does not know, and what sets the same rows.
  const tex = given.replace(
    /\\(begin|end)\{(eqnarray|multline)(\*?)\}/g,
    (_, edge: string, name: string, star: string) => {
      return `\\${edge}{${name === 'eqnarray' ? 'align' : 'gather'}${star}}`;
    },
  );
  const outer = OUTER.exec(tex);
  const isNumbered = outer?.[1] !== undefined;
  const targets: EquationTarget[] = [];
  const isOneEquation = /^\s*\\begin\{multline\}/.test(given);
  const found = withoutEmptyEnd(splitRows(tex, outer !== null));
  const rows = found.map((row, at) => {
    const labels = [...row.matchAll(LABEL)].map(([, label = '']) => label);
    const bare = row.replace(LABEL, '');
    const own = TAG.exec(row)?.[1];
    const wanted =
      labels.length > 0 ||
      (isNumbered &&
        (!isOneEquation || at === found.length - 1) &&
        !/\\no(number|tag)\b/.test(row) &&
        /\S/.test(withoutEdges(row)));
    const number = own ?? (wanted ? nextNumber(equations) : undefined);
    for (const label of number === undefined ? [] : labels) {
      if (equations.labels.has(label)) continue;
      const target = { number: number ?? '', id: `eq:${label.replace(/^eq:/, '').replace(/[^\w.-]+/g, '-')}` };
      equations.labels.set(label, target);
      targets.push(target);
    }
    return own === undefined && number !== undefined ? withTag(bare, number) : bare;
  });
  return { tex: isOneEquation ? starred(rows.join('\\\\')) : rows.join('\\\\'), targets };
}

/** Adds the star without which KaTeX counts every row by itself. */
const starred = (tex: string): string => tex.replace(/\\(begin|end)\{gather\}/g, '\\$1{gather*}');

/** A `\\` before the end of the environment begins no row. */
function withoutEmptyEnd(rows: readonly string[]): readonly string[] {
  const [before, last] = [rows.at(-2), rows.at(-1)];
  if (before === undefined || last === undefined) return rows;
  const end = last.replace(/^\s*\[[^\]]*\]/, '');
  return /\S/.test(withoutEdges(end)) ? rows : [...rows.slice(0, -2), before + end];
}

const withoutEdges = (row: string): string => row.replace(/\\(begin|end)\{[^{}]*\}/g, '');

/** The tag goes in front of what ends the outer environment. */
function withTag(row: string, number: string): string {
  const end = /\s*\\end\{(align|equation|gather|alignat)\*?\}\s*$/.exec(row)?.index ?? row.length;
  return `${row.slice(0, end)} \\tag{${number}}${row.slice(end)}`;
}

/** Rows of the outer environment: a `\\` within braces, or within a matrix in it, ends none. */
function splitRows(tex: string, hasOuter: boolean): string[] {
  if (!hasOuter) return [tex];
  const rows: string[] = [];
  let [depth, from] = [0, 0];
  for (const { 0: token, index } of tex.matchAll(/\\begin\b|\\end\b|\\\\|\\.|[{}]/g)) {
    if (token === '\\begin' || token === '{') depth += 1;
    else if (token === '\\end' || token === '}') depth -= 1;
    else if (token === '\\\\' && depth === 1) {
      rows.push(tex.slice(from, index));
      from = index + 2;
    }
  }
  return [...rows, tex.slice(from)];
}
