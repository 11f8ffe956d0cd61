import { syncBuiltinESMExports } from 'node:module';
import readline from 'node:readline';
import promises from 'node:readline/promises';
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { cellOfCaller, forCell, INTERRUPTED } from './output';

/** How the process reaches the user. */
export interface Person {
  /** The cell that runs, and may ask; undefined between two of them. */
  running(): number | undefined;
  allowed(): boolean;
  /** Waits for a line; null: there is no more. Throws INTERRUPTED. */
  ask(prompt: string): string | null;
  /** Ends a cell that waits for a line that will never come. */
  fail(cell: number, error: Error): unknown;
}

const REFUSED = 'process.stdin: this front end does not answer questions (allow_stdin is false)';
const TOO_LATE = 'process.stdin: only the cell that runs may ask, and the one that wants this line has ended';

type Interface = readline.Interface & { readonly terminal?: boolean };
type Question = (query: string, ...rest: unknown[]) => unknown;

/** A question that `readline` has asked for a cell. */
interface Open {
  readonly cell: number;
  readonly prompt: string;
}

/**
 * Stands in for `process.stdin`: a line is asked for when code of the running cell wants one, never ahead. Streams read
 * ahead, and a `readline` interface that nobody closes reads for ever; neither says that somebody waits.
 */
class Input extends Readable {
  readonly #person: Person;
  readonly #interfaces = new Map<Interface, number>();
  #questions: readonly Open[] = [];
  #listener: number | undefined;
  #attaching = false;
  #wanted = false;
  #planned = false;
  wasInterrupted = false;

  constructor(person: Person) {
    super({ highWaterMark: 1 });
    this.#person = person;
    this.on('newListener', (name) => {
      if (!this.#attaching && (name === 'data' || name === 'readable')) this.#listener = cellOfCaller();
      this.plan();
    });
    this.on('resume', () => this.plan());
  }

  override _read(): void {
    this.#wanted = true;
    this.plan();
  }

  /** Looks after what else the code does in this turn whether anybody waits for a line. */
  plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      const cell = this.waiting();
      if (cell !== undefined) this.#ask(cell);
    });
  }

  /** The cell whose code waits for a line. */
  waiting(): number | undefined {
    if (!this.#wanted || this.destroyed || (this.readableFlowing === false && this.listenerCount('readable') === 0)) {
      return undefined;
    }
    const [question] = this.#questions;
    if (question) return question.cell;
    for (const [one, cell] of this.#interfaces) if (one.listenerCount('line') > 0 || one.terminal) return cell;
    const own = this.listenerCount('data') + this.listenerCount('readable') - this.#interfaces.size;
    return own > 0 ? this.#listener : undefined;
  }

  /** Has `readline` make an interface, and follows what it asks. */
  attach<T extends Interface>(create: () => T, echoes: boolean): T {
    this.#attaching = true;
    const made = create();
    this.#attaching = false;
    this.#interfaces.set(made, cellOfCaller());
    made.once('close', () => this.#interfaces.delete(made));
    made.on('newListener', (name) => {
      if (name === 'line') this.#interfaces.set(made, cellOfCaller());
      this.plan();
    });
    const question = made.question.bind(made) as Question;
    const ask: Question = (query, ...rest) => {
      if (!this.#person.allowed()) throw new Error(REFUSED);
      const open: Open = { cell: cellOfCaller(), prompt: echoes ? query : '' };
      const close = (): void => {
        this.#questions = this.#questions.filter((one) => one !== open);
      };
      this.#questions = [...this.#questions, open];
      this.plan();
      const answer = rest.at(-1);
      // The front end shows the question beside the line, so it is not printed as well.
      if (typeof answer !== 'function')
        return (question(echoes ? '' : query, ...rest) as Promise<string>).finally(close);
      return question(echoes ? '' : query, ...rest.slice(0, -1), (line: string) => {
        close();
        answer(line);
      });
    };
    const inPromise = (query: string): Promise<string> => new Promise((resolve) => ask(query, resolve));
    made.question = Object.assign(ask, { [promisify.custom]: inPromise }) as typeof made.question;
    return made;
  }

  #ask(cell: number): void {
    const isLate = cell !== this.#person.running();
    if (isLate || !this.#person.allowed()) {
      forCell(cell, () => this.#person.fail(cell, new Error(isLate ? TOO_LATE : REFUSED)));
      // Nor is anybody else to wait for it.
      return void this.destroy();
    }
    let line: string | null;
    try {
      line = forCell(cell, () => this.#person.ask(this.#questions[0]?.prompt ?? ''));
    } catch (error) {
      if (error !== INTERRUPTED) throw error;
      // What the cell had asked is no longer wanted.
      this.wasInterrupted = true;
      return void this.destroy();
    }
    this.#wanted = false;
    this.push(line === null ? null : `${line}\n`);
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

/** Gives cells a `process.stdin` that asks the user at the front end, by itself or through `readline`. */
export class Stdin {
  #input: Input;

  constructor(private readonly person: Person) {
    this.#input = new Input(person);
    Object.defineProperty(process, 'stdin', { configurable: true, enumerable: true, get: () => this.#current() });
    for (const module of [readline, promises] as { createInterface: (...args: never[]) => Interface }[]) {
      const create = module.createInterface as (...args: unknown[]) => Interface;
      module.createInterface = (...args: unknown[]) => {
        const { input, output } = inputOf(args);
        if (!(input instanceof Input)) return create(...args);
        return input.attach(() => create(...args), output === process.stdout || output === process.stderr);
      };
    }
    syncBuiltinESMExports();
  }

  /**
   * Resolves when a cell that has run to its end waits for no more lines, such as in a callback of `question`. Returns
   * whether the user has interrupted that.
   */
  async finish(cell: number): Promise<boolean> {
    do {
      await turn();
      await turn();
    } while (this.#input.waiting() === cell && this.person.allowed());
    return this.#input.wasInterrupted;
  }

  /** After the end of the input, or an interrupt, the next one begins. */
  #current(): Input {
    if (this.#input.destroyed || this.#input.readableEnded) this.#input = new Input(this.person);
    return this.#input;
  }
}

function inputOf(args: readonly unknown[]): { input?: unknown; output?: unknown } {
  const [first, output] = args;
  const isOptions = typeof first === 'object' && first !== null && 'input' in first;
  return isOptions ? (first as { input?: unknown; output?: unknown }) : { input: first, output };
}
