import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serve } from '../../src/live/page-worker';
import { plainText } from '../../src/live/plain-text';

/** What the kernel prints, without the line breaks and the limits of length. */
const printed = (value: unknown): string =>
  inspect(value, { breakLength: Number.POSITIVE_INFINITY, compact: 100, maxArrayLength: null, maxStringLength: null });

describe('a value in a page is printed as by the kernel', () => {
  it.each<[string, unknown]>([
    [
      'infinities and NaN, which JSON has not',
      { kl: Number.POSITIVE_INFINITY, of: [Number.NaN, -0, Number.NEGATIVE_INFINITY] },
    ],
    ['bigints', [10n, { n: -3n }]],
    ['undefined and null', [undefined, null, { a: undefined }]],
    ['typed arrays', [new Float64Array([1, Number.NaN]), new Uint8Array(0)]],
    [
      'maps and sets',
      new Map<unknown, unknown>([
        ['a', new Set([1, 'b'])],
        [{ k: 1 }, []],
      ]),
    ],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 })],
    [
      'objects of classes',
      new (class Point {
        readonly x = 1;
      })(),
    ],
    ['keys that are no names', { 'a-b': 1, 2: 'c', "it's": 0 }],
    ['text with quotes', ["it's", 'say "so"', `it's "so"`, 'it\'s "`so`"', 'a\nb']],
    ['functions and classes', [function named() {}, class Model {}]],
    ['symbols and dates', [Symbol('s'), new Date(0), true]],
    ['what lies deep', { a: { b: { c: { d: 1 }, e: [[1]] } } }],
    ['numbers', 0.1 + 0.2],
    ['nothing', undefined],
  ])('with %s', (_, value) => {
    expect(plainText(value)).toBe(printed(value));
  });

  it('text as it is', () => {
    expect(plainText("it's")).toBe("it's");
  });

  it('whatever its numbers and words are', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '{', '0') });
    const data = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 2 }, fc.double(), word, fc.boolean(), tie('list'), tie('record')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      record: fc.dictionary(fc.constantFrom('a', 'b c', '$x', '1'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    }));
    fc.assert(
      fc.property(data.list, (value) => {
        expect(plainText(value)).toBe(printed(value));
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

it('is what the worker of a page answers a move with', async () => {
  const program = { nodes: [{ kind: 'function', source: 0, captures: [] }], entry: { ref: 0 }, sources: [''] } as const;
  const answer = await new Promise<object>((resolve) => {
    const scope: Parameters<typeof serve>[0] = { onmessage: null, postMessage: resolve };
    const kl = ({ x }: { x: number }): object => ({ kl: 1 / x, of: [x] });
    serve(scope, [{ program, factories: [() => kl] }], {});
    scope.onmessage?.({ data: { id: 1, cell: 0, values: { x: 0 } } });
  });
  expect(answer).toEqual({ id: 1, bundle: { 'text/plain': '{ kl: Infinity, of: [ 0 ] }' } });
});
