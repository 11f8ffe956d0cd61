import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinText } from '../../src/notebook/document/ipynb';
import {
  declaredParameters,
  injectParameters,
  parseParameter,
  writtenParameter,
} from '../../src/notebook/document/parameters';
import { code, notebookOf, prose } from './fixtures';

const notebook = notebookOf(
  prose('# title'),
  code('let samples = 1_000; // how many\nlet name: string = "mnist";\nlet quick = false;\nlet grid = [1, 2];', [
    'parameters',
  ]),
  code('samples'),
);

describe('parameters', () => {
  it('are read from the command line with the type of their text', () => {
    expect(parseParameter('samples=1e3')).toEqual(['samples', 1000]);
    expect(parseParameter('quick=true')).toEqual(['quick', true]);
    expect(parseParameter('name=two words=here')).toEqual(['name', 'two words=here']);
    expect(parseParameter('grid=[1,2]')).toEqual(['grid', [1, 2]]);
  });

  it.each(['samples', '=3', 'a b=3', '1x=2'])('are refused as %j', (text) => {
    expect(() => parseParameter(text)).toThrow(/expected name=value/);
  });

  it('are found in the tagged cell with their initial values', () => {
    expect([...(declaredParameters(notebook) ?? [])]).toEqual([
      ['samples', '1_000'],
      ['name', '"mnist"'],
      ['quick', 'false'],
      ['grid', '[1, 2]'],
    ]);
  });

  it.each([
    ['text with slashes', `let url = "http://x/y"; // where`, { url: '"http://x/y"' }],
    ['a list over several lines', 'let grid = [\n  1, // one\n  2,\n]\nlet n = 3', { grid: '[1, 2,]', n: '3' }],
    [
      'several in one statement',
      'let a = 1, b: number = 2,\n  c = [3, 4]; var d = 5',
      { a: '1', b: '2', c: '[3, 4]', d: '5' },
    ],
    [
      'names that objects have',
      'let a = constructor;\nlet valueOf = toString\nlet b = 1',
      { a: 'constructor', valueOf: 'toString', b: '1' },
    ],
    ['no semicolons', `const a = -1\nconst b = 'x'\nb.length`, { a: '-1', b: "'x'" }],
    ['lines that go on', `let a =\n  'x' +\n  'y'\nlet b: 'p'\n  | 'q' = 'q'`, { a: "'x' + 'y'", b: "'q'" }],
    ['types with commas and arrows', 'let f: Record<string, () => number> = {};\nlet n = 1;', { f: '{}', n: '1' }],
    [
      'text that looks like code',
      'let a = "let b = 1, c = 2;"; /* let d = 1; */ let e = `x\n;`',
      { a: '"let b = 1, c = 2;"', e: '`x\n;`' },
    ],
    [
      'what a block or a pattern declares',
      'for (let i = 0; i < 3; i++) { let j = 1; }\nlet [k, l] = [1, 2];\nlet m;',
      {},
    ],
  ])('are found with %s', (_, source, expected) => {
    const declared = declaredParameters(notebookOf(code(source, ['parameters'])));
    expect(Object.fromEntries(declared ?? [])).toEqual(expected);
  });

  it('are found whatever text, comment or line break stands between them', () => {
    const value = fc.oneof(
      fc.string().map((text) => JSON.stringify(text)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.array(fc.string()).map((list) => JSON.stringify(list)),
    );
    const gap = fc.constantFrom(';', '; // let x = 1, y', '\n', ';\n\n', '\n/* "` */\n', ' // [\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(value, gap), { maxLength: 5 }), (parts) => {
        const source = parts.map(([initial, end], i) => `let v${i} = ${initial}${end}`).join('\n');
        const declared = declaredParameters(notebookOf(code(source, ['parameters'])));
        expect([...(declared ?? [])]).toEqual(parts.map(([initial], i) => [`v${i}`, initial]));
      }),
      { seed: 1 },
    );
  });

  it('are injected as TypeScript in a cell of their own behind the parameters cell', () => {
    const injected = injectParameters(notebook, { samples: 5, name: 'it\'s "x"\n' }, 'a.ipynb');
    expect(injected.cells).toHaveLength(4);
    expect(injected.cells[2]?.metadata.tags).toEqual(['injected-parameters']);
    expect(joinText(injected.cells[2]?.source ?? '')).toBe('// Parameters\nsamples = 5;\nname = "it\'s \\"x\\"\\n";');
    expect(notebook.cells).toHaveLength(3);
  });

  it('may be infinite, which JSON cannot write', () => {
    const injected = injectParameters(
      notebook,
      { samples: Number.POSITIVE_INFINITY, grid: [-1, Number.NEGATIVE_INFINITY] },
      'a.ipynb',
    );
    expect(joinText(injected.cells[2]?.source ?? '')).toBe(
      '// Parameters\nsamples = Infinity;\ngrid = [-1,-Infinity];',
    );
  });

  it.each([
    ['let s = "a"', 's=123', 's = "123";'],
    ['let s: string = "a"', 's=007', 's = "007";'],
    ['let s: string | null = null', 's=1.0', 's = "1.0";'],
    ['let s: string | null = null', 's=null', 's = null;'],
    ['let s: string | number = 1', 's=123', 's = 123;'],
    ['let s = "a"', 's="123"', 's = "123";'],
    ['let s = "a"', 's=[1]', 's = "[1]";'],
    ['let b = 10n', 'b=5', 'b = 5n;'],
    ['let b: bigint = 10n', 'b=-7n', 'b = -7n;'],
    ['const b = 1_000n', 'b=123456789012345678901234567890', 'const b = 123456789012345678901234567890n;'],
    ['let b = [1n, 2n]', 'b=[3,4]', 'b = [3n,4n];'],
    ['let s = "a"', 's=7e1234', 's = "7e1234";'],
    ['let s = "a"', 's=9007199254740993', 's = "9007199254740993";'],
    ['let s: string | bigint = "a"', 's=9007199254740993', 's = 9007199254740993n;'],
    ['let n = 10', 'n=9007199254740994', 'n = 9007199254740994;'],
    ['let n = 10', 'n=9007199254740993.0', 'n = 9007199254740992;'],
    ['let n = ["a"]', 'n=["9007199254740993"]', 'n = ["9007199254740993"];'],
    ['let n = 10', 'n=-0', 'n = -0;'],
    ['let n = [10]', 'n=[0, -0.0]', 'n = [0,-0];'],
    ['let s = "a"', 's=\u2028x\u2029', 's = "\\u2028x\\u2029";'],
  ])('from a command line are what the declared type makes of them: %s, -p %s', (declared, given, assigned) => {
    const notebook = notebookOf(code(declared, ['parameters']));
    const injected = injectParameters(notebook, Object.fromEntries([writtenParameter(given)]), 'a.ipynb');
    expect(joinText(injected.cells[1]?.source ?? '')).toBe(`// Parameters\n${assigned}`);
  });

  it.each([
    ['let b = 10n', 'b=1.5', /parameter b: expected a bigint such as 10n, got 1\.5$/],
    ['let b = 10n', 'b=five', /parameter b: expected a bigint such as 10n, got "five"$/],
    ['let n = 10', 'n=5n', /parameter n: expected a number such as 10, got "5n"$/],
    [
      'let n = 10',
      'n=1e999',
      /parameter n: expected a number such as 10, got 1e999, which exceeds the largest number, 1\.7\d+e\+308$/,
    ],
    [
      'let n = [10]',
      'n=[1, -1e999]',
      /parameter n: expected a number list such as \[10\], got \[1, -1e999\], which exceeds/,
    ],
    ['let n: Count = 10', 'n=1e999', /parameter n: expected Count, got 1e999, which exceeds/],
    ['let n: number | string = 10', 'n=1e999', /parameter n: expected number \| string, got 1e999, which exceeds/],
    [
      'let n = 10',
      'n=9007199254740993',
      /parameter n: expected a number such as 10, got 9007199254740993: 9007199254740993 cannot be held exactly, the nearest number is 9007199254740992$/,
    ],
    [
      'let n = [10]',
      'n=[1,-9007199254740993]',
      /expected a number list such as \[10\], got .*: -9007199254740993 cannot be/,
    ],
    ['let n: Seed = 10', 'n=9007199254740993', /expected Seed, got .* cannot be held exactly/],
    ['let o = { a: 1 }', 'o={"a": 9007199254740993}', /expected any value, got .* cannot be held exactly/],
    ['let o = { a: 1 }', 'o={"a": 1e999}', /expected any value, got .* which exceeds/],
    ['let q = true', 'q=1', /parameter q: expected a boolean such as true, got 1$/],
  ])(
    'from a command line are refused before anything runs where they cannot be meant: %s, -p %s',
    (declared, given, message) => {
      const notebook = notebookOf(code(declared, ['parameters']));
      const inject = () => injectParameters(notebook, Object.fromEntries([writtenParameter(given)]), 'a.ipynb');
      expect(inject).toThrow(message);
    },
  );

  it('from a file may be bigints where they are whole and exact', () => {
    const big = notebookOf(code('let b = 10n', ['parameters']));
    expect(joinText(injectParameters(big, { b: 6 }, 'a.ipynb').cells[1]?.source ?? '')).toContain('b = 6n;');
    expect(() => injectParameters(big, { b: 2 ** 60 }, 'a.ipynb')).toThrow(/expected a bigint such as 10n/);
    // Text in a file has quotes where it is text.
    const text = notebookOf(code('let s = "a"', ['parameters']));
    expect(() => injectParameters(text, { s: 6 }, 'a.ipynb')).toThrow(/expected a string such as "a", got 6/);
  });

  it('replace those injected before', () => {
    const once = injectParameters(notebook, { samples: 5 }, 'a.ipynb');
    const twice = injectParameters(once, { samples: 6 }, 'a.ipynb');
    expect(twice.cells).toHaveLength(4);
    expect(joinText(twice.cells[2]?.source ?? '')).toContain('samples = 6');
  });

  it('must exist and fit before anything runs', () => {
    expect(() => injectParameters(notebook, { sample: 5 }, 'a.ipynb')).toThrow(
      'a.ipynb: no parameter sample; the notebook has samples, name, quick, grid',
    );
    expect(() => injectParameters(notebook, { samples: 'many' }, 'a.ipynb')).toThrow(
      'parameter samples: expected a number such as 1_000, got "many"',
    );
    expect(() => injectParameters(notebookOf(code('1')), { a: 1 }, 'a.ipynb')).toThrow(
      /no cell is tagged "parameters"/,
    );
  });
});
