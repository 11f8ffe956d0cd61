import { describe, expect, it } from 'vitest';
import { Client } from './client';
import { startKernel, types } from './kernel-fixture';

const kernel = startKernel();

describe('the kernel speaks protocol 5.3', () => {
  it('tells its true versions', async () => {
    expect(await kernel.client.request('kernel_info_request')).toMatchObject({
      status: 'ok',
      protocol_version: '5.3',
      language_info: { name: 'typescript', version: '5.0.4', file_extension: '.ts' },
    });
  });

  it('publishes input, outputs and result of a cell with its count, between busy and idle', async () => {
    const { reply, published } = await kernel.client.execute('console.log("hi"); 6 * 7');
    expect(reply).toMatchObject({ status: 'ok', execution_count: 1, payload: [], user_expressions: {} });
    expect(types(published)).toEqual(['busy', 'execute_input', 'stream', 'execute_result', 'idle']);
    expect(published[1]?.content).toEqual({ code: 'console.log("hi"); 6 * 7', execution_count: 1 });
    expect(published[3]?.content).toEqual({ data: { 'text/plain': '42' }, metadata: {}, execution_count: 1 });
  });

  it('keeps silent cells silent, and counts only what is stored', async () => {
    const count = Number((await kernel.client.execute('4')).reply.execution_count);
    const silent = await kernel.client.execute('5', { silent: true });
    expect(types(silent.published)).toEqual(['busy', 'idle']);
    const unstored = await kernel.client.execute('6', { store_history: false });
    expect(unstored.reply.execution_count).toBe(count);
    expect((await kernel.client.execute('7')).reply.execution_count).toBe(count + 1);
  });

  it('evaluates user expressions', async () => {
    const { reply } = await kernel.client.execute('let width = 4;', {
      user_expressions: { a: 'width * 2', b: 'width.x' },
    });
    expect(reply.user_expressions).toMatchObject({
      a: { status: 'ok', data: { 'text/plain': '8' } },
      b: { status: 'error', ename: 'TypeScriptError' },
    });
  });

  it('counts cursors in code points', async () => {
    const code = 'const 𝕫𝕫 = "𝕫"; 𝕫𝕫.charCo';
    const points = [...code].length;
    expect(await kernel.client.request('complete_request', { code, cursor_pos: points })).toMatchObject({
      matches: ['charCodeAt'],
      cursor_start: points - 6,
      cursor_end: points,
    });
    const inspected = await kernel.client.request('inspect_request', { code: '"𝕫𝕫"; Math.sqrt', cursor_pos: 12 });
    expect(inspected).toMatchObject({
      found: true,
      data: { 'text/plain': expect.stringContaining('Math.sqrt(x: number)') },
    });
  });

  it('knows complete, unfinished and hopeless code apart', async () => {
    const status = async (code: string) => (await kernel.client.request('is_complete_request', { code })).status;
    expect(await Promise.all(['1 + 1', 'for (;;) {', 'let x = );'].map(status))).toEqual([
      'complete',
      'incomplete',
      'invalid',
    ]);
  });

  it('remembers and finds cells', async () => {
    await kernel.client.execute('"needle"');
    const { history } = await kernel.client.request('history_request', {
      hist_access_type: 'search',
      pattern: '*need*',
      output: true,
      raw: true,
    });
    expect(history).toEqual([[1, expect.any(Number), ['"needle"', "'needle'"]]]);
  });

  it('answers comms politely', async () => {
    expect(await kernel.client.request('comm_info_request')).toEqual({ status: 'ok', comms: {} });
    const { id } = await kernel.client.send('comm_open', { comm_id: 'c1', target_name: 'jupyter.widget', data: {} });
    expect(types(await kernel.client.publishedFor(id))).toEqual(['busy', 'comm_close', 'idle']);
    const { id: late } = await kernel.client.send('comm_msg', { comm_id: 'c1', data: {} });
    expect(types(await kernel.client.publishedFor(late))).toEqual(['busy', 'idle']);
  });

  it('asks for input over stdin, and refuses where nobody can answer', async () => {
    kernel.client.onInput = (prompt) => `${prompt} nobody`;
    const { published } = await kernel.client.execute('prompt("who?")', { allow_stdin: true });
    expect(published.find(({ type }) => type === 'execute_result')?.content.data).toEqual({
      'text/plain': "'who? nobody'",
    });
    expect((await kernel.client.execute('prompt("who?")')).reply).toMatchObject({ status: 'error' });
  });

  it('updates displays in place and clears outputs', async () => {
    const { published } = await kernel.client.execute(
      'import { clearOutput, liveDisplay } from "gmm-vae"; const live = liveDisplay("a"); live.update("b"); clearOutput({ wait: true })',
    );
    const [first, update] = published.filter(({ type }) => type.endsWith('display_data'));
    expect(first).toMatchObject({ type: 'display_data', content: { data: { 'text/plain': 'a' } } });
    expect(update).toMatchObject({ type: 'update_display_data', content: { data: { 'text/plain': 'b' } } });
    expect(update?.content.transient).toEqual(first?.content.transient);
    expect(published.at(-2)).toMatchObject({ type: 'clear_output', content: { wait: true } });
  });

  it("shows the displays of tslab's own package", async () => {
    const { published } = await kernel.client.execute('import { display } from "tslab"; display.html("<b>1</b>");');
    expect(published.find(({ type }) => type === 'display_data')?.content).toMatchObject({
      data: { 'text/html': '<b>1</b>' },
    });
  });

  it('shows a value in all the MIME types that it offers', async () => {
    const { published } = await kernel.client.execute(
      `({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<i>x</i>', 'text/plain': 'x' }) })`,
    );
    expect(published.find(({ type }) => type === 'execute_result')?.content.data).toEqual({
      'text/html': '<i>x</i>',
      'text/plain': 'x',
    });
  });

  it('answers a cell that its compiler gives up on, and the next one', async () => {
    expect((await kernel.client.execute('('.repeat(20_000))).reply).toMatchObject({
      status: 'error',
      evalue: expect.stringContaining('the compiler gave up on this cell'),
    });
    expect((await kernel.client.execute('1 + 1')).reply.status).toBe('ok');
  });
});

describe('a shutdown', () => {
  const shutDown = async (code: string, then: 'ends' | 'goes on') => {
    const client = await Client.start();
    try {
      await client.ready();
      if (then === 'ends') await client.execute(code);
      else await client.going(code);
      const start = performance.now();
      const answer = await client.request('shutdown_request', { restart: false }, 'control');
      return { answer, ms: await client.exited(start), exitCode: client.child.exitCode };
    } finally {
      client.close();
    }
  };

  it('is answered as the protocol says', async () => {
    expect((await shutDown('1 + 1', 'ends')).answer).toEqual({ status: 'ok', restart: false });
  });

  it.each([
    ['after a cell', '1 + 1', 'ends'],
    ['with a timer of a cell still going', 'setInterval(() => {}, 1000)', 'ends'],
    ['while a cell loops', 'console.log("going"); for (;;) {}', 'goes on'],
    ['while a cell waits', 'console.log("going"); await new Promise(() => {})', 'goes on'],
  ] as const)('ends the process within 1 s %s', async (_, code, then) => {
    const { ms, exitCode } = await shutDown(code, then);
    expect(ms).toBeLessThan(1000);
    expect(exitCode).toBe(0);
  });
});
