import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Received } from './client';
import { until, within } from './fixtures';
import { printed, startKernel } from './kernel-fixture';

const kernel = startKernel();

const prints = async (code: string) => printed((await kernel.client.execute(code)).published).trim();

const statusesOf = async (codes: string[], options: object = {}) => {
  const sent = await Promise.all(codes.map((code) => kernel.client.send('execute_request', { code, ...options })));
  const replies = await Promise.all(sent.map(({ reply }) => within('a reply', reply)));
  return replies.map(({ content }) => content.status);
};

describe('an error', () => {
  const code = 'const sigma: number = -1;\nthrow new RangeError("no such sigma");';

  it('is published with its name, its text and the line of the cell', async () => {
    const { published } = await kernel.client.execute(code);
    const error = published.find(({ type }) => type === 'error')?.content as { traceback: string[] } | undefined;
    expect(error).toMatchObject({ ename: 'RangeError', evalue: 'no such sigma' });
    expect(stripVTControlCharacters(error?.traceback.join('\n') ?? '')).toContain(
      '--> 2 | throw new RangeError("no such sigma");',
    );
  });

  it('is told in the reply with its name, its text and a traceback', async () => {
    expect((await kernel.client.execute(code)).reply).toMatchObject({
      status: 'error',
      ename: 'RangeError',
      evalue: 'no such sigma',
      traceback: expect.any(Array),
    });
  });

  it('of types names line and column', async () => {
    const { reply, published } = await kernel.client.execute('const one = 1;\nconst word: string = one;');
    expect(reply.status).toBe('error');
    expect(JSON.stringify(published)).toContain('2:7');
  });

  it('aborts exactly what was queued, with status aborted', async () => {
    expect(await statusesOf(['throw new Error("first")', '1', '2'])).toEqual(['error', 'aborted', 'aborted']);
  });

  it('gives what it aborts no number, so that front ends show it as not run', async () => {
    const sent = await Promise.all(
      ['throw new Error("first")', '1'].map((code) => kernel.client.send('execute_request', { code })),
    );
    const [failed, aborted] = await Promise.all(sent.map(({ reply }) => within('a reply', reply)));
    expect(failed?.content).toMatchObject({ status: 'error', execution_count: expect.any(Number) });
    expect(aborted?.content).toEqual({ status: 'aborted' });
  });

  it('aborts nothing where the front end goes on after errors', async () => {
    expect(await statusesOf(['throw 1', '1', '2'], { stop_on_error: false })).toEqual(['error', 'ok', 'ok']);
  });

  it('aborts nothing that arrives after it', async () => {
    await kernel.client.execute('throw 1');
    expect((await kernel.client.execute('"runs again"')).reply.status).toBe('ok');
  });
});

describe('late output', () => {
  const late = (text: string) => (received: Received) =>
    received.type === 'stream' && String(received.content.text).includes(text);

  it('goes to the cell that started it while the next one runs', async () => {
    const first = await kernel.client.send('execute_request', { code: 'setTimeout(() => console.log("tick"), 150);' });
    await kernel.client.execute('await new Promise((next) => setTimeout(next, 400));');
    expect(kernel.client.published.find(late('tick'))?.parent).toBe(first.id);
  });

  it('goes to the cell that started it when the next one has ended', async () => {
    const code = 'void new Promise((next) => setTimeout(next, 300)).then(() => console.log("settled"));';
    const first = await kernel.client.send('execute_request', { code });
    await kernel.client.execute('1 + 1');
    await until('the late line is there', () => kernel.client.published.some(late('settled')));
    expect(kernel.client.published.find(late('settled'))?.parent).toBe(first.id);
  });
});

describe('late assignments', () => {
  it('are seen by functions of earlier cells', async () => {
    await kernel.client.execute('let cnt = 0; function inc() { return ++cnt }');
    await kernel.client.execute('inc(); inc(); inc()');
    await kernel.client.execute('cnt = 10;');
    expect(await prints('console.log(inc())')).toBe('11');
  });

  it('by a function are seen by later cells', async () => {
    await kernel.client.execute('let level = 1; function raise() { level += 1 }');
    await kernel.client.execute('raise(); raise();');
    expect(await prints('console.log(level)')).toBe('3');
  });
});

describe('edits of modules', () => {
  const write = (name: string, code: string) => writeFileSync(join(kernel.folder, name), code);

  it('are seen at the next run of the import', async () => {
    write('direct.ts', 'export const sigma: number = 1;');
    const code = 'import { sigma } from "./direct"; console.log(sigma)';
    expect(await prints(code)).toBe('1');
    write('direct.ts', 'export const sigma: number = 2;');
    expect(await prints(code)).toBe('2');
  });

  it('are seen below a module that imports them', async () => {
    write('base.ts', 'export const sigma: number = 1;');
    write('middle.ts', 'import { sigma } from "./base"; export const doubled = 2 * sigma;');
    const code = 'import { doubled } from "./middle"; console.log(doubled)';
    expect(await prints(code)).toBe('2');
    write('base.ts', 'export const sigma: number = 21;');
    expect(await prints(code)).toBe('42');
  });

  it('are seen above the folder of the notebook', async () => {
    write('../above.ts', 'export const sigma: number = 1;');
    const code = 'import { sigma } from "../above"; console.log(sigma)';
    expect(await prints(code)).toBe('1');
    write('../above.ts', 'export const sigma: number = 2;');
    expect(await prints(code)).toBe('2');
  });
});
