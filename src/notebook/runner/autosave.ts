/** Longest time for which an output is only in memory. */
const SAVE_MS = 500;

/** Writes what has changed: after every cell, and now and then within a long one. */
export class Saver {
  #waiting: NodeJS.Timeout | undefined;

  constructor(readonly write: () => void) {}

  /** Saves within a long cell, so that a run that is killed leaves what it had shown. */
  soon(): void {
    this.#waiting ??= setTimeout(() => this.now(), SAVE_MS);
  }

  /** Why the notebook could not be written. A disk may have room again at the next try, so only the try after a cell counts. */
  now(): Error | undefined {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    try {
      this.write();
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }
}
