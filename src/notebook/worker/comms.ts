import { randomUUID } from 'node:crypto';
import { Script } from 'node:vm';
import type { Callback, CallbackError, Comm, CommHost } from '../host';
import type { CommMessage, CommNews } from '../session/protocol';
import { isSigint, settleWatchdog, untilInterrupted } from './interruption';
import { cellShownBelow, forCell, inCallback } from './output';

/** What the comms of this process need of it. */
export interface CommWorld {
  readonly emit: (cell: number, news: CommNews, answers?: number) => void;
  readonly describe: (thrown: unknown) => CallbackError;
  /** Something was scheduled: it runs at the end of the cell or of the messages that are being worked on, or else soon. */
  readonly wake: () => void;
}

interface Open {
  readonly comm: Comm;
  readonly cell: number;
}

/** The comms that code of cells has opened, and what is to run again because of their messages. */
export class Comms implements CommHost {
  readonly #open = new Map<string, Open>();
  /** Callbacks in the order in which they were first asked for; each runs once, however often it was. */
  readonly #scheduled = new Map<Callback, number>();
  /** The message that is being heard: what is said meanwhile answers it. */
  #heard: { readonly question: number; readonly at: number } | undefined;
  #running: Promise<void> | undefined;
  #lastRun = 0;

  constructor(private readonly world: CommWorld) {}

  describe = (thrown: unknown): CallbackError => this.world.describe(thrown);

  open(target: string, data: object, metadata: object = {}): Comm {
    const id = randomUUID().replaceAll('-', '');
    const cell = cellShownBelow();
    const emit = (news: CommNews): void => {
      if (this.#heard) this.world.emit(this.#heard.question, news, this.#heard.at);
      else this.world.emit(cell, news);
    };
    let urgent = false;
    const comm: Comm = {
      id,
      send: (sent) => {
        if (this.#open.has(id)) emit({ type: 'comm_msg', id, data: sent });
      },
      close: () => {
        if (this.#open.delete(id)) emit({ type: 'comm_close', id });
      },
      onMessage: () => {},
      onClose: () => {},
      get urgent() {
        return urgent;
      },
      set urgent(is) {
        urgent = is;
        emit({ type: 'comm_urgent', id, is });
      },
    };
    this.#open.set(id, { comm, cell });
    emit({ type: 'comm_open', id, target, data, metadata });
    return comm;
  }

  schedule(callback: Callback): void {
    if (!this.#scheduled.has(callback)) this.#scheduled.set(callback, cellShownBelow());
    this.world.wake();
  }

  /** Gives the messages of a question to the code that they are for, in order. An error there is the message's own. */
  receive(question: number, messages: readonly CommMessage[]): void {
    for (const [at, { id, data, closes }] of messages.entries()) {
      const open = this.#open.get(id);
      if (!open) continue;
      this.#heard = { question, at };
      try {
        forCell(open.cell, () => {
          if (!closes) return open.comm.onMessage(data);
          this.#open.delete(id);
          open.comm.onClose();
        });
      } finally {
        this.#heard = undefined;
      }
    }
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Resolves when no callback is running. */
  idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  /** Runs what was scheduled, one after the other, also what that schedules. Joins where this is under way. */
  runScheduled(signal: AbortSignal, windUpMs: () => number): Promise<void> {
    this.#running ??= this.#runAll(signal, windUpMs).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAll(signal: AbortSignal, windUpMs: () => number): Promise<void> {
    for (let next = this.#take(); next; next = this.#take()) {
      const [callback, cell] = next;
      this.#lastRun -= 1;
      await inCallback(this.#lastRun, cell, () => this.#run(callback, signal, windUpMs));
    }
  }

  #take(): [Callback, number] | undefined {
    const next = this.#scheduled.entries().next().value;
    if (next) this.#scheduled.delete(next[0]);
    return next;
  }

  async #run({ run, failed }: Callback, signal: AbortSignal, windUpMs: () => number): Promise<void> {
    try {
      const done = stoppable(run);
      if (typeof (done as PromiseLike<unknown> | null)?.then === 'function')
        await untilInterrupted(Promise.resolve(done), signal, windUpMs);
    } catch (thrown) {
      if (isSigint(thrown)) settleWatchdog();
      failed(this.world.describe(thrown));
    }
  }
}

const CALLBACK: unique symbol = Symbol.for('gmm-vae.callback') as never;
const call = new Script("globalThis[Symbol.for('gmm-vae.callback')]()");

/** Calls a function so that an interrupt breaks off a loop in it, as it does in a cell. */
function stoppable(run: () => unknown): unknown {
  (globalThis as { [CALLBACK]?: () => unknown })[CALLBACK] = run;
  return call.runInThisContext({ breakOnSigint: true, displayErrors: false });
}
