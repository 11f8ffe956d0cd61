import { WORTH_THREADS_MS } from './thread-count';

/** Milliseconds of work before its rate is believed: the first portions are slower, they compile. */
const FIRST_MS = 30;

/** How fast work in place goes, and so whether what is left of it is worth starting threads for. */
export class Throughput {
  private readonly started: number;
  private last: { readonly at: number; readonly done: number };
  /** Milliseconds per unit, of the fastest portion so far: others shared the machine, or compiled. */
  private perUnit = Infinity;

  constructor(private readonly now: () => number) {
    this.started = now();
    this.last = { at: this.started, done: 0 };
  }

  /** Asked after each portion: true once the units from `done` to `all` would take `WORTH_THREADS_MS` at least. */
  threadsPay(done: number, all: number): boolean {
    const at = this.now();
    if (done > this.last.done) {
      this.perUnit = Math.min(this.perUnit, (at - this.last.at) / (done - this.last.done));
      this.last = { at, done };
    }
    return at - this.started >= FIRST_MS && done > 0 && (all - done) * this.perUnit >= WORTH_THREADS_MS;
  }
}
