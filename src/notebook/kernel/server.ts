import { setTimeout as sleep } from 'node:timers/promises';
import type { CellOutput } from '../session/protocol';
import type { KernelSession } from '../session/session';
import { complete, inspect, text } from './at-cursor';
import { COMM_TYPES, KernelComms } from './comms';
import type { Connection } from './connection';
import { History } from './history';
import { kernelInfo, type Versions } from './kernel-info';
import { type Channel, type Queued, RequestQueue } from './request-queue';
import { Streams } from './streams';
import type { Content, Header, Message, Wire } from './wire';

/** How long the kernel reads after a failed cell, before it tells of the failure. Cells that front ends had sent by then are aborted, and no others. */
const SETTLE_MS = 10;

type Handler = (message: Message) => Promise<Content | undefined> | Content | undefined;

/** Would be of no use behind the cell that they are to end. */
const URGENT = new Set(['interrupt_request', 'shutdown_request']);

/** Speaks Jupyter's messaging protocol 5.3 for a session. Never runs a cell itself, so it always answers. */
export class KernelServer {
  readonly #history = new History();
  readonly #queue = new RequestQueue({
    answer: ({ channel, message }) => this.#answer(channel, message),
    answerComms: (messages) => this.#answerComms(messages),
    abort: (queued) => this.#abort(queued),
  });
  readonly #streams = new Streams((name, text, parent) => this.#send('stream', { name, text }, parent));
  readonly #comms: KernelComms;
  readonly #answers = new Map<string, (line: string | null) => void>();
  #count = 0;
  #stopped: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#stopped = resolve;
  });

  constructor(
    private readonly session: KernelSession,
    private readonly connection: Connection,
    private readonly wire: Wire,
    private readonly versions: Versions,
    /** Finds what the first cell shows on stderr, or null; null itself once it has been asked. */
    private findNote: (() => string | null) | null = null,
  ) {
    this.#comms = new KernelComms(session, (...news) => this.#publish(...news));
    session.onRestart = () => this.#comms.lose();
  }

  /** Serves until a shutdown request. */
  async serve(): Promise<void> {
    this.#publish('status', { execution_state: 'starting' }, null);
    const listening = this.connection.listen({
      shell: (frames) => this.#receive(frames, (message) => this.#dispatch('shell', message)),
      control: (frames) => this.#receive(frames, (message) => this.#dispatch('control', message)),
      stdin: (frames) => this.#receive(frames, (message) => this.#receiveInput(message)),
    });
    await Promise.race([this.#ended, listening]);
  }

  #receive(frames: Buffer[], use: (message: Message) => void): void {
    const message = this.wire.parse(frames);
    if (message) use(message);
  }

  #dispatch(channel: Channel, message: Message): void {
    const type = message.header.msg_type;
    const isComm = COMM_TYPES.has(type);
    // All else on control is answered beside the cells.
    const passes = URGENT.has(type) || this.#comms.isUrgent(message);
    const waits = !passes && (channel === 'shell' || type === 'execute_request' || isComm);
    if (!waits && isComm) void this.#answerComms([message], true);
    else if (!waits) void this.#answer(channel, message);
    else this.#queue.add({ channel, message });
  }

  /** Front ends send the next move when the last one is done: each message has its own busy and idle. */
  async #answerComms(messages: readonly Message[], urgent = false): Promise<void> {
    for (const { header } of messages) this.#publish('status', { execution_state: 'busy' }, header);
    // What ends them all, the end of the process, is told where the cells are.
    await this.#comms.receive(messages, urgent).catch(() => {});
    for (const { header } of messages) this.#publish('status', { execution_state: 'idle' }, header);
  }

  async #answer(channel: Channel, message: Message): Promise<void> {
    const { header } = message;
    this.#publish('status', { execution_state: 'busy' }, header);
    try {
      const type = header.msg_type;
      const content = Object.hasOwn(this.#handlers, type) ? await this.#handlers[type]?.(message) : undefined;
      if (content) this.#reply(channel, message, content);
    } catch (error) {
      const { name, message: text } = error as Error;
      this.#reply(channel, message, { status: 'error', ename: name, evalue: text, traceback: [text] });
    } finally {
      this.#publish('status', { execution_state: 'idle' }, header);
    }
    if (header.msg_type === 'shutdown_request') this.#stopped();
  }

  #reply(channel: Channel, { header, identities }: Message, content: Content): void {
    const type = header.msg_type.replace(/_request$/, '_reply');
    this.connection[channel].send(this.wire.frames(type, content, header, identities));
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    kernel_info_request: () => kernelInfo(this.versions),
    execute_request: (message) => this.#execute(message),
    complete_request: ({ content }) => complete(this.session, content),
    inspect_request: ({ content }) => inspect(this.session, content),
    is_complete_request: async ({ content }) => ({ ...(await this.session.isComplete(text(content.code))) }),
    history_request: ({ content }) => ({ status: 'ok', history: this.#history.answer(content) }),
    comm_info_request: ({ content }) => ({ status: 'ok', comms: this.#comms.info(content.target_name) }),
    connect_request: () => ({ status: 'ok', ...this.connection.ports }),
    interrupt_request: async () => {
      await this.session.interrupt();
      return { status: 'ok' };
    },
    shutdown_request: ({ content }) => {
      this.session.close();
      return { status: 'ok', restart: content.restart === true };
    },
  };

  async #execute({ content, header, identities }: Message): Promise<Content> {
    const code = text(content.code);
    const silent = content.silent === true;
    const store = content.store_history !== false && !silent;
    if (store) this.#count += 1;
    const count = this.#count;
    if (!silent) this.#publish('execute_input', { code, execution_count: count }, header);
    let result: string | null = null;
    const running = this.session.execute(code, {
      count,
      silent,
      userExpressions: (content.user_expressions ?? {}) as Record<string, string>,
      onOutput: (output) => {
        if (output.type === 'execute_result') result = String(output.data['text/plain'] ?? '');
        if (!silent) this.#publishOutput(output, count, header);
      },
      onComm: (news) => this.#comms.tell(news, header),
      ...(content.allow_stdin === true && {
        onInput: (prompt: string, password: boolean) => this.#ask(prompt, password, header, identities),
      }),
    });
    // While the cell is compiled in its own process: nothing of it is heard before.
    if (!silent) this.#showNote(count, header);
    const reply = await running;
    if (store) this.#history.add(count, code, result);
    if (reply.status === 'ok') {
      const { payload, userExpressions } = reply;
      return { status: 'ok', execution_count: count, payload, user_expressions: userExpressions };
    }
    if (content.stop_on_error !== false) {
      await sleep(SETTLE_MS);
      this.#queue.doomCells();
    }
    const { ename, evalue, traceback } = reply;
    return { status: 'error', execution_count: count, ename, evalue, traceback, payload: [], user_expressions: {} };
  }

  #showNote(count: number, parent: Header): void {
    const note = this.findNote?.() ?? null;
    this.findNote = null;
    if (note !== null)
      this.#publishOutput({ type: 'stream', name: 'stderr', text: `gmm-vae: ${note}\n` }, count, parent);
  }

  #abort({ channel, message }: Queued): void {
    const { header } = message;
    this.#publish('status', { execution_state: 'busy' }, header);
    // Without a number: front ends would show it as that of a cell that ran.
    this.#reply(channel, message, { status: 'aborted' });
    this.#publish('status', { execution_state: 'idle' }, header);
  }

  #publishOutput(output: CellOutput, count: number, parent: Header): void {
    const { type, ...rest } = output;
    if (output.type === 'stream') this.#streams.add(output.name, output.text, parent);
    else if (type === 'execute_result') this.#publish(type, { ...rest, execution_count: count }, parent);
    else if (type === 'display_data' || type === 'update_display_data') {
      const { displayId, ...content } = rest as { displayId?: string };
      const transient = displayId === undefined ? {} : { display_id: displayId };
      this.#publish(type, { ...content, transient }, parent);
    } else this.#publish(type, rest, parent);
  }

  /** Asks the front end that sent the cell for a line of input. */
  #ask(prompt: string, password: boolean, parent: Header, identities: readonly Buffer[]): Promise<string | null> {
    this.connection.stdin.send(this.wire.frames('input_request', { prompt, password }, parent, identities));
    return new Promise((resolve) => this.#answers.set(parent.session, resolve));
  }

  #receiveInput({ header, content }: Message): void {
    if (header.msg_type !== 'input_reply') return;
    this.#answers.get(header.session)?.(typeof content.value === 'string' ? content.value : null);
    this.#answers.delete(header.session);
  }

  #publish(type: string, content: object, parent: Header | null, metadata?: object): void {
    this.#streams.flush();
    this.#send(type, content, parent, metadata);
  }

  #send(type: string, content: object, parent: Header | null, metadata?: object): void {
    this.connection.iopub.send(this.wire.frames(type, content, parent, [Buffer.from(type)], metadata));
  }
}
