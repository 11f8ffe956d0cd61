import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSession } from './session-fixture';

const under = startSession();
const { run, value } = under;

const tsconfig = join(under.cwd, 'tsconfig.json');

function configure(
  compilerOptions: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): void {
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions, ...more }));
}

async function stderr(source: string): Promise<string> {
  const { outputs } = await run(source);
  return outputs.map((output) => (output.type === 'stream' && output.name === 'stderr' ? output.text : '')).join('');
}

function install(name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(under.project, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
}

install('bare', {
  'package.json': '{ "name": "bare", "version": "1.0.0", "main": "index.js" }',
  'index.js': 'exports.twice = (x) => 2 * x;',
});

const IMPLICIT = 'function same(x) { return x; }\nsame(3)';

describe('a tsconfig.json beside the notebook', () => {
  afterEach(() => rmSync(tsconfig, { force: true }));

  it('says how strictly cells are checked, from the next cell on; without it they are strict', async () => {
    expect(await value(IMPLICIT)).toMatch(/implicitly has an 'any' type/);
    configure({ strict: false });
    expect(await value(IMPLICIT)).toBe('3');
    configure({ strict: true });
    expect(await value(IMPLICIT)).toMatch(/implicitly has an 'any' type/);
    rmSync(tsconfig);
    expect(await value(IMPLICIT)).toMatch(/implicitly has an 'any' type/);
  });

  it('may be stricter, and may extend another', async () => {
    writeFileSync(join(under.project, 'base.json'), '{ "compilerOptions": { "noUncheckedIndexedAccess": true } }');
    writeFileSync(tsconfig, '{ // comments are allowed\n "extends": "../base.json" }');
    expect(await value('[1, 2][0] + 1')).toMatch(/possibly 'undefined'/);
    writeFileSync(join(under.project, 'base.json'), '{ "compilerOptions": { "noUncheckedIndexedAccess": false } }');
    expect(await value('[1, 2][0] + 1')).toBe('2');
  });

  it('adds libraries, and makes decorators the standard ones', async () => {
    configure({ lib: ['es2022', 'dom'], experimentalDecorators: false });
    expect(await value('const p: DOMPoint | null = null; p')).not.toMatch(/Error/);
    const decorated = `function doubled(method: (this: A) => number, _: ClassMethodDecoratorContext) {
  return function (this: A) { return 2 * method.call(this); };
}
class A { @doubled n() { return 4; } }
new A().n()`;
    expect(await value(decorated)).toBe('8');
    rmSync(tsconfig);
    expect(await value(decorated)).toMatch(/"experimentalDecorators": false/);
  });

  it('is told once which of its options say nothing about cells, those of a newer compiler included', async () => {
    configure({
      strict: true,
      target: 'es2015',
      outDir: 'x',
      paths: { '@/*': ['./*'] },
      erasableSyntaxOnly: true,
      skipLibCheck: true,
    });
    expect(await stderr('1')).toBe('tsconfig.json: not used for cells: target, outDir, paths, erasableSyntaxOnly\n');
    expect(await stderr('2')).toBe('');
  });

  it('that cannot be read is an error of each cell, with its place', async () => {
    writeFileSync(tsconfig, '{\n  "compilerOptions": { "strict": maybe }\n}');
    expect(await value('1')).toMatch(/^TypeScriptError: tsconfig\.json:2:\d+ /);
    configure({}, { extends: './none.json' });
    expect(await value('1')).toMatch(/^TypeScriptError: tsconfig\.json:1:\d+ .*none\.json/);
    rmSync(tsconfig);
    expect(await value('1')).toBe('1');
  });
});

describe('declarations beside the notebook', () => {
  it('are seen by every cell, as they are now', async () => {
    const path = join(under.cwd, 'own.d.ts');
    writeFileSync(path, 'interface Shape { n: number }\ndeclare module "virtual" { export const v: string }');
    expect(await value('const s: Shape = { n: "x" };')).toMatch(/'string' is not assignable to type 'number'/);
    expect(await value('import { v } from "virtual"; const n: number = v;')).toMatch(/'string' is not assignable/);
    writeFileSync(path, 'interface Shape { n: string }');
    expect(await value('const s: Shape = { n: "x" }; s.n')).toBe("'x'");
    rmSync(path);
    expect(await value('let t: Shape;')).toMatch(/Cannot find name 'Shape'/);
  });

  it('give types to a package that has none', async () => {
    const path = join(under.cwd, 'bare.d.ts');
    writeFileSync(path, 'declare module "bare" { export function twice(x: number): number }');
    expect(await value('import { twice } from "bare"; twice("x")')).toMatch(/'string' is not assignable/);
    expect(await value('import { twice } from "bare"; twice(2)')).toBe('4');
    rmSync(path);
  });
});

describe('a package without types', () => {
  it('can be imported, and is any', async () => {
    expect(await value('import { twice } from "bare"; const four: string = twice(2); four')).toBe('4');
    expect(await value('import * as all from "bare"; all.twice(3)')).toBe('6');
    expect(await value('twice(4)')).toBe('8');
  });

  it('is refused where tsconfig.json asks for that', async () => {
    configure({ noImplicitAny: true });
    expect(await value('import { twice } from "bare"; twice(2)')).toMatch(
      /Could not find a declaration file for module 'bare'/,
    );
    rmSync(tsconfig);
  });
});

describe('// @ts-nocheck', () => {
  it('above the first statement takes the cell out of type checking, and only that', async () => {
    expect(await value('// @ts-nocheck\nconst n: number = "x"; n')).toBe("'x'");
    expect(await value('const m: number = "x"; m')).toMatch(/'string' is not assignable to type 'number'/);
    expect(await value('1;\n// @ts-nocheck\nconst k: number = "x"; k')).toMatch(/not assignable/);
    expect(await value('// @ts-nocheck\nlet z = ;')).toMatch(/Error: 2:9 Expression expected/);
  });

  it('lets cells wait, be called by later ones and fail with a place', async () => {
    expect(
      await value(
        '// @ts-nocheck\nconst waited = await Promise.resolve(5); function f(a) { return a + waited; }\nf(1)',
      ),
    ).toBe('6');
    expect(await value('f(2)')).toBe('7');
    const { reply } = await run('// @ts-nocheck\nlet twice1 = 1;\nlet twice1 = 2;');
    expect(reply).toMatchObject({
      status: 'error',
      ename: 'SyntaxError',
      evalue: expect.stringContaining("'twice1' has already been declared"),
    });
    expect(JSON.stringify(reply)).toContain('--> 3 | let twice1 = 2;');
  });
});
