import { UsageError } from '../errors';
import { type Cell, type CodeCell, joinText, type Notebook } from './ipynb';

export type ParameterValue = string | number | boolean | null | readonly ParameterValue[];
export type Parameters = Readonly<Record<string, ParameterValue>>;

const PARAMETERS = 'parameters';
const INJECTED = 'injected-parameters';

/** `name=value` as on the command line: numbers, true, false, null and JSON lists are read as such, the rest is text. */
export function parseParameter(text: string): [name: string, value: ParameterValue] {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
    throw new UsageError(`-p ${text}: expected name=value, where name is a TypeScript identifier`);
  }
  const value = text.slice(equals + 1);
  try {
    return [name, JSON.parse(value) as ParameterValue];
  } catch {
    return [name, value];
  }
}

/** Names and initial values as written in the notebook's parameters cell; null where the notebook has none. */
export function declaredParameters(notebook: Notebook): ReadonlyMap<string, string> | null {
  const cell = notebook.cells.find((candidate) => isTagged(candidate, PARAMETERS));
  if (!cell) return null;
  const names = new Map<string, string>();
  for (const [, name, value] of joinText(cell.source).matchAll(DECLARATION)) {
    if (name !== undefined && value !== undefined) names.set(name, value.trim());
  }
  return names;
}

const DECLARATION =
  /^[ \t]*(?:let|const|var)[ \t]+([\p{ID_Start}$_][\p{ID_Continue}$]*)[^=\n]*=[ \t]*([^\n]*?);?[ \t]*(?:\/\/.*)?$/gmu;

/**
 * A copy of the notebook with an `injected-parameters` cell after the parameters cell, as papermill does it. The cell
 * assigns to the variables that the parameters cell declares with `let`, so an ill-typed value does not compile.
 * @throws UsageError for a notebook without a parameters cell and for a name or type that its cell does not declare.
 */
export function injectParameters(notebook: Notebook, parameters: Parameters, path: string): Notebook {
  const cells = notebook.cells.filter((cell) => !isTagged(cell, INJECTED));
  const names = Object.keys(parameters);
  if (names.length === 0) return { ...notebook, cells };
  const declared = declaredParameters(notebook);
  if (!declared) throw new UsageError(`${path}: no cell is tagged "${PARAMETERS}", so ${names[0]} cannot be set`);
  for (const name of names) {
    const initial = declared.get(name);
    if (initial === undefined) {
      throw new UsageError(`${path}: no parameter ${name}; the notebook has ${[...declared.keys()].join(', ')}`);
    }
    checkType(name, initial, parameters[name] ?? null, path);
  }
  const at = cells.findIndex((cell) => isTagged(cell, PARAMETERS));
  const source = names.map((name) => `${name} = ${JSON.stringify(parameters[name])};`).join('\n');
  const injected: CodeCell = {
    cell_type: 'code',
    id: INJECTED,
    metadata: { tags: [INJECTED] },
    source: `// Parameters\n${source}`,
    execution_count: null,
    outputs: [],
  };
  return { ...notebook, cells: [...cells.slice(0, at + 1), injected, ...cells.slice(at + 1)] };
}

function checkType(name: string, initial: string, value: ParameterValue, path: string): void {
  const wanted = literalType(initial);
  const given = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
  if (wanted !== null && wanted !== given) {
    throw new UsageError(
      `${path}: parameter ${name}: expected a ${wanted} such as ${initial}, got ${JSON.stringify(value)}`,
    );
  }
}

function literalType(initial: string): 'string' | 'number' | 'boolean' | 'list' | null {
  if (/^['"`]/.test(initial)) return 'string';
  if (/^(true|false)\b/.test(initial)) return 'boolean';
  if (/^\[/.test(initial)) return 'list';
  return /^-?(\d|\.\d)/.test(initial) ? 'number' : null;
}

function isTagged(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}
