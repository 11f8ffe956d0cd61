/** A cell that has run, or a module that one has loaded. */
export interface Home {
  /** What was run, as its functions write themselves. */
  readonly code: string;
  readonly isModule: boolean;
}

/** Cells and modules whose code is kept. */
const REMEMBERED = 1000;

/** Knows which cell a function comes from, and which cell declared a name last. Keeps no cell's variables alive. */
export class Homes {
  readonly #ran: Home[] = [];
  readonly #declared = new Map<string, Home>();

  /** A cell begins, or a module that it loads. */
  begin(home: Home): void {
    this.#ran.push(home);
    if (this.#ran.length > REMEMBERED) this.#ran.shift();
  }

  /** The cell that began last declares these names. */
  declare(names: readonly string[]): void {
    const home = this.#ran.at(-1);
    if (home) for (const name of names) this.#declared.set(name, home);
  }

  /**
   * The cell that a function with this text comes from: the one that runs, else the only one that has it, run once or again. Null where
   * there is none, or where it is in modules or in cells that differ.
   */
  of(text: string): Home | null {
    const homes = this.#ran.filter(({ code }) => code.includes(text));
    const last = homes.at(-1);
    if (last === undefined || last.isModule) return null;
    const isRunning = last === this.#ran.at(-1);
    return isRunning || homes.every(({ code }) => code === last.code) ? last : null;
  }

  /** Whether the name of the notebook is still what this cell declared. */
  isLatest(home: Home, name: string): boolean {
    return this.#declared.get(name) === home;
  }
}
