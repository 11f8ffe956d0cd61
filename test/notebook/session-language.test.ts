import { describe, expect, it } from 'vitest';
import { startSession } from './session-fixture';

const under = startSession();
const { run } = under;

/** Code with the cursor at `|`, as it is asked about. */
async function about(marked: string): Promise<string | null> {
  const cursor = marked.indexOf('|');
  return (await under.session.inspect(marked.replace('|', ''), cursor)).text;
}

async function completed(marked: string): Promise<readonly string[]> {
  const cursor = marked.indexOf('|');
  return (await under.session.complete(marked.replace('|', ''), cursor)).matches;
}

describe('inspection', () => {
  it('between the brackets of a call is about the function', async () => {
    await run(
      '/** Adds two numbers. */\nfunction add(a: number, b: number) { return a + b; }\nconst o = { add };\nlet x = 1;',
    );
    for (const code of [
      'add(|',
      'add(1,|',
      'add(1, |',
      'add(1,|)',
      'o.add(1, |',
      'x + add(1, 2 + |',
      'add(Math.max(1, 2), |)',
      'add(\n  1,\n  |\n)',
    ]) {
      expect(await about(code)).toMatch(/add: \(a: number, b: number\) => number|add\(a: number, b: number\): number/);
    }
    expect(await about('add(1, |')).toContain('Adds two numbers.');
    expect(await about('add(Math.max(1, |')).toMatch(/max\(\.\.\.values: number\[\]\)/);
    expect(await about('new Map(|')).toMatch(/Map/);
    // On a name it is about the name, and behind the call about nothing.
    expect(await about('add(x|, 2)')).toMatch(/let x: number/);
    expect(await about('add(1, 2) |')).toBeNull();
  });

  it('lists every overload', async () => {
    await run(
      'function over(a: string): string;\nfunction over(a: number, b?: boolean): number;\nfunction over(a: any): any { return a; }',
    );
    const text = await about('ov|er');
    expect(text).toContain('over(a: string): string');
    expect(text).toContain('over(a: number, b?: boolean | undefined): number');
    expect(await about('add|')).not.toContain('overloads');
  });

  it('shows links as their text, and what each tag says', async () => {
    await run(`/**
 * Halves; see {@linkcode Math.sqrt}, {@link Math.max the larger} and {@link https://x.org a page}.
 * @param n What is {@link halved}.
 * @returns Half of it.
 */
function half(n: number) { return n / 2; }`);
    const text = await about('half|');
    expect(text).toContain('Halves; see Math.sqrt, the larger and https://x.org a page.');
    expect(text).toMatch(/@param n What is halved\.\n@returns Half of it\./);
    expect(text).not.toMatch(/@link/);
  });

  it('finds nothing where there is no such name', async () => {
    expect(await about('nop|e')).toBeNull();
    expect(await about('nope.deeper|')).toBeNull();
    await run('let anything: any = 1;');
    expect(await about('anything|')).toContain('let anything: any');
  });
});

describe('completion', () => {
  it('offers what a cell has', async () => {
    const names = await completed('__|');
    expect(names).not.toContain('__dirname');
    expect(names).not.toContain('__filename');
    expect(await completed('process.ver|')).toContain('versions');
  });

  it('behind # offers private names only', async () => {
    await run('class Foo { #hidden = 1; shown = 2; peek(o: Foo) { return o.#hidden; } }\nconst foo = new Foo();');
    expect(await completed('foo.#|')).toEqual([]);
    expect(await completed('class Bar { #inner = 1; other = 2; m() { return this.#|; } }')).toEqual(['#inner']);
    expect(await completed('foo.|')).toContain('shown');
  });
});
