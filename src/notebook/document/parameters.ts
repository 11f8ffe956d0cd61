import { UsageError } from '../../errors';
import { isInexact } from '../../inexact';
import { type Declaration, declarationsIn } from './declarations';
import { type Cell, type CodeCell, joinText, type Notebook } from './ipynb';
import { parameterType } from './parameter-types';

export type ParameterValue = string | number | bigint | boolean | null | readonly ParameterValue[];
export type Parameters = Readonly<Record<string, ParameterValue | WrittenParameter>>;

/** A value from a command line, where text needs no quotes: `123` may be meant as a number or as text. */
export class WrittenParameter {
  constructor(
    readonly value: ParameterValue,
    readonly text: string,
  ) {}
}

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

/** `name=value` for a parameter whose type decides what the text is. */
export function writtenParameter(text: string): [name: string, value: WrittenParameter] {
  const [name, value] = parseParameter(text);
  return [name, new WrittenParameter(value, text.slice(text.indexOf('=') + 1))];
}

/** Names and initial values as written in the notebook's parameters cell; null where the notebook has none. */
export function declaredParameters(notebook: Notebook): ReadonlyMap<string, string> | null {
  const declared = declarations(notebook);
  return declared && new Map([...declared].map(([name, { initial }]) => [name, initial]));
}

function declarations(notebook: Notebook): ReadonlyMap<string, Declaration> | null {
  const cell = notebook.cells.find((candidate) => isTagged(candidate, PARAMETERS));
  return cell ? new Map(declarationsIn(joinText(cell.source)).map((one) => [one.name, one])) : null;
}

/** The values that an injected cell gives, by name, as written there. */
export function injectedParameters(notebook: Notebook): ReadonlyMap<string, string> {
  const injected = notebook.cells.filter((cell) => isTagged(cell, INJECTED));
  const assignments = injected.flatMap(({ source }) => [
    ...joinText(source).matchAll(/^(?:const )?([^\s:=]+)(?::[^=\n]*)? = (.*);$/gm),
  ]);
  return new Map(assignments.map(([, name = '', value = '']) => [name, value]));
}

/**
 * A copy of the notebook with an `injected-parameters` cell after the parameters cell, as papermill does it. The cell
 * assigns to what the parameters cell declares with `let` and declares a `const` again, of the same type.
 * @throws UsageError for a notebook without a parameters cell and for a name or type that its cell does not declare.
 */
export function injectParameters(notebook: Notebook, parameters: Parameters, path: string): Notebook {
  const cells = notebook.cells.filter((cell) => !isTagged(cell, INJECTED));
  const names = Object.keys(parameters);
  if (names.length === 0) return { ...notebook, cells };
  const declared = declarations(notebook);
  if (!declared) throw new UsageError(`${path}: no cell is tagged "${PARAMETERS}", so ${names[0]} cannot be set`);
  const lines = Object.entries(parameters).map(([name, value]) => {
    const declaration = declared.get(name);
    if (declaration) return assignment(declaration, value, path);
    throw new UsageError(`${path}: no parameter ${name}; the notebook has ${[...declared.keys()].join(', ')}`);
  });
  const at = cells.findIndex((cell) => isTagged(cell, PARAMETERS));
  const injected: CodeCell = {
    cell_type: 'code',
    id: INJECTED,
    metadata: { tags: [INJECTED] },
    source: ['// Parameters', ...lines].join('\n'),
    execution_count: null,
    outputs: [],
  };
  return { ...notebook, cells: [...cells.slice(0, at + 1), injected, ...cells.slice(at + 1)] };
}

function assignment(
  { keyword, name, annotation, initial }: Declaration,
  given: ParameterValue | WrittenParameter,
  path: string,
): string {
  const type = parameterType(annotation, initial);
  const lost = given instanceof WrittenParameter ? lossOf(given) : null;
  // Where a number fits, too, text is not what was meant.
  const meant = lost === null ? meanings(given) : type.fits(0) ? [] : meanings(given).filter(isExact);
  const value = meant.find((meaning) => type.fits(meaning));
  if (value === undefined) {
    const written = lost ?? literalOf(given instanceof WrittenParameter ? given.value : given);
    throw new UsageError(`${path}: parameter ${name}: expected ${type.expected}, got ${written}`);
  }
  const start = keyword === 'const' ? `const ${name}${annotation === '' ? '' : `: ${annotation}`}` : name;
  return `${start} = ${literalOf(value)};`;
}

/** What the numbers of a text are not, once they have been read; null where they are what was written. */
function lossOf({ value, text }: WrittenParameter): string | null {
  if (exceeds(value)) return `${text}, which exceeds the largest number, ${Number.MAX_VALUE}`;
  if (typeof value === 'string') return null;
  const tokens = text.match(/"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*/g) ?? [];
  const inexact = tokens.find(isInexact);
  if (inexact === undefined) return null;
  return `${text}: ${inexact} cannot be held exactly, the nearest number is ${Number(inexact)}`;
}

/** Whether a number was too large when the text was read: JSON has no other infinity. */
function exceeds(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(exceeds);
  return typeof value === 'number' && !Number.isFinite(value);
}

const isExact = (value: ParameterValue): boolean => typeof value === 'bigint' || typeof value === 'string';

/** What a value may be meant as, the likeliest first. */
function meanings(given: ParameterValue | WrittenParameter): ParameterValue[] {
  if (!(given instanceof WrittenParameter)) return [given, wholeNumbers(given)];
  const { value, text } = given;
  const digits = /^\s*(-?\d+)n?\s*$/.exec(text)?.[1];
  return [value, digits === undefined ? wholeNumbers(value) : BigInt(digits), text];
}

/** Numbers as bigints, as far as they are whole and exact. */
function wholeNumbers(value: ParameterValue): ParameterValue {
  if (Array.isArray(value)) return value.map(wholeNumbers);
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

/** Writes the value as TypeScript: JSON has no infinity, no bigint and no −0, and line breaks in text that TypeScript does not allow there. */
function literalOf(value: ParameterValue): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(',')}]`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}

function isTagged(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}
