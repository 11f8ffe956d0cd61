import { describe, expect, it } from 'vitest';
import { Dealer } from 'zeromq';
import { kernelUnderTest, type Received } from './client';
import { printed, startKernel } from './kernel-fixture';

const kernel = startKernel();
const MESSAGES = 10_000;
const SIGNED_SOCKETS = ['shell', 'control', 'stdin'] as const;
type SignedSocket = (typeof SIGNED_SOCKETS)[number];

/** Eleven ways to be malformed; would any of the cells run, it would leave a mark. */
function malformed(): (string | Buffer)[][] {
  const { client } = kernel;
  const { frames } = client.frames('execute_request', { code: '(globalThis as any).broken = true;' });
  const [delimiter, signature, ...parts] = frames as [string, string, ...string[]];
  const notJson = ['{"msg_id"', '{}', '{}', '{}'];
  const wrongTypes = ['[]', '{}', '{}', '"x"'];
  return [
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
    [delimiter, signature, ...parts.toReversed()],
  ];
}

async function flood(socket: SignedSocket): Promise<void> {
  const messages = malformed();
  for (let i = 0; i < MESSAGES; i++) await kernel.client[socket].send(messages[i % messages.length] ?? []);
}

/** An answer on a socket shows that all sent before was read. tslab's own kernel has nothing that reads its stdin socket. */
async function expectToHaveRead(socket: SignedSocket): Promise<void> {
  if (socket !== 'stdin') await kernel.client.request('kernel_info_request', {}, socket);
  else if (kernelUnderTest === 'gmm-vae') {
    kernel.client.onInput = () => 'nobody';
    const { reply } = await kernel.client.execute('prompt("who?")', { allow_stdin: true });
    expect(reply.status).toBe('ok');
  }
}

async function expectToBeWell(): Promise<void> {
  const { reply, published } = await kernel.client.execute('console.log(typeof (globalThis as any).broken)');
  expect(reply.status).toBe('ok');
  expect(printed(published).trim()).toBe('undefined');
  await kernel.client.request('kernel_info_request', {}, 'control');
}

describe('the kernel under attack', () => {
  it.each(SIGNED_SOCKETS)(
    'runs none of 10,000 malformed messages on its %s socket and still answers',
    async (socket) => {
      await flood(socket);
      await expectToHaveRead(socket);
      await expectToBeWell();
    },
  );

  it.each(SIGNED_SOCKETS)('drops 10,000 malformed messages on its %s socket without a word', async (socket) => {
    const { received, published, asked } = kernel.client;
    const before = { received: received.length, published: published.length };
    await flood(socket);
    await expectToHaveRead(socket);
    await expectToBeWell();
    const isAsked = ({ parent }: Received) => parent !== undefined && asked.has(parent);
    expect(received.slice(before.received).filter((reply) => !isAsked(reply))).toEqual([]);
    expect(published.slice(before.published).filter((reply) => !isAsked(reply))).toEqual([]);
    expect(kernel.client.stderr).toBe('');
  });

  it('still beats after 10,000 malformed messages on its heartbeat socket', async () => {
    await kernel.client.disturbHeartbeat(MESSAGES);
    expect(await kernel.client.beat()).toBe('alive?');
    await expectToBeWell();
  });

  it('still publishes after 10,000 malformed messages on its iopub socket', async () => {
    await kernel.client.disturbPublisher(MESSAGES);
    await expectToBeWell();
  });

  it('refuses 10,000 replays of a message', async () => {
    const { client } = kernel;
    const { id, frames } = client.frames('execute_request', {
      code: 'var runs = (globalThis as any).runs = ((globalThis as any).runs ?? 0) + 1;',
    });
    for (let i = 0; i <= MESSAGES; i++) await client.shell.send(frames);
    const { published } = await client.execute('console.log((globalThis as any).runs)');
    expect(printed(published).trim()).toBe('1');
    expect(client.received.filter(({ parent }) => parent === id)).toHaveLength(1);
  });

  it('answers the others after a frame of 80 MB', async () => {
    const stranger = new Dealer({ linger: 0 });
    stranger.connect(kernel.client.shell.lastEndpoint ?? '');
    await stranger.send([Buffer.alloc(80 * 1024 * 1024)]);
    await expectToBeWell();
    stranger.close();
  });

  it('closes the connection of whoever sends a frame of 80 MB', async () => {
    const stranger = new Dealer({ linger: 0 });
    const closed = new Promise<string>((resolve) => {
      stranger.events.on('disconnect', () => resolve('closed'));
      setTimeout(() => resolve('open after 5 s'), 5000);
    });
    stranger.connect(kernel.client.shell.lastEndpoint ?? '');
    await stranger.send([Buffer.alloc(80 * 1024 * 1024)]);
    expect(await closed).toBe('closed');
    stranger.close();
  });
});
