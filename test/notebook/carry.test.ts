import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import * as library from '../../src/index';
import { decode, type Factory } from '../../src/live/decode';
import { LIVE_MIME, type LiveCellData } from '../../src/live/program';
import { runNotebook } from '../../src/notebook/runner/run';
import { code, notebookOf, writeFixture } from './fixtures';

/** Names that the callbacks below take from the notebook. */
const NAMES = `import { densityFigure as drawn, display, InvalidArgumentError, interact, interact as live, Normal as N, slider } from 'gmm-vae';
import * as library from 'gmm-vae';
import * as path from 'node:path';
import { join } from 'node:path';
class Point { constructor(readonly x: number) {} get twice(): number { return this.x * 2; } }
class Deep extends Point { #own = 3; static of(x: number): Deep { return new Deep(x); } get sum(): number { return this.twice + this.#own; } }
class Counted { static made = 3; static { Counted.made += 1; } }
enum Kind { first = 1, second }
const point = new Point(1);
function factorial(n: number): number { return n <= 1 ? 1 : n * factorial(n - 1); }
const isEven = (n: number): boolean => n === 0 || isOdd(n - 1);
const isOdd = (n: number): boolean => n !== 0 && isEven(n - 1);
const tag = (words: TemplateStringsArray, ...values: number[]): string => words.join('|') + values.join();
const methods = { twice({ x }: { x: number }): number { return 2 * x; } };
let changed = 1;
const box: Record<string, number> = {};`;

const whole = (callback: string): string => `interact({ x: slider(0, 1) }, ${callback})`;

/** What a cell's page computes by itself. */
const CARRIED = [
  `${whole('({ x }) => x')}; ${whole('({ x }) => 2 * x')}`,
  `live({ x: slider(0, 1) }, ({ x }) => drawn(new N(x, 1), new N(0, 1)))`,
  whole('({ x }) => library.klDivergence(new library.Normal(x, 1), new N(0, 1))'),
  whole('({ x }) => factorial(Math.round(5 * x))'),
  whole('({ x }) => String(isEven(Math.round(10 * x)))'),
  whole('({ x }) => new Point(x).twice'),
  whole('({ x }) => Deep.of(x).sum'),
  whole('({ x }) => Counted.made + Kind.second + x'),
  whole('({ x }) => tag`a|` + x'),
  whole('methods.twice'),
  whole('({ x }) => { box.x = x; return box.x; }'),
  whole(
    '({ x }) => { try { throw new InvalidArgumentError("x", "no"); } catch (e) { return e instanceof InvalidArgumentError; } }',
  ),
  whole('({ x }) => { let own = 0; [own] = [x]; ({ own } = { own }); for (own of [x]); return own; }'),
];

/** Why a page cannot compute a cell, in one line. */
const REFUSED: Readonly<Record<string, string>> = {
  [`function make(k: number) { ${whole('({ x }) => k * x')}; } make(3)`]:
    '`k` belongs to a function or a block around the callback',
  [`for (const k of [1]) ${whole('({ x }) => k * x')}`]: '`k` belongs to a function or a block around the callback',
  [whole('({ x }) => point.twice * x')]: '`point` is a Point: a page takes numbers',
  [whole('({ x }) => join("a", String(x))')]: '`join`: `node:path` needs Node',
  [whole('({ x }) => path.join("a", String(x))')]: '`node:path` needs Node',
  [whole('async ({ x }) => (await import("node:path")).sep + x')]: 'modules that are loaded by the callback need Node',
  [whole('({ x }) => process.version + x')]: '`process` needs Node',
  [whole('methods.twice.bind(methods)')]: '`bound twice` is a function without a text',
  ...Object.fromEntries(
    ['changed = x', 'changed += x', 'changed++', '[changed] = [x]', '({ changed } = { changed: x })']
      .concat(
        '({ a: { b: [, ...[changed]] } } = { a: { b: [0, x] } })',
        'for (changed of [x])',
        'for ((changed) of [x])',
      )
      .map((statement) => [whole(`({ x }) => { ${statement}; return x; }`), '`changed` is changed by the callback']),
  ),
};

it('carries what a stranger writes, or says in one line why not', async () => {
  const cells = [...CARRIED, ...Object.keys(REFUSED)];
  const { notebook, error } = await runNotebook(
    writeFixture(notebookOf(code(NAMES), ...cells.map((cell) => code(cell))), 'carry.ipynb'),
  );
  expect(error).toBeUndefined();
  const lives = notebook.cells.map((cell) =>
    (cell.cell_type === 'code' ? cell.outputs : []).flatMap((output) =>
      'data' in output && output.data[LIVE_MIME] ? [output.data[LIVE_MIME] as LiveCellData] : [],
    ),
  );
  const reasons = cells.map((cell, i) => [cell, lives[i + 1]?.map(({ reason }) => reason ?? null)] as const);
  // A page has no module around the callback.
  const sources = lives.flat().flatMap(({ program }) => program?.sources ?? []);
  expect(sources.filter((source) => /\bexports\b|\brequire\b/.test(source))).toEqual([]);
  for (const [cell, found] of reasons.slice(0, CARRIED.length))
    expect([cell, found]).toEqual([cell, cell.split('interact(').length === 3 ? [null, null] : [null]]);
  for (const [cell, found] of reasons.slice(CARRIED.length))
    expect([cell, found]).toEqual([cell, [expect.stringContaining(REFUSED[cell]!)]]);
}, 120_000);

/** What a page computes at the values that the controls begin with. */
function inPage({ program, controls }: LiveCellData): unknown {
  if (!program) return null;
  const factories = program.sources.map((source) => new Function('$captured', `return ${source}`) as Factory);
  const run = decode(program, factories, library) as (values: object) => unknown;
  return run(Object.fromEntries(Object.entries(controls).map(([name, { value }]) => [name, value])));
}

it('computes in a page what the cell shows, or nothing, where names stand for several things', async () => {
  const cells = [
    'const sigma = 3; const f = ({ x }: { x: number }) => sigma * x; interact({ x: slider(0, 1) }, f)',
    'const sigma = 20; interact({ x: slider(0, 1) }, f)',
    'interact({ x: slider(0, 1) }, ({ x }) => sigma * x)',
    'const k = 100; k',
    'function make(k: number) { return interact({ x: slider(0, 1) }, ({ x }) => k + x); } make(3)',
    'const m = 50; function within(m: number) { return interact({ x: slider(0, 1) }, ({ x }) => m * x); } within(3)',
    'const n = 7; { const n = 8; interact({ x: slider(0, 1) }, ({ x }) => n * x); }',
    `import { nested, plain, shared } from './names'; const own = 1000, scale = 9; interact({ x: slider(0, 1) }, plain)`,
    'interact({ x: slider(0, 1) }, nested)',
    'interact({ x: slider(0, 1) }, shared)',
    'const same = ({ x }: { x: number }) => scale * x; interact({ x: slider(0, 1) }, same)',
    'const performance = [5]; interact({ x: slider(0, 1) }, ({ x }) => (performance[0] as number) * x)',
    'interact({ x: slider(0, 1) }, ({ x }) => Math.round(performance.length * x))',
    'let later = 2; const uses = ({ x }: { x: number }) => later * x; later = 4; interact({ x: slider(0, 1) }, uses)',
    'const twice = { by(x: number) { return 2 * x; } }; interact({ x: slider(0, 1) }, ({ x }) => twice.by(x) + sigma)',
    'const object = { sigma, k }; interact({ x: slider(0, 1) }, ({ x }) => { const all = { sigma, object }; return all.sigma * x + all.object.k; })',
  ];
  const path = writeFixture(
    notebookOf(code("import { interact, slider } from 'gmm-vae'"), ...cells.map((cell) => code(cell))),
    'names.ipynb',
  );
  writeFileSync(
    join(dirname(path), 'names.ts'),
    `type Values = { x: number };
export const own = 2;
const scale = 3;
export const plain = ({ x }: Values) => 2 * x;
export const nested = ({ x }: Values) => own * x;
export const shared = ({ x }: Values) => scale * x;`,
  );
  const { notebook, error } = await runNotebook(path);
  expect(error).toBeUndefined();
  const answers = notebook.cells.slice(1).map((cell) => {
    const data = cell.cell_type === 'code' ? cell.outputs.flatMap((one) => ('data' in one ? [one.data] : [])) : [];
    const live = data.find((bundle) => LIVE_MIME in bundle)?.[LIVE_MIME] as LiveCellData | undefined;
    return live && { page: inPage(live), shown: Number(data.find((bundle) => !(LIVE_MIME in bundle))?.['text/plain']) };
  });
  for (const [i, answer] of answers.entries())
    if (answer && answer.page !== null) expect([cells[i], answer.page]).toEqual([cells[i], answer.shown]);
  const computed = answers.map((answer) => answer && answer.page !== null);
  const [yes, no] = [true, false];
  expect(computed).toEqual([yes, no, yes, undefined, no, no, no, yes, no, no, yes, yes, yes, yes, yes, yes]);
}, 120_000);

it('shows once what a callback prints and displays, however many frames are computed', async () => {
  const printing = whole('({ x }) => { console.log("printed"); display("displayed"); return x; }');
  const { notebook } = await runNotebook(writeFixture(notebookOf(code(NAMES), code(printing)), 'quiet.ipynb'));
  const shown = notebook.cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []));
  expect(JSON.stringify(shown).match(/printed/g)).toHaveLength(1);
  expect(JSON.stringify(shown).match(/displayed/g)).toHaveLength(1);
}, 120_000);
