import { describe, expect, it } from 'vitest';
import { Client } from './client';
import { within } from './fixtures';
import { printed, startKernel, types } from './kernel-fixture';

const kernel = startKernel();

describe('a burst of prints', () => {
  it('becomes few messages and loses nothing', async () => {
    const { published } = await kernel.client.execute('for (let i = 0; i < 5000; i++) console.log(i);');
    expect(printed(published)).toBe(Array.from({ length: 5000 }, (_, i) => `${i}\n`).join(''));
    // One in 25 ms: would the cell take 10 s, there were 400.
    expect(published.filter(({ type }) => type === 'stream').length).toBeLessThan(400);
  });

  it('keeps its place among the other outputs', async () => {
    const { published } = await kernel.client.execute(
      'import { display } from "gmm-vae"; console.log(1); console.log(2); console.error(3); display(4); console.log(5); 6',
    );
    const shown = published.slice(2, -1).map(({ type, content }) => [type, content.text]);
    // A slow machine takes longer from one line to the next than prints are held back for.
    const [first, second] = shown;
    if (first?.[1] === '1\n' && second?.[0] === 'stream') shown.splice(0, 2, ['stream', `${first[1]}${second[1]}`]);
    expect(shown).toEqual([
      ['stream', '1\n2\n'],
      ['stream', '3\n'],
      ['display_data', undefined],
      ['stream', '5\n'],
      ['execute_result', undefined],
    ]);
  });

  it('is shown while the cell goes on', async () => {
    const { reply } = await kernel.client.going('console.log("runs"); await new Promise(() => {});');
    await kernel.client.interrupt();
    expect((await within('the cell', reply)).content.status).toBe('error');
  });
});

describe('messages', () => {
  it('of types that no kernel knows are met with a status and nothing else', async () => {
    for (const type of ['constructor', 'toString', '__proto__', 'unheard_of_request']) {
      const { id } = await kernel.client.send(type, {});
      expect(types(await kernel.client.publishedFor(id))).toEqual(['busy', 'idle']);
      expect(kernel.client.received.filter(({ parent }) => parent === id)).toEqual([]);
    }
  });

  it.each(['header', 'user_expressions', 'comm_id'])(
    'may be nested deeper in their %s than can be written',
    async (at) => {
      const { client } = kernel;
      const deep = '['.repeat(20_000) + ']'.repeat(20_000);
      const type = at === 'comm_id' ? 'comm_open' : 'execute_request';
      const [delimiter = '', , ...parts] = client.frames(type, { code: '1' }, at === 'header' ? deep : 'null').frames;
      if (at !== 'header') parts[3] = `{"code":"1","${at}":${deep}}`;
      await client.shell.send([delimiter, client.sign(parts), ...parts]);
      expect((await client.execute('1 + 1', { stop_on_error: false })).reply.status).toMatch(/ok|aborted/);
      expect((await client.execute('1 + 1')).reply.status).toBe('ok');
    },
  );

  it('name the ports that the connection file gave', async () => {
    const ports = await kernel.client.request('connect_request');
    expect(kernel.client.shell.lastEndpoint).toMatch(new RegExp(`:${ports.shell_port}$`));
  });

  it('ask for the newest cells, a range of them, or none', async () => {
    const count = Number((await kernel.client.execute('"older"')).reply.execution_count);
    await kernel.client.execute('"newer"');
    const history = async (content: object) =>
      (await kernel.client.request('history_request', { output: false, raw: true, ...content })).history;
    expect(await history({ hist_access_type: 'tail', n: 2 })).toEqual([
      [1, count, '"older"'],
      [1, count + 1, '"newer"'],
    ]);
    expect(await history({ hist_access_type: 'range', session: 0, start: count, stop: count + 1 })).toEqual([
      [1, count, '"older"'],
    ]);
    expect(await history({ hist_access_type: 'search', pattern: '*', n: 0 })).toEqual([]);
    expect(await history({ hist_access_type: 'tail', n: 0 })).toEqual([]);
  });

  it('run cells one after the other, whichever socket they come on', async () => {
    const { client } = kernel;
    const first = await client.send('execute_request', {
      code: 'let order = ""; await new Promise((n) => setTimeout(n, 200)); order += "a";',
    });
    const second = await client.send('execute_request', { code: 'order += "b"; console.log(order)' }, 'control');
    await within('both cells', Promise.all([first.reply, second.reply]));
    expect(printed(await client.publishedFor(second.id))).toBe('ab\n');
  });

  it('interrupt a running cell also on the shell socket', async () => {
    const { reply } = await kernel.client.going('console.log("runs"); await new Promise(() => {});');
    expect(await kernel.client.request('interrupt_request', {}, 'shell')).toEqual({ status: 'ok' });
    expect((await within('the cell', reply)).content.ename).toBe('Interrupted');
  });

  it('abort the cells behind a failed one after it has been answered itself', async () => {
    const { client } = kernel;
    const sent = await Promise.all(['throw 1', '1', '2'].map((code) => client.send('execute_request', { code })));
    await within('all replies', Promise.all(sent.map(({ reply }) => reply)));
    const ids = sent.map(({ id }) => id);
    const order = client.received.flatMap(({ parent = '' }) => (ids.includes(parent) ? [parent] : []));
    expect(order).toEqual(ids);
  });

  it('abort what is queued behind an interrupted cell', async () => {
    const { client } = kernel;
    const running = await client.going('console.log("runs"); for (;;);');
    const queued = await client.send('execute_request', { code: '1' });
    await client.interrupt();
    const replies = await within('both replies', Promise.all([running.reply, queued.reply]));
    expect(replies.map(({ content }) => content.status)).toEqual(['error', 'aborted']);
  });

  it('that are silent publish no output', async () => {
    const { reply, published } = await kernel.client.execute('console.log(1); throw new Error("quiet")', {
      silent: true,
    });
    expect(types(published)).toEqual(['busy', 'idle']);
    expect(reply).toMatchObject({ status: 'error', evalue: 'quiet' });
  });
});

describe('a shutdown', () => {
  it.each([
    ['on the shell socket, while a cell loops', 'shell', false],
    ['for a restart', 'control', true],
  ] as const)('%s ends the process within 1 s', async (_, channel, restart) => {
    const client = await Client.start();
    try {
      await client.ready();
      await client.going('console.log("runs"); for (;;);');
      const start = performance.now();
      expect(await client.request('shutdown_request', { restart }, channel)).toEqual({ status: 'ok', restart });
      expect(await client.exited(start)).toBeLessThan(1000);
    } finally {
      client.close();
    }
  });
});
