import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession, traceback } from './session-fixture';

const under = startSession();
const { run, value } = under;

describe('a line that means something elsewhere', () => {
  it.each([
    ['!ls -l', /^TypeScriptError: 1:1 Lines with ! are IPython's.*execSync\("ls -l", \{ encoding: 'utf8' \}\)$/],
    ['const a = 1;\n  !pip install "x"', /^TypeScriptError: 2:3 Lines with ! .*execSync\("pip install \\"x\\""/],
    ['%matplotlib inline', /^TypeScriptError: 1:1 %matplotlib is a magic of IPython/],
    ['%%time\nlet n = 1', /^TypeScriptError: 1:1 %%time is a magic of IPython/],
    ['#!/usr/bin/env node\n1', /^TypeScriptError: 1:1 Cells are run by the kernel.*leave it out/],
    [
      'const x = 1;\nconst view = <b>{x}</b>;',
      /^TypeScriptError: 2:14 JSX cannot stand in a cell: put it into a \.tsx file/,
    ],
    ['let exports = 1', /^TypeScriptError: 1:5 `exports` is a name that the kernel gives to every cell/],
    ['1;\nfunction require() {}', /^TypeScriptError: 2:10 `require` is a name that the kernel/],
  ])('is explained in one message: %s', async (source, message) => {
    const ran = await run(source);
    expect(ran.reply.status).toBe('error');
    expect(await value(source)).toMatch(message);
    expect(traceback(ran).match(/TypeScriptError:/g)).toHaveLength(1);
  });

  it.each([
    ['function wrap(exports: object) { return [given, exports] } wrap({})', 15],
    ['try { throw {} } catch (exports) { ({ given }) }', 25],
    ['const f = (exports = given) => exports; f()', 12],
    ['const f = function exports() { return given + 1 }; f()', 20],
    ['{ const { a: exports } = { a: 1 }; (() => given)() }', 14],
  ])('is refused where it would hide the variables of earlier cells: %s', async (source, column) => {
    await run('let given = 1; interface Given { given: number }');
    expect(await value(source)).toBe(
      `TypeScriptError: 1:${column} \`exports\` is a name that the kernel gives to every cell: choose another.`,
    );
  });

  it('may name a parameter exports where it hides nothing', async () => {
    await run('let given = 1; interface Given { given: number }');
    expect(await value('const g = (exports: Given): Given | number => exports.given; [g({ given: 5 }), given]')).toBe(
      '[ 5, 1 ]',
    );
    expect(await value('const o = { exports: given, f(exports: number) { return exports } }; o.f(2) + o.exports')).toBe(
      '3',
    );
  });

  it('is what it is where it is TypeScript', async () => {
    expect(await value('const no = false;\n!no')).toBe('true');
    expect(await value('7\n% 4')).toBe('3');
    expect(await value('const less = 1 < 2 && 3 > 2;\nless')).toBe('true');
  });
});

describe('a last line in braces', () => {
  it.each([
    ['{a: 1, b: 2}', '{ a: 1, b: 2 }'],
    ['{a: 1}', '{ a: 1 }'],
    ['{}', '{}'],
    ['const q = 3\n{ q, r: [1], s() { return 1 } }', '{ q: 3, r: [ 1 ], s: [Function: s] }'],
    ['const w = 4;\n{\n  w,\n}', '{ w: 4 }'],
    ['{ ...{ a: 1 } }', '{ a: 1 }'],
    ['// {\n{ a: await Promise.resolve(1) }', '{ a: 1 }'],
  ])('that reads like an object is one: %s', async (source, shown) => {
    expect(await value(source)).toBe(shown);
    expect((await under.session.isComplete(source)).status).toBe('complete');
  });

  it.each([
    ['let sum = 0;\n{ sum += 1; }\nsum', '1'],
    ['{ console.log(1) }', ''],
    ['for (;;) { break }', ''],
    ['if (true) { }', ''],
    ['class K { a = 1 }', ''],
    ['function g() { return 1 }', ''],
  ])('that is a block is one: %s', async (source, shown) => {
    expect(await value(source)).toBe(shown);
  });

  it('has its errors where they are', async () => {
    expect(await value('1;\n{ a: 1, b: nothing }')).toMatch(/^TypeScriptError: 2:12 Cannot find name 'nothing'/);
    const ran = await run('1;\n{ a: 1, b: JSON.parse("{") }');
    expect(traceback(ran)).toMatch(/In \[\d+\], line 2, column 17/);
  });
});

describe('declare global', () => {
  it('holds for its cell and all later ones, and may be declared anew', async () => {
    expect(
      await value(
        'declare global { interface Array<T> { last9(): T } }\nArray.prototype.last9 = function () { return this[8]; };\n1',
      ),
    ).toBe('1');
    await run('1');
    await run('const other = 2;');
    expect(await value('[1, 2].last9()')).toBe('');
    expect(await value('[1].last9().length')).toMatch(/'length' does not exist on type 'number'/);
    await run('declare global { var shared: number }\nglobalThis.shared = 1;');
    expect(await value('shared.toFixed(1)')).toBe("'1.0'");
    expect(await value('declare global { var shared: string }\nglobalThis.shared = "s"; 1')).toBe('1');
    expect(await value('shared.length')).toBe('1');
  });
});

describe('JSX', () => {
  it('in a .tsx file beside the notebook can be imported, with types', async () => {
    const path = join(under.cwd, 'view.tsx');
    writeFileSync(
      path,
      `declare global { namespace JSX { interface IntrinsicElements { b: object } interface Element { tag: string } } }
const React = { createElement: (tag: string, _: unknown, ...children: unknown[]) => ({ tag, children }) };
export const view = (n: number) => <b>{n}</b>;`,
    );
    expect(await value('import { view } from "./view"; view(3)')).toBe("{ tag: 'b', children: [ 3 ] }");
    expect(await value('view("x")')).toMatch(/'string' is not assignable to parameter of type 'number'/);
    rmSync(path);
  });
});
