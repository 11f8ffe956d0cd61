import type { z } from 'zod';
import { shown } from './errors';

type Issue = z.core.$ZodIssue;

/**
 * Says the first thing that is wrong with data in one line, the field first: `model.latent: expected a whole number, got "2"`.
 *
 * @param given the data that the schema refused
 * @param whole what to call the data where no field of theirs is at fault
 */
export function problemIn({ issues: [issue] }: z.ZodError, given: unknown, whole: string): string {
  if (issue === undefined) return `${whole}: not valid`;
  const field = fieldOf(issue.path) || whole;
  // A schema's own words.
  if (issue.message.startsWith('expected ')) return `${field}: ${issue.message}`;
  if (issue.code === 'unrecognized_keys') return `${field}: unknown field "${issue.keys[0]}"`;
  return `${field}: expected ${expectedBy(issue)}, ${got(given, issue.path)}`;
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
}

/** What a type of zod's is called. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return choices(issue.values);
    case 'invalid_union': {
      const { options = [] } = issue as { readonly options?: readonly unknown[] };
      if (options.length > 0) return choices(options);
      return [...new Set(issue.errors.flatMap(([first]) => (first ? [expectedBy(first)] : [])))].join(' or ');
    }
    case 'too_small':
      return bounded(issue.origin, issue.minimum, issue.inclusive ? 'at least' : 'more than');
    case 'too_big':
      return bounded(issue.origin, issue.maximum, issue.inclusive ? 'at most' : 'less than');
    case 'invalid_format':
      return issue.pattern === undefined ? `text that is ${issue.format}` : `text like ${issue.pattern}`;
    default:
      return 'another value';
  }
}

const choices = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(' or ');

function bounded(origin: string, limit: number | bigint, relation: string): string {
  if (origin === 'array') return `an array of ${relation} ${limit}`;
  if (origin === 'string') return `text of ${relation} ${limit} characters`;
  return `a number of ${relation} ${limit}`;
}

/** What stands at a path, or that nothing does. */
function got(given: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], given);
  return value === undefined ? 'but it is missing' : `got ${shown(value)}`;
}
