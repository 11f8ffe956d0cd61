import type { ParameterValue } from './parameters';

/** A type that a value can be held against before anything runs. */
type Check = (value: ParameterValue) => boolean;

const PRIMITIVES: Readonly<Record<string, Check>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  bigint: (value) => typeof value === 'bigint',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** What a parameter may hold, in words, and whether a value fits; `fits` is true where only the compiler can tell. */
export interface ParameterType {
  readonly expected: string;
  fits(value: ParameterValue): boolean;
}

/**
 * The type of a declaration `let name: annotation = initial`: its annotation if it has one, else what its initial value
 * says. A type beyond primitives, literals, unions and lists is left to the compiler, which sees the injected cell.
 */
export function parameterType(annotation: string, initial: string): ParameterType {
  const annotated = annotation === '' ? undefined : checkOf(annotation);
  if (annotated) return { expected: annotation, fits: annotated };
  const name = annotation === '' ? literalType(initial) : undefined;
  if (name === undefined) return { expected: annotation || 'any value', fits: () => true };
  const check = checkOf(name) ?? Array.isArray;
  return { expected: `a ${name.replace('[]', ' list')} such as ${initial}`, fits: check };
}

/** `'mnist' | number[] | null` → a check; undefined for a type this cannot judge. */
function checkOf(type: string): Check | undefined {
  const checks = splitUnion(type).map((part): Check | undefined => {
    const list = /^(?:readonly\s+)?(.+)\[\]$/.exec(part) ?? /^(?:Readonly)?Array<(.+)>$/.exec(part);
    if (list?.[1] !== undefined) {
      const element = checkOf(list[1].replace(/^\((.*)\)$/, '$1'));
      return element && ((value) => Array.isArray(value) && value.every(element));
    }
    const literal = /^'[^'\\]*'$/.test(part) ? part.slice(1, -1) : jsonLiteral(part);
    return literal === undefined ? PRIMITIVES[part] : (value) => value === literal;
  });
  if (checks.includes(undefined)) return undefined;
  return (value) => checks.some((check) => check?.(value));
}

/** The parts between the `|` that stand outside brackets and quotes. */
function splitUnion(type: string): string[] {
  const parts = type.match(/(?:'[^']*'|"[^"]*"|\([^()]*\)|<[^<>]*>|[^|])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function jsonLiteral(text: string): string | number | boolean | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
  } catch {
    return undefined;
  }
}

function literalType(initial: string): string | undefined {
  if (/^['"`]/.test(initial)) return 'string';
  if (/^(true|false)\b/.test(initial)) return 'boolean';
  if (/^-?\d[\d_]*n\b/.test(initial)) return 'bigint';
  if (/^-?(\d|\.\d)/.test(initial)) return 'number';
  if (!initial.startsWith('[')) return undefined;
  const first = literalType(initial.slice(1).trim());
  return first === undefined ? 'list' : `${first}[]`;
}
