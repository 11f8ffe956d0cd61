import type { Comms } from './comms';

/** How the cell or the message that is being worked on is told to end. */
export class Interrupt {
  #controller = new AbortController();
  /** Whether code of the running cell has asked for the signal, and so may end in good order by itself. */
  #isUsed = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The signal, for code of a cell. */
  handOut(): AbortSignal {
    this.#isUsed = true;
    return this.signal;
  }

  /** The time that awaited code has after an interrupt to wind up by itself before the cell is ended without it. */
  readonly windUpMs = (): number => (this.#isUsed ? 1200 : 300);

  /** Makes a new signal for what begins now. */
  renew(): void {
    this.#controller = new AbortController();
    this.#isUsed = false;
  }

  abort(): void {
    this.#controller.abort(new DOMException('the cell was interrupted', 'AbortError'));
  }
}

/** Works on one cell or message at a time, and then on what that has scheduled. */
export class Foreground {
  /** How many cells and messages are being worked on. */
  #busy = 0;

  constructor(
    private readonly comms: Comms,
    private readonly interrupt: Interrupt,
  ) {}

  async work<T>(work: () => Promise<T> | T): Promise<T> {
    const { comms, interrupt } = this;
    this.#busy += 1;
    const wasInterrupted = interrupt.signal.aborted;
    try {
      // Begins at once where nothing runs: an interrupt may have come in the same piece of input, and must find the cell begun.
      if (comms.isRunning) await comms.idle();
      const told = !wasInterrupted && interrupt.signal.aborted;
      interrupt.renew();
      // What came while this waited is meant for it too.
      if (told) interrupt.abort();
      return await work();
    } finally {
      await comms.runScheduled(interrupt.signal, interrupt.windUpMs);
      this.#busy -= 1;
    }
  }

  /** Runs what was scheduled outside of any cell or message, by a timer say. */
  readonly runUnasked = (): void => {
    if (this.#busy === 0) void this.comms.runScheduled(this.interrupt.signal, this.interrupt.windUpMs);
  };
}
