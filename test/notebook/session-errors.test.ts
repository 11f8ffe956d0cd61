import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession, traceback } from './session-fixture';

const under = startSession();
const { run, value } = under;

describe('a traceback', () => {
  it('shows the cell that a function comes from, whatever ran under the same count since', async () => {
    await run('\n\n\nfunction boom() { throw new Error("b") }', { count: 500 });
    await run('1;\n2;\n3;\n"the silent cell";', { count: 500, silent: true });
    const shown = traceback(await run('boom()', { count: 501 }));
    expect(shown).toMatch(/at .*boom \(In \[500\], line 4, column 25\)/);
    expect(shown).toContain('--> 4 | function boom() { throw new Error("b") }');
    expect(shown).not.toContain('the silent cell');
  });

  it('reaches the cell from deep inside a module, naming repeated frames once', async () => {
    writeFileSync(
      join(under.cwd, 'deep.ts'),
      'type Erased = 1;\nexport function deep(n: number): never {\n  if (n === 0) throw new Error("deep");\n  return deep(n - 1);\n}',
    );
    const shown = traceback(await run('import { deep } from "./deep";\n\ndeep(40)'));
    expect(shown).toMatch(/at deep \(.*[\\/]deep\.ts, line 3, column 22\)/);
    expect(shown).toContain('--> 3 |   if (n === 0) throw new Error("deep");');
    expect(shown).toContain(`at In [${under.count}], line 3, column 5`);
    expect(shown.split('\n').length).toBeLessThan(20);
  });

  it('of an error that is its own cause ends', async () => {
    const ran = await run('const own: any = new Error("c"); own.cause = own; throw own');
    expect(ran.reply).toMatchObject({ ename: 'Error', evalue: 'c' });
    expect(traceback(ran)).toContain('Caused by:');
  });

  it('of an error that stands for several shows each', async () => {
    const shown = traceback(await run('throw new AggregateError([new Error("one"), new TypeError("two")], "many")'));
    expect(shown).toMatch(/AggregateError: many[\s\S]*Error: one[\s\S]*TypeError: two/);
  });
});

describe('a cell whose promise nobody catches', () => {
  it('has failed, and shows the error once', async () => {
    const { reply, outputs } = await run('Promise.reject(new RangeError("nobody")); 0');
    expect(reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'nobody' });
    expect(outputs).toHaveLength(1);
    expect(await value('1 + 1')).toBe('2');
  });

  it('is not held responsible for an earlier cell', async () => {
    await run('setTimeout(() => Promise.reject(new Error("late")), 50)');
    expect((await run('await new Promise((next) => setTimeout(next, 150))')).reply.status).toBe('ok');
  });
});

describe('code', () => {
  it.each([
    'const id = <T>(x: T) => x;',
    '<number>(5 as any)',
    'Math?',
    '// c',
    'await Promise.resolve(1)',
    'for await (const x of y) {}',
    'import { a } from "b"',
    '`a` ',
    '',
  ])('%j is complete', async (code) => {
    expect((await under.session.isComplete(code)).status).toBe('complete');
  });

  it.each([
    'const s = `abc',
    'const s = `a ${',
    '/* open',
    'foo(',
    'const x =',
    'if (x)',
    'class A {',
    'x = [1,',
    'const a = 1;\nfoo(\n\n',
    'for (const x of [1]) {\n\n',
    'let a = b ?? ',
    'import { a } from',
    'try { x }',
    'async function f() { await',
    'enum A { // no end',
  ])('%j wants another line', async (code) => {
    expect((await under.session.isComplete(code)).status).toBe('incomplete');
  });

  it.each(['const const = 1', '"abc', '/abc', 'let x = ); foo(', '1 +* 2'])('%j is hopeless', async (code) => {
    expect((await under.session.isComplete(code)).status).toBe('invalid');
  });

  it('that wants another line says how far to indent it', async () => {
    expect(await under.session.isComplete('for (;;) {')).toEqual({ status: 'incomplete', indent: '  ' });
    expect(await under.session.isComplete('const x =')).toEqual({ status: 'incomplete', indent: '' });
  });
});
