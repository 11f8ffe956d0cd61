import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dealer, Request, Subscriber, XSubscriber } from 'zeromq';
import { temporaryFolder, until, within } from './fixtures';

const ROOT = join(__dirname, '..', '..');

/** The kernel of this project, and the one that tslab itself starts, to compare with. */
const KERNELS = {
  'gmm-vae': (file: string) => [join(ROOT, 'kernel-setup', 'launch.mjs'), file],
  tslab: (file: string) => [join(ROOT, 'node_modules', 'tslab', 'bin', 'tslab'), 'kernel', '--config-path', file],
} as const;

export type KernelName = keyof typeof KERNELS;

/** Which kernel the tests talk to: ours, unless GMM_VAE_TEST_KERNEL says `tslab`. */
export const kernelUnderTest: KernelName = process.env.GMM_VAE_TEST_KERNEL === 'tslab' ? 'tslab' : 'gmm-vae';

const running = new Set<ChildProcess>();
// Also when a test run is broken off: no kernel outlives it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const DELIMITER = '<IDS|MSG>';
/** Without a high-water mark: a kernel that reads slowly is told so by its answers, not by a sender that waits. */
const SENDS = { linger: 0, sendTimeout: 10_000, sendHighWaterMark: 0 } as const;

export interface Received {
  readonly type: string;
  readonly parent: string | undefined;
  readonly content: Record<string, unknown>;
}

/** A free port below those that systems give to outgoing connections, of which one could take it before the kernel does. */
async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_768);
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A front end of a kernel, written for these tests against the protocol's description. Every wait of it is bounded. */
export class Client {
  readonly key = randomUUID();
  readonly session = randomUUID();
  readonly routingId = randomUUID();
  readonly shell = new Dealer({ ...SENDS, routingId: this.routingId });
  readonly control = new Dealer({ ...SENDS, routingId: this.routingId });
  readonly stdin = new Dealer({ ...SENDS, routingId: this.routingId });
  readonly heartbeat = new Request({ linger: 0, sendTimeout: 5000, receiveTimeout: 5000 });
  readonly #iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  readonly published: Received[] = [];
  /** Whatever arrived on shell, control and stdin, asked for or not. */
  readonly received: Received[] = [];
  /** Ids of the requests of `send`. */
  readonly asked = new Set<string>();
  readonly #replies = new Map<string, (received: Received) => void>();
  #endpoints = { heartbeat: '', iopub: '' };
  #started = 0;
  child!: ChildProcess;
  stderr = '';
  /** Answers input requests; null: never. */
  onInput: (prompt: string) => string | null = () => '';

  private constructor(readonly kernel: KernelName) {}

  /**
   * Starts a kernel in `folder`; resolves when its process has been started, not yet when it answers.
   * @param wrap The command that starts the kernel's command.
   */
  static async start(
    kernel: KernelName = kernelUnderTest,
    folder = temporaryFolder(),
    wrap = (command: string[]): string[] => command,
  ): Promise<Client> {
    const client = new Client(kernel);
    const ports = await Promise.all(Array.from({ length: 5 }, freePort));
    const [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
    const file = join(temporaryFolder(), 'connection.json');
    const info = { transport: 'tcp', ip: '127.0.0.1', key: client.key, signature_scheme: 'hmac-sha256' };
    writeFileSync(file, JSON.stringify({ ...info, shell_port, iopub_port, stdin_port, control_port, hb_port }));
    client.#started = performance.now();
    const [program = '', ...args] = wrap([process.execPath, ...KERNELS[kernel](file)]);
    client.child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, JPY_PARENT_PID: String(process.pid) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running.add(client.child);
    client.child.once('exit', () => running.delete(client.child));
    client.child.stderr?.on('data', (chunk) => {
      client.stderr += chunk;
    });
    const at = (port: number | undefined) => `tcp://127.0.0.1:${port}`;
    client.#endpoints = { heartbeat: at(hb_port), iopub: at(iopub_port) };
    client.shell.connect(at(shell_port));
    client.control.connect(at(control_port));
    client.stdin.connect(at(stdin_port));
    client.heartbeat.connect(at(hb_port));
    client.#iopub.connect(at(iopub_port));
    client.#iopub.subscribe();
    client.#listen();
    return client;
  }

  #listen(): void {
    const each = async (socket: AsyncIterable<Buffer[]>, use: (received: Received) => void) => {
      for await (const frames of socket) use(parse(frames));
    };
    const reply = (received: Received) => {
      this.received.push(received);
      this.#replies.get(received.parent ?? '')?.(received);
    };
    void each(this.shell, reply);
    void each(this.control, reply);
    void each(this.#iopub, (received) => this.published.push(received));
    void each(this.stdin, (received) => {
      this.received.push(received);
      const value = this.onInput(String(received.content.prompt));
      if (value !== null) void this.stdin.send(this.frames('input_reply', { value }).frames);
    });
  }

  /** @param field JSON of one more field of the header. */
  frames(type: string, content: object, field = 'null'): { id: string; frames: string[] } {
    const id = randomUUID();
    const header = { msg_id: id, msg_type: type, session: this.session, username: 'test', version: '5.3', date: '' };
    const [head = '', ...rest] = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const parts = [`${head.slice(0, -1)},"field":${field}}`, ...rest];
    return { id, frames: [DELIMITER, this.sign(parts), ...parts] };
  }

  sign(parts: readonly string[]): string {
    const hmac = createHmac('sha256', this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  /** Sends a request and returns its id and its reply to come. */
  async send(
    type: string,
    content: object,
    channel: 'shell' | 'control' = 'shell',
  ): Promise<{ id: string; reply: Promise<Received> }> {
    const { id, frames } = this.frames(type, content);
    this.asked.add(id);
    const reply = new Promise<Received>((resolve) => this.#replies.set(id, resolve));
    await this[channel].send(frames);
    return { id, reply };
  }

  /** Milliseconds from the start of the process to its first answer that this client's subscription sees too. */
  async ready(): Promise<number> {
    await this.request('kernel_info_request');
    const ms = performance.now() - this.#started;
    // A subscription takes its time to arrive, on a busy machine longer than a hundred answers: ask until something is published.
    const asking = async () => {
      while (this.published.length === 0) {
        await this.request('kernel_info_request');
        await sleep(5);
      }
    };
    await within('something to be published', asking());
    return ms;
  }

  async request(
    type: string,
    content: object = {},
    channel: 'shell' | 'control' = 'shell',
  ): Promise<Record<string, unknown>> {
    return (await within(`a reply to ${type}`, (await this.send(type, content, channel)).reply)).content;
  }

  /** What was published for a request, once the kernel is idle after it. */
  async publishedFor(id: string): Promise<Received[]> {
    const isEnd = ({ parent, type, content }: Received) =>
      parent === id && type === 'status' && content.execution_state === 'idle';
    await until('the kernel is idle again', () => this.published.some(isEnd));
    return this.published.filter(({ parent }) => parent === id);
  }

  async execute(
    code: string,
    options: object = {},
  ): Promise<{ reply: Record<string, unknown>; published: Received[] }> {
    const { id, reply } = await this.send('execute_request', { code, ...options });
    const { content } = await within('the reply to a cell', reply);
    return { reply: content, published: await this.publishedFor(id) };
  }

  /** What a front end does on Ctrl-C or its stop button, by the way that the kernel's kernelspec names. */
  async interrupt(): Promise<void> {
    if (this.kernel === 'tslab') this.child.kill('SIGINT');
    else await this.request('interrupt_request', {}, 'control');
  }

  /** Sends a cell that prints first; resolves when it has. */
  async going(code: string, options: object = {}): Promise<{ id: string; reply: Promise<Received> }> {
    const sent = await this.send('execute_request', { code, ...options });
    const isHeard = ({ type, parent }: Received) => type === 'stream' && parent === sent.id;
    await until('the cell runs', () => this.published.some(isHeard));
    return sent;
  }

  /** Runs a cell that prints first, interrupts it 0.1 s after it has, and tells what became of it and how long that took. */
  async interrupted(code: string): Promise<{ content: Record<string, unknown>; ms: number }> {
    const { reply } = await this.going(`console.log('runs');\n${code}`, { allow_stdin: false });
    await sleep(100);
    const start = performance.now();
    await this.interrupt();
    const { content } = await within('the interrupted cell', reply, 10_000);
    return { content, ms: performance.now() - start };
  }

  /**
   * Sends rubbish to the heartbeat, then proper ones on the same connection until one comes back. ZeroMQ drops echoes
   * for whoever does not read them in time, the last one too: so the proper one is sent again until its echo is there.
   */
  async disturbHeartbeat(messages: number): Promise<void> {
    const sender = new Dealer(SENDS);
    sender.connect(this.#endpoints.heartbeat);
    for (let i = 0; i < messages; i++) await sender.send([`no envelope ${i}`, Buffer.alloc(i % 100)]);
    let beats = false;
    const listen = async () => {
      while ((await sender.receive()).at(-1)?.toString() !== 'last');
      beats = true;
    };
    const ask = async () => {
      for (; !beats; await sleep(50)) await sender.send(['', 'last']);
    };
    await within('the echo of a heartbeat', Promise.all([listen(), ask()])).finally(() => sender.close());
  }

  /** Sends rubbish to the publisher, then a subscription on the same connection, whose message shows that all was read. */
  async disturbPublisher(messages: number): Promise<void> {
    const sender = new XSubscriber({ linger: 0, sendHighWaterMark: 0 });
    sender.connect(this.#endpoints.iopub);
    for (let i = 0; i < messages; i++) await sender.send(Buffer.from([2 + (i % 254), i % 256]));
    await sender.send(Buffer.from([1]));
    const published = sender.receive();
    let arrived = false;
    published.then(() => {
      arrived = true;
    });
    const ask = async () => {
      while (!arrived) await this.request('kernel_info_request');
    };
    await within('a published message', ask()).finally(() => sender.close());
  }

  /** Asks for a heartbeat. */
  async beat(): Promise<string> {
    await this.heartbeat.send('alive?');
    const [echo] = await this.heartbeat.receive();
    return String(echo);
  }

  /** Resolves with the milliseconds that the process took to exit. */
  async exited(since = performance.now()): Promise<number> {
    await until('the kernel has exited', () => this.child.exitCode !== null || this.child.signalCode !== null);
    return performance.now() - since;
  }

  close(): void {
    for (const socket of [this.shell, this.control, this.stdin, this.heartbeat, this.#iopub]) socket.close();
    this.child.kill('SIGKILL');
  }
}

function parse(frames: Buffer[]): Received {
  const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [header, parent, , content] = frames.slice(at + 2).map((frame) => JSON.parse(frame.toString()));
  return { type: header.msg_type, parent: parent.msg_id, content };
}
