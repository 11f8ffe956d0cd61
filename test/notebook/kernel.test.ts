import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dealer } from 'zeromq';
import { Client, kernelUnderTest } from './client';
import { within } from './fixtures';

let client: Client;

async function restart(): Promise<void> {
  client?.close();
  client = await Client.start();
  await client.ready();
}

beforeAll(restart);
// One test leaves tslab's own kernel hanging; compared with it, every test gets a kernel of its own.
beforeEach(async () => {
  if (kernelUnderTest === 'tslab') await restart();
});
afterAll(() => client.close());

const types = (published: readonly { type: string; content: Record<string, unknown> }[]) =>
  published.map(({ type, content }) => (type === 'status' ? String(content.execution_state) : type));

const statusOf = async ({ reply }: { reply: Promise<{ content: Record<string, unknown> }> }) =>
  (await within('a reply', reply)).content.status;

describe('the kernel speaks protocol 5.3', () => {
  it('tells its true versions', async () => {
    expect(await client.request('kernel_info_request')).toMatchObject({
      status: 'ok',
      protocol_version: '5.3',
      language_info: { name: 'typescript', version: '5.0.4', file_extension: '.ts' },
    });
  });

  it('publishes input, outputs and result of a cell with its count, between busy and idle', async () => {
    const { reply, published } = await client.execute('console.log("hi"); 6 * 7');
    expect(reply).toMatchObject({ status: 'ok', execution_count: 1, payload: [], user_expressions: {} });
    expect(types(published)).toEqual(['busy', 'execute_input', 'stream', 'execute_result', 'idle']);
    expect(published[1]?.content).toEqual({ code: 'console.log("hi"); 6 * 7', execution_count: 1 });
    expect(published[3]?.content).toEqual({ data: { 'text/plain': '42' }, metadata: {}, execution_count: 1 });
  });

  it('keeps silent cells silent, and counts only what is stored', async () => {
    const silent = await client.execute('5', { silent: true });
    expect(types(silent.published)).toEqual(['busy', 'idle']);
    const unstored = await client.execute('6', { store_history: false });
    expect(unstored.reply.execution_count).toBe(1);
    expect((await client.execute('7')).reply.execution_count).toBe(2);
  });

  it('evaluates user expressions', async () => {
    const { reply } = await client.execute('let width = 4;', { user_expressions: { a: 'width * 2', b: 'width.x' } });
    expect(reply.user_expressions).toMatchObject({
      a: { status: 'ok', data: { 'text/plain': '8' } },
      b: { status: 'error', ename: 'TypeScriptError' },
    });
  });

  it('aborts after an error exactly what was queued, and nothing when asked not to stop', async () => {
    const sent = await Promise.all(
      ['throw new Error("first")', '1', '2'].map((code) => client.send('execute_request', { code })),
    );
    const statuses = await Promise.all(sent.map(statusOf));
    expect(statuses).toEqual(['error', 'aborted', 'aborted']);
    const going = await Promise.all(
      ['throw 1', '1', '2'].map((code) => client.send('execute_request', { code, stop_on_error: false })),
    );
    expect(await Promise.all(going.map(statusOf))).toEqual(['error', 'ok', 'ok']);
  });

  it('counts cursors in code points', async () => {
    const code = 'const 𝕫𝕫 = "𝕫"; 𝕫𝕫.charCo';
    const points = [...code].length;
    expect(await client.request('complete_request', { code, cursor_pos: points })).toMatchObject({
      matches: ['charCodeAt'],
      cursor_start: points - 6,
      cursor_end: points,
    });
    const inspected = await client.request('inspect_request', { code: '"𝕫𝕫"; Math.sqrt', cursor_pos: 12 });
    expect(inspected).toMatchObject({
      found: true,
      data: { 'text/plain': expect.stringContaining('Math.sqrt(x: number)') },
    });
  });

  it('knows complete, unfinished and hopeless code apart', async () => {
    const status = async (code: string) => (await client.request('is_complete_request', { code })).status;
    expect(await Promise.all(['1 + 1', 'for (;;) {', 'let x = );'].map(status))).toEqual([
      'complete',
      'incomplete',
      'invalid',
    ]);
  });

  it('remembers and finds cells', async () => {
    await client.execute('"needle"');
    const { history } = await client.request('history_request', {
      hist_access_type: 'search',
      pattern: '*need*',
      output: true,
      raw: true,
    });
    expect(history).toEqual([[1, expect.any(Number), ['"needle"', "'needle'"]]]);
  });

  it('answers comms politely', async () => {
    expect(await client.request('comm_info_request')).toEqual({ status: 'ok', comms: {} });
    const { id } = await client.send('comm_open', { comm_id: 'c1', target_name: 'jupyter.widget', data: {} });
    expect(types(await client.publishedFor(id))).toEqual(['busy', 'comm_close', 'idle']);
  });

  it('asks for input over stdin, and refuses where nobody can answer', async () => {
    client.onInput = (prompt) => `${prompt} nobody`;
    const { published } = await client.execute('prompt("who?")', { allow_stdin: true });
    expect(published.find(({ type }) => type === 'execute_result')?.content.data).toEqual({
      'text/plain': "'who? nobody'",
    });
    expect((await client.execute('prompt("who?")')).reply).toMatchObject({ status: 'error' });
  });

  it('updates displays in place and clears outputs', async () => {
    const { published } = await client.execute(
      'import { clearOutput, liveDisplay } from "gmm-vae"; const live = liveDisplay("a"); live.update("b"); clearOutput({ wait: true })',
    );
    const [first, update] = published.filter(({ type }) => type.endsWith('display_data'));
    expect(first).toMatchObject({ type: 'display_data', content: { data: { 'text/plain': 'a' } } });
    expect(update).toMatchObject({ type: 'update_display_data', content: { data: { 'text/plain': 'b' } } });
    expect(update?.content.transient).toEqual(first?.content.transient);
    expect(published.at(-2)).toMatchObject({ type: 'clear_output', content: { wait: true } });
  });

  it('aborts nothing that arrives after an error', async () => {
    await client.execute('throw 1');
    expect((await client.execute('"runs again"')).reply.status).toBe('ok');
  });

  it('answers a cell that its compiler gives up on, and the next one', async () => {
    expect((await client.execute('('.repeat(20_000))).reply).toMatchObject({
      status: 'error',
      evalue: expect.stringContaining('the compiler gave up on this cell'),
    });
    expect((await client.execute('1 + 1')).reply.status).toBe('ok');
  });
});

describe('an interrupt over the wire', () => {
  it('stops a loop and lets heartbeats through meanwhile', async () => {
    await client.execute('let kept = 1;');
    const running = client.interrupted('for (;;) kept++;');
    await client.heartbeat.send('alive?');
    expect((await client.heartbeat.receive()).toString()).toBe('alive?');
    const { content, ms } = await running;
    expect(content).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(ms).toBeLessThan(2000);
  });

  it('stops an awaited promise, and the code behind it does not run on', async () => {
    const { content, ms } = await client.interrupted(
      'for (;;) { await new Promise((next) => setTimeout(next, 5)); kept++; }',
    );
    expect(content).toMatchObject({ status: 'error', ename: 'Interrupted' });
    expect(ms).toBeLessThan(2000);
    const first = await client.execute('await new Promise((next) => setTimeout(next, 20)); kept');
    const second = await client.execute('await new Promise((next) => setTimeout(next, 60)); kept');
    const results = [first, second].map(
      ({ published }) => published.find(({ type }) => type === 'execute_result')?.content.data,
    );
    expect(Number((results[0] as { 'text/plain': string })['text/plain'])).toBeGreaterThan(1);
    expect(results[1]).toEqual(results[0]);
  });

  it('stops a loop behind an await at the price of the variables, and says so', async () => {
    const { content, ms } = await client.interrupted('await 0; for (;;) {}');
    expect(content).toMatchObject({
      status: 'error',
      ename: 'KernelRestarted',
      evalue: expect.stringContaining('the kernel was restarted and its variables are gone'),
    });
    expect(ms).toBeLessThan(2000);
    expect((await client.execute('1 + 1')).reply.status).toBe('ok');
  });
});

describe('the kernel under attack', () => {
  it('drops 10,000 malformed messages on every socket without a reply or a crash, and still answers', async () => {
    const { frames } = client.frames('execute_request', { code: 'globalThis.broken = true' });
    const [delimiter, signature, ...parts] = frames as [string, string, ...string[]];
    const notJson = ['{"msg_id"', '{}', '{}', '{}'];
    const wrongTypes = ['[]', '{}', '{}', '"x"'];
    const replay = client.frames('kernel_info_request', {}).frames;
    await client.shell.send(replay);
    const malformed: (string | Buffer)[][] = [
      [delimiter, '0'.repeat(64), ...parts],
      [delimiter, signature.slice(0, 10), ...parts],
      [delimiter, '', ...parts],
      [signature, ...parts],
      [delimiter],
      [''],
      [delimiter, client.sign(notJson), ...notJson],
      [delimiter, client.sign(wrongTypes), ...wrongTypes],
      [delimiter, signature, ...parts.slice(0, 2)],
      [Buffer.alloc(64 * 1024, 255)],
      replay,
    ];
    for (const channel of ['shell', 'control', 'stdin'] as const) {
      for (let i = 0; i < 10_000; i++) await client[channel].send(malformed[i % malformed.length] ?? []);
    }
    await client.disturbUnsignedSockets(10_000);
    expect((await client.execute('typeof (globalThis as { broken?: boolean }).broken')).published[2]).toMatchObject({
      content: { data: { 'text/plain': "'undefined'" } },
    });
    expect(await client.request('kernel_info_request', {}, 'control')).toMatchObject({ status: 'ok' });
    expect(client.stderr).toBe('');
  });

  it('closes the connection of a sender of a huge frame and serves the others', async () => {
    const stranger = new Dealer({ linger: 0 });
    const endpoint = client.shell.lastEndpoint ?? '';
    stranger.connect(endpoint);
    await stranger.send([Buffer.alloc(80 * 1024 * 1024)]);
    expect((await client.execute('1 + 1')).reply.status).toBe('ok');
    stranger.close();
  });
});

describe('a shutdown', () => {
  it('ends the process within 1 s, timers of the cells or not', async () => {
    await client.execute('setInterval(() => {}, 1000)');
    expect(await client.request('shutdown_request', { restart: false }, 'control')).toEqual({
      status: 'ok',
      restart: false,
    });
    expect(await client.exited()).toBeLessThan(1000);
    expect(client.child.exitCode).toBe(0);
  });
});
