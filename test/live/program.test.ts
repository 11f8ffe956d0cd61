import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { decode } from '../../src/live/decode';
import { CannotCarry, encode } from '../../src/live/encode';
import type { Program } from '../../src/live/program';
import { RandomStream } from '../../src/math/random';

/** A callback that gives back what it captures; what is captured goes through JSON, as in a page. */
function carried(value: unknown, library: Record<string, unknown> = {}): unknown {
  const callback = (): unknown => value;
  const names = new Map(Object.entries(library).map(([name, of]) => [of, name]));
  const program = encode(callback, {
    capture: () => ({ source: '', captures: new Map([['value', value]]) }),
    libraryName: (of) => names.get(of),
  });
  const sent = JSON.parse(JSON.stringify(program)) as Program;
  const made = decode(sent, [(captured) => () => (captured as { value: unknown }).value], library);
  return (made as () => unknown)();
}

describe('what a page takes along', () => {
  it('is the same there: any data of numbers, words, arrays and plain objects, to the last bit', () => {
    const data = fc.anything({ withBigInt: true, withMap: true, withSet: true, withDate: true, withTypedArray: false });
    const plain = data.filter(
      (value) => !JSON.stringify(value, (_, x) => (typeof x === 'bigint' ? 0 : x))?.includes('__proto__'),
    );
    fc.assert(
      fc.property(plain, (value) => {
        expect(carried(value)).toEqual(value);
      }),
      { seed: 17, numRuns: 300 },
    );
    expect(Object.is(carried(-0), -0)).toBe(true);
    expect(carried(new Float32Array([0.1, Number.NaN]))).toEqual(new Float32Array([0.1, Number.NaN]));
  });

  it('keeps what is one thing one thing, also where it leads back to itself', () => {
    const shared = [1];
    const loop: Record<string, unknown> = { a: shared, b: shared };
    loop.self = loop;
    const back = carried(loop) as typeof loop;
    expect(back.a).toBe(back.b);
    expect(back.self).toBe(back);
    const draws = Float64Array.of(1, 2, 3, 4);
    const both = carried([draws, draws]) as [Float64Array, Float64Array];
    expect(both[0]).toBe(both[1]);
    const apart = [draws.subarray(0, 2), draws.subarray(2)];
    expect(carried(apart)).toEqual(apart);
  });

  it('has distributions with the same densities, streams at the same place, and the library’s own names', () => {
    const mixture = new GaussianMixture([0.1, 0.9], [new Normal(1, 0.3), new Normal(2, 4)]);
    expect((carried(mixture) as GaussianMixture).logProb(0.7)).toBe(mixture.logProb(0.7));
    const full = MultivariateNormal.full(
      [1, 2],
      [
        [2, 0.3],
        [0.3, 1],
      ],
    );
    expect((carried(full) as typeof full).logProb([0.1, 0.2])).toBe(full.logProb([0.1, 0.2]));
    const stream = RandomStream.of(3, 'page');
    stream.normal();
    expect((carried(stream) as RandomStream).normal()).toBe(stream.normal());
    expect(carried(Normal, { Normal })).toBe(Normal);
  });

  it('has functions and classes with the properties that they have by now', () => {
    const class_ = class {
      static rate = 0.1;
      static readonly seen = [1];
      static twice = (x: number): number => 2 * x;
      readonly own = 1;
    };
    class_.rate = 0.5;
    class_.seen.push(2);
    Object.assign(class_, { later: 3 });
    const fn = Object.assign((x: number): number => x, { scale: 2 });
    const sources = new Map<unknown, string>([
      [class_, '(class { static rate = 0.1; static seen = [1]; static twice = (x) => 2 * x; })'],
      [fn, '((x) => x)'],
    ]);
    const program = encode((() => null) as () => unknown, {
      capture: (of) => ({
        source: sources.get(of) ?? '',
        captures: new Map(sources.has(of) ? [] : [['all', [class_, fn]]]),
      }),
      libraryName: () => undefined,
    });
    const factories = program.sources.map((source) =>
      source === '' ? (captured: object) => (captured as { all: unknown }).all : () => runInThisContext(source),
    );
    const [madeClass, madeFn] = decode(program, factories, {}) as [typeof class_ & { later: number }, typeof fn];
    expect([madeClass.rate, madeClass.seen, madeClass.later, madeClass.twice(4)]).toEqual([0.5, [1, 2], 3, 8]);
    expect([madeFn.scale, madeFn(7)]).toEqual([2, 7]);
  });

  it('is refused where a page has no place for it, by its name', () => {
    class Model {}
    class Series extends Array<number> {}
    const draws = new Float64Array(10);
    const refused: [unknown, string][] = [
      [{ draws, head: draws.subarray(2, 5) }, '`value.head` shares its memory with `value.draws`'],
      [[draws.subarray(0, 5), new Uint8Array(draws.buffer, 39)], '`value[1]` shares its memory with `value[0]`'],
      // biome-ignore lint/suspicious/noSparseArray: what is tested
      [[1, , 3], '`value` has places without a value'],
      [Object.assign([1, 2], { unit: 'nats' }), '`value.unit` is a property of an array'],
      [Series.of(1, 2), '`value` is a Series: a page takes'],
      [new (class Counts extends Map {})(), '`value` is a Counts: a page takes'],
      [Buffer.from('abc'), '`value` is a Buffer: a page takes'],
      [{ model: new Model() }, '`value.model` is a Model: a page takes'],
      [Symbol('s'), '`value` is a symbol'],
      [
        {
          get now() {
            return 1;
          },
        },
        '`value.now` is computed when it is read',
      ],
    ];
    for (const [value, message] of refused) {
      expect(() => carried(value)).toThrow(CannotCarry);
      expect(() => carried(value)).toThrow(message);
    }
  });
});
