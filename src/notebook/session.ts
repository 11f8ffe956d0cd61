import type { Writable } from 'node:stream';
import {
  type CellError,
  type CellOutput,
  type ExecuteReply,
  INPUT_FD,
  type Question,
  type WorkerEvent,
  type WorkerQuestions,
  type WorkerReplies,
} from './protocol';
import { KernelDied, KernelRestarted, startWorker, type Worker, type WorkerOptions } from './worker-process';

/** An interrupt that has not stopped a cell by then is carried out by replacing its process. */
const STOP_MS = 1200;
const KEPT_SINKS = 256;

export interface ExecuteOptions {
  readonly count: number;
  readonly silent?: boolean;
  readonly userExpressions?: Readonly<Record<string, string>>;
  /** Receives everything the cell shows, also long after it has ended. */
  readonly onOutput: (output: CellOutput) => void;
  /** Answers `prompt()`; without it, asking is an error. */
  readonly onInput?: (prompt: string, password: boolean) => Promise<string | null>;
}

export interface SessionOptions extends WorkerOptions {
  /** How long an interrupted cell may take to stop before its process is replaced. */
  readonly stopMs?: number;
}

interface Pending {
  readonly kind: Question;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The kernel's memory and hands: one process in which the cells of a notebook run. It is a process of its own because a
 * loop after an `await` can only be stopped from outside. Jupyter's kernel and `runNotebook` both use this class.
 */
export class KernelSession {
  readonly #options: SessionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #sinks = new Map<number, ExecuteOptions>();
  #worker: Worker;
  #lastId = 0;
  #closed = false;

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
    const oldest = this.#sinks.keys().next().value;
    if (this.#sinks.size > KEPT_SINKS && oldest !== undefined) this.#sinks.delete(oldest);
    try {
      const { count, silent = false, userExpressions = {} } = options;
      const allowStdin = options.onInput !== undefined;
      return await this.#ask('execute', { code, count, silent, userExpressions, allowStdin }, id);
    } catch (error) {
      const lost = cellError(error as Error);
      options.onOutput({ type: 'error', ...lost });
      const restarted = error instanceof KernelDied || error instanceof KernelRestarted;
      return { status: 'error', ...(restarted && { restarted }), ...lost };
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

  /** Stops the running cell, at the price of the variables if it stops no other way. */
  async interrupt(): Promise<void> {
    const worker = this.#worker;
    const running = this.#running();
    if (running.length === 0 || !worker.isReady) return;
    worker.child.kill('SIGINT');
    const stopMs = this.#options.stopMs ?? STOP_MS;
    const timer = setTimeout(() => {
      if (this.#running().some((id) => running.includes(id))) this.restart(new KernelRestarted(stopMs));
    }, stopMs);
    timer.unref();
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

  #running(): number[] {
    return [...this.#pending].flatMap(([id, { kind }]) => (kind === 'execute' ? [id] : []));
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
    const reply = new Promise<WorkerReplies[K]>((resolve, reject) => {
      this.#pending.set(id, { kind, resolve, reject });
    });
    // One that never came up is tried again when it is next needed, not at once and for ever.
    if (!this.#worker.isReady && this.#worker.child.exitCode !== null) this.#worker = this.#start();
    const worker = this.#worker;
    // A process that does not come up rejects the reply when it exits.
    worker.ready.then(() => worker.child.connected && worker.child.send({ kind, id, ...content })).catch(() => {});
    return reply;
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #start(): Worker {
    const worker = startWorker(this.#options, (event) => this.#receive(event));
    worker.child.once('exit', (code, signal) => {
      if (worker.abandoned) return;
      this.#fail(new KernelDied(code, signal, worker.lastWords()));
      if (worker.isReady) this.#worker = this.#start();
    });
    // Errors of native code and of Node itself bypass the worker's own streams.
    for (const name of ['stdout', 'stderr'] as const) {
      worker.child[name]?.on('data', (chunk: Buffer) => {
        const sink = [...this.#sinks.values()].at(-1);
        sink?.onOutput({ type: 'stream', name, text: chunk.toString() });
      });
    }
    return worker;
  }

  #receive(event: WorkerEvent): void {
    if (event.kind === 'output') this.#sinks.get(event.cell)?.onOutput(event.output);
    else if (event.kind === 'input') this.#answer(event.cell, event.prompt, event.password);
    else if (event.kind === 'reply') {
      const pending = this.#pending.get(event.id);
      this.#pending.delete(event.id);
      pending?.resolve(event.value as never);
    } else if (event.kind === 'failure') {
      const pending = this.#pending.get(event.id);
      this.#pending.delete(event.id);
      pending?.reject(new Error(event.message));
    }
  }

  async #answer(cell: number, prompt: string, password: boolean): Promise<void> {
    const line = await this.#sinks
      .get(cell)
      ?.onInput?.(prompt, password)
      .catch(() => null);
    const input = this.#worker.child.stdio[INPUT_FD] as Writable | undefined;
    input?.write(`${JSON.stringify(line ?? null)}\n`);
  }
}

function cellError(error: Error): CellError {
  return {
    ename: error.name,
    evalue: error.message,
    traceback: [`\u001b[31m${error.name}\u001b[0m: ${error.message}`],
  };
}
