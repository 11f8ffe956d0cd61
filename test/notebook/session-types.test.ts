import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession } from './session-fixture';

const under = startSession();
const { run, value } = under;

/** A package as many are built: its entry hands out types of inner files that its `exports` do not offer. */
function install(name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(under.project, 'node_modules', name);
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
}

install('graphs', {
  'package.json': JSON.stringify({
    name: 'graphs',
    version: '1.0.0',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
  }),
  'dist/channel.d.ts': 'export declare class Channel<T> { private kept; readonly value: T; update(value: T): T; }',
  'dist/index.d.ts': `import { Channel } from './channel.js';
export declare function channel<T>(value: T): Channel<T>;
export declare function root<S>(spec: S): { spec: S; State: { [K in keyof S]: S[K] extends Channel<infer T> ? T : never } };`,
  'dist/index.js': `class Channel { constructor(value) { this.value = value; } update(value) { return value; } }
exports.channel = (value) => new Channel(value);
exports.root = (spec) => ({ spec, State: {} });`,
});

describe('types that no declaration file could name', () => {
  it('of inner parts of a package are full types in later cells', async () => {
    expect(await value('import { channel, root } from "graphs"; const S = root({ a: channel(["x"]) }); 1')).toBe('1');
    expect(await value('S.spec.a.update(["y"])')).toBe("[ 'y' ]");
    expect(await value('S.spec.a.update(3)')).toMatch(/'number' is not assignable to parameter of type 'string\[\]'/);
    expect(await value('const state: typeof S.State = { a: 1 };')).toMatch(/'number' is not assignable to type/);
    expect(await value('S.nothing')).toMatch(/Property 'nothing' does not exist/);
    // What the cell imported is there for later ones too, and theirs may build on it without a name.
    expect(await value('const T = root({ b: channel(1), ...S.spec }); T.spec.b.update(2)')).toBe('2');
    expect(await value('T.spec.b.update("")')).toMatch(/'string' is not assignable to parameter of type 'number'/);
  });

  it('of a module that is imported as a value', async () => {
    expect(await value("const fs = await import('node:fs'); typeof fs.readFileSync")).toBe("'function'");
    expect(await value('fs.existsSync(1)')).toMatch(/'number' is not assignable to parameter of type 'PathLike'/);
    expect(await value("const http = await import('http'); http.STATUS_CODES[404]")).toBe("'Not Found'");
  });

  it('of a class without a name, with private members, and what is made with it', async () => {
    expect(await value('const A = class { private z = 1; get y() { return this.z; } }; new A().y')).toBe('1');
    expect(await value('new A().z')).toMatch(/Property 'z' is private/);
    await run(`type Constructor = new (...args: any[]) => object;
const Named = <B extends Constructor>(Base: B) => class extends Base { protected name = 'n'; hello() { return this.name; } };`);
    expect(await value('class C extends Named(Object) {}\nnew C().hello()')).toBe("'n'");
    expect(await value('const length: string = new C().hello(); new C().name')).toMatch(/Property 'name' is protected/);
  });

  it('leave let assignable, const not, and each with its own type', async () => {
    await run(
      'const B = class { private z = 1 };\nlet n = 1; var s: string | null = null; const one = 1; enum E { a = 3 }',
    );
    await run(
      'type Pair = { n: number }; interface Named { name: string } function twice(x: Pair) { return 2 * x.n; }',
    );
    expect(await value('n = 5; s = "text"; [n, s, E.a, twice({ n: 4 })]')).toBe("[ 5, 'text', 3, 8 ]");
    expect(await value('n = "five"')).toMatch(/'string' is not assignable to type 'number'/);
    expect(await value('one = 2')).toMatch(/Cannot assign to 'one' because it is a (constant|read-only)/);
    expect(await value('const two: 2 = one')).toMatch(/Type '1' is not assignable to type '2'/);
  });

  it('keep the meaning they had when a later cell declares a name again', async () => {
    await run('class Inner { a = 1 } const inner = new Inner();');
    await run('const Outer = class { private p = 0; inner = inner };');
    await run('class Inner { b = 2 }');
    expect(await value('new Outer().inner.a')).toBe('1');
    expect(await value('new Inner().b')).toBe('2');
    expect(await value('const Outer = "another"; Outer.length')).toBe('7');
  });

  it('are completed and explained like others', async () => {
    await run('const D = class { private z = 1; shown = 2 }; const d = new D();');
    const code = 'd.sh';
    expect((await under.session.complete(code, code.length)).matches).toContain('shown');
    expect((await under.session.inspect('d', 1)).text).toContain('const d');
  });

  it('of `var`s inside blocks and patterns', async () => {
    await run('for (var { k } of [{ k: 1 }, { k: 2 }]) { var made = new (class { private z = k; shown = k })(); }');
    expect(await value('k + made.shown')).toBe('4');
    expect(await value('made.shown.length')).toMatch(/'length' does not exist on type 'number'/);
  });

  it('of a local module are no error either', async () => {
    writeFileSync(join(under.cwd, 'mixin.ts'), 'export const M = class { private z = 1; shown = 3 };');
    expect(await value('import { M } from "./mixin"; new M().shown')).toBe('3');
  });
});
