import type { Writable } from 'node:stream';
import { nth } from '../../nth';
import { OpenQuestions } from './open-questions';
import {
  type Answer,
  type CellError,
  type CellOutput,
  type CommMessage,
  type CommNews,
  type ExecuteReply,
  INPUT_FD,
  type Question,
  type WorkerEvent,
  type WorkerQuestions,
  type WorkerReplies,
} from './protocol';
import {
  Interrupted,
  KernelDied,
  KernelRestarted,
  startWorker,
  type Worker,
  type WorkerOptions,
  whenOver,
} from './worker-process';

/** How long an interrupt has to stop the cell. Then the process is replaced, so that everything ends within 2 s. */
const STOP_MS = 1700;
/** The compiler ends by itself, after seconds on a slow machine; one that takes longer than this counts as endless. */
const COMPILE_MS = 10_000;
/** Cells whose late output still finds its way to them. */
const KEPT_SINKS = 10_000;

export interface ExecuteOptions {
  readonly count: number;
  readonly silent?: boolean;
  readonly userExpressions?: Readonly<Record<string, string>>;
  /** Receives everything the cell shows, also long after it has ended. */
  readonly onOutput: (output: CellOutput) => void;
  /** Receives what the cell says over comms, also long after it has ended. Without it, nobody is told. */
  readonly onComm?: (news: CommNews) => void;
  /** Answers `prompt()`; without it, asking is an error. */
  readonly onInput?: (prompt: string, password: boolean) => Promise<string | null>;
}

export interface SessionOptions extends WorkerOptions {
  /** How long an interrupted cell may take to stop before its process is replaced. */
  readonly stopMs?: number;
  /** How long the compiler is waited for besides. */
  readonly compileMs?: number;
}

/**
 * The kernel's memory and hands: one process in which the cells of a notebook run. It is a process of its own because a
 * loop after an `await` can only be stopped from outside. Jupyter's kernel and `runNotebook` both use this class.
 */
export class KernelSession {
  readonly #options: SessionOptions;
  readonly #questions = new OpenQuestions();
  readonly #answers = new Map<number, (news: CommNews, at: number) => void>();
  readonly #sinks = new Map<number, ExecuteOptions>();
  #newest: ExecuteOptions | undefined;
  #worker: Worker;
  /** When the compiler last ended; infinite while it is what holds the process up. */
  #freeSince = 0;
  /** What `prompt()` waits to be told. */
  #prompted: object | undefined;
  /** The end of a process between two cells, until a cell has been told that its variables are gone. */
  #loss: KernelDied | undefined;
  #lastId = 0;
  #closed = false;

  /** Called when the process is replaced: all that it knew is gone. */
  onRestart: () => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#worker = this.#start();
  }

  /** Resolves when cells can run; rejects when the process does not come up. */
  ready(): Promise<void> {
    return this.#worker.ready;
  }

  /** Runs one cell. Never rejects: a crash of the process is an error of the cell. */
  async execute(code: string, options: ExecuteOptions): Promise<ExecuteReply> {
    const id = this.#nextId();
    this.#sinks.set(id, options);
    if (!options.silent) this.#newest = options;
    const oldest = this.#sinks.keys().next().value;
    if (this.#sinks.size > KEPT_SINKS && oldest !== undefined) this.#sinks.delete(oldest);
    try {
      if (this.#loss) throw this.#loss;
      const { count, silent = false, userExpressions = {} } = options;
      const allowStdin = options.onInput !== undefined;
      return await this.#ask('execute', { code, count, silent, userExpressions, allowStdin }, id);
    } catch (error) {
      this.#loss = undefined;
      const lost = cellError(error as Error);
      options.onOutput({ type: 'error', ...lost });
      const restarted = error instanceof KernelDied || error instanceof KernelRestarted;
      return { status: 'error', ...(restarted && { restarted }), ...lost };
    }
  }

  /** Delivers messages of the front end, and waits for what they have computed. An urgent one passes a running cell. */
  async comm(
    messages: readonly CommMessage[],
    options: { readonly urgent: boolean; readonly onAnswer: (news: CommNews, message: CommMessage) => void },
  ): Promise<void> {
    const id = this.#nextId();
    const { urgent, onAnswer } = options;
    this.#answers.set(id, (news, at) => onAnswer(news, nth(messages, at)));
    try {
      await this.#ask('comm', { messages, urgent }, id);
    } finally {
      this.#answers.delete(id);
    }
  }

  complete(code: string, cursor: number): Promise<WorkerReplies['complete']> {
    return this.#ask('complete', { code, cursor });
  }

  inspect(code: string, cursor: number): Promise<WorkerReplies['inspect']> {
    return this.#ask('inspect', { code, cursor });
  }

  isComplete(code: string): Promise<WorkerReplies['isComplete']> {
    return this.#ask('isComplete', { code });
  }

  /** What goes on between two cells, which none awaits: `a timer`, `a thread`. */
  unfinished(): Promise<WorkerReplies['unfinished']> {
    return this.#ask('unfinished', {});
  }

  /** Stops the running cell, or late code that holds the process up, at the price of the variables if it stops no other way. */
  async interrupt(): Promise<void> {
    if (!this.#worker.isReady) return this.#takeBack();
    const running = this.#questions.cells();
    if (this.#prompted) this.#reply({ line: null, interrupted: true });
    else if (running.length > 0) this.#worker.child.kill('SIGINT');
    const id = this.#nextId();
    this.#ask('interrupt', {}, id).catch(() => {});
    this.#stopWhatIsLeft([...running, id], performance.now());
  }

  /** Replaces the process unless these questions are answered in time, counted from `start` or from where the compiler ends. */
  #stopWhatIsLeft(asked: readonly number[], start: number): void {
    if (!asked.some((id) => this.#questions.has(id))) return;
    const { stopMs = STOP_MS, compileMs = COMPILE_MS } = this.#options;
    const now = performance.now();
    const left = Math.min(Math.max(start, this.#freeSince), start + compileMs) + stopMs - now;
    if (left > 0) {
      setTimeout(() => this.#stopWhatIsLeft(asked, start), Math.min(left, stopMs)).unref();
      return;
    }
    const reason = new KernelRestarted(now - start);
    if (this.#questions.cells().length === 0) this.#showUnasked(reason);
    this.restart(reason);
  }

  /** Replaces the process; cells that wait for it end with `reason`. */
  restart(reason: Error = new KernelRestarted(0)): void {
    const old = this.#worker;
    old.abandoned = true;
    this.#fail(reason);
    old.child.kill('SIGKILL');
    this.#worker = this.#start();
  }

  close(): void {
    this.#closed = true;
    this.#worker.abandoned = true;
    this.#fail(new Error('the kernel was shut down'));
    this.#worker.child.kill('SIGKILL');
  }

  /** Ends the cells that wait for a process to come up, before they are sent to it. */
  #takeBack(): void {
    for (const id of this.#questions.cells()) this.#questions.reject(id, new Interrupted());
  }

  /** Where no cell waits that could be told, the one that ran last is where people look. */
  #showUnasked(error: Error): void {
    this.#newest?.onOutput({ type: 'error', ...cellError(error) });
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  async #ask<K extends Question>(
    kind: K,
    content: WorkerQuestions[K],
    id: number = this.#nextId(),
  ): Promise<WorkerReplies[K]> {
    if (this.#closed) throw new Error('the kernel was shut down');
    const reply = this.#questions.add(id, kind);
    // One that never came up is tried again when it is next needed, not at once and for ever.
    if (!this.#worker.isReady && hasEnded(this.#worker)) this.#worker = this.#start();
    const { child, ready } = this.#worker;
    // What cannot be sent, also because no process comes up, is an error of this question.
    ready
      .then(() => this.#questions.has(id) && child.connected && child.send({ kind, id, ...content }))
      .catch((error: Error) => this.#questions.reject(id, error));
    return reply;
  }

  #fail(error: Error): void {
    this.#prompted = undefined;
    this.#questions.rejectAll(error);
  }

  #start(): Worker {
    this.#freeSince = 0;
    this.onRestart();
    const worker = startWorker(this.#options, {
      receive: (event) => this.#receive(event),
      print: (name, text) => this.#newest?.onOutput({ type: 'stream', name, text }),
    });
    whenOver(worker.child, (code, signal) => {
      if (worker.abandoned) return;
      const died = new KernelDied(code, signal, worker.lastWords());
      if (worker.isReady && this.#questions.cells().length === 0) {
        this.#loss = died;
        this.#showUnasked(died);
      }
      this.#fail(died);
      if (worker.isReady) this.#worker = this.#start();
    });
    return worker;
  }

  #receive(event: WorkerEvent): void {
    if (event.kind === 'output') (this.#sinks.get(event.cell) ?? this.#newest)?.onOutput(event.output);
    else if (event.kind === 'comm' && event.answers !== undefined)
      this.#answers.get(event.cell)?.(event.news, event.answers);
    else if (event.kind === 'comm') this.#sinks.get(event.cell)?.onComm?.(event.news);
    else if (event.kind === 'compiling') this.#freeSince = event.now ? Number.POSITIVE_INFINITY : performance.now();
    else if (event.kind === 'input') this.#answer(event.cell, event.prompt, event.password);
    else if (event.kind === 'reply') this.#questions.resolve(event.id, event.value);
    else if (event.kind === 'failure') this.#questions.reject(event.id, new Error(event.message));
  }

  async #answer(cell: number, prompt: string, password: boolean): Promise<void> {
    const question = {};
    this.#prompted = question;
    const line = await this.#sinks
      .get(cell)
      ?.onInput?.(prompt, password)
      .catch(() => null);
    // An interrupt may have been the answer, and the process another one by now.
    if (this.#prompted === question) this.#reply({ line: line ?? null });
  }

  #reply(answer: Answer): void {
    this.#prompted = undefined;
    const input = this.#worker.child.stdio[INPUT_FD] as Writable | undefined;
    input?.write(`${JSON.stringify(answer)}\n`);
  }
}

function hasEnded({ child }: Worker): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function cellError(error: Error): CellError {
  return {
    ename: error.name,
    evalue: error.message,
    traceback: [`\u001b[31m${error.name}\u001b[0m: ${error.message}`],
  };
}
