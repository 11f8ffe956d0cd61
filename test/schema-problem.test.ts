import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problemIn } from '../src/schema-problem';

const problem = (schema: z.ZodType, given: unknown): string => {
  const { error } = schema.safeParse(given);
  if (!error) throw new Error('expected data that the schema refuses');
  return problemIn(error, given, 'the file');
};

/** A schema, what it refuses, and what is said of that. */
const SAID: readonly (readonly [schema: z.ZodType, given: unknown, said: string])[] = [
  [z.object({ a: z.number() }), 5, 'the file: expected an object, got 5'],
  [z.object({ a: z.number() }), {}, 'a: expected a number, but it is missing'],
  [z.object({ a: z.number() }), { a: Number.POSITIVE_INFINITY }, 'a: expected a number, got Infinity'],
  [z.array(z.object({ a: z.int() })), [{ a: 1 }, { a: 1.5 }], '[1].a: expected a whole number, got 1.5'],
  [z.object({ a: z.int().positive() }), { a: 0 }, 'a: expected a number of more than 0, got 0'],
  [z.object({ a: z.number().max(3) }), { a: 4 }, 'a: expected a number of at most 3, got 4'],
  [z.object({ a: z.array(z.string()).min(2) }), { a: ['x'] }, 'a: expected an array of at least 2, got an array of 1'],
  [z.object({ a: z.boolean() }), { a: 'yes' }, 'a: expected true or false, got "yes"'],
  [z.record(z.string(), z.string()), { b: { c: [] }, a: 1 }, 'b: expected text, got a value of type object'],
  [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'a: expected "x" or "y", got "z"'],
  [z.object({ a: z.union([z.string(), z.number()]) }), { a: null }, 'a: expected text or a number, got null'],
  [
    z.object({ a: z.discriminatedUnion('k', [z.object({ k: z.literal('x') }), z.object({ k: z.literal('y') })]) }),
    { a: { k: 'z' } },
    'a.k: expected "x" or "y", got "z"',
  ],
  [z.object({ a: z.string().regex(/^\d$/) }), { a: '../b' }, 'a: expected text like /^\\d$/, got "../b"'],
  [z.object({ a: z.base64() }), { a: '*' }, 'a: expected text that is base64, got "*"'],
  [z.strictObject({ a: z.number().optional() }), { b: 1 }, 'the file: unknown field "b"'],
  [z.object({ a: z.number({ error: 'expected a price' }) }), { a: 'x' }, 'a: expected a price'],
];

describe('what a schema refuses', () => {
  it.each(SAID)('is named by its place, with what was expected and what is there: %#', (schema, given, said) => {
    expect(problem(schema, given).startsWith(said), problem(schema, given)).toBe(true);
    expect(problem(schema, given)).not.toMatch(/Invalid|received|Too |\n/);
  });
});
