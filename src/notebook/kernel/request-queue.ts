import { COMM_TYPES } from './comms';
import type { Message } from './wire';

export type Channel = 'shell' | 'control';

export interface Queued {
  readonly channel: Channel;
  readonly message: Message;
}

/** What the server does with a request whose turn it is. */
interface Turns {
  answer(queued: Queued): Promise<void>;
  /** Messages of comms that came one after the other. */
  answerComms(messages: readonly Message[]): Promise<void>;
  abort(queued: Queued): void;
}

/** One cell at a time, whichever way it comes, and in line with them what runs code of cells. */
export class RequestQueue {
  #waiting: Queued[] = [];
  /** What a failed cell aborts, once it has been answered itself. */
  #doomed: Queued[] = [];
  #busy = false;

  constructor(private readonly turns: Turns) {}

  add(queued: Queued): void {
    this.#waiting.push(queued);
    if (!this.#busy) void this.#work();
  }

  /** Aborts the cells that wait, once the one that runs has been answered. */
  doomCells(): void {
    const isCell = ({ message }: Queued): boolean => message.header.msg_type === 'execute_request';
    this.#doomed = this.#waiting.filter(isCell);
    this.#waiting = this.#waiting.filter((queued) => !isCell(queued));
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (isOfComm(next)) await this.turns.answerComms([next.message, ...this.#takeComms()]);
      else await this.turns.answer(next);
      for (const doomed of this.#doomed.splice(0)) this.turns.abort(doomed);
    }
    this.#busy = false;
  }

  /** The messages of comms that wait next, up to a cell or a question. */
  #takeComms(): Message[] {
    const end = this.#waiting.findIndex((queued) => !isOfComm(queued));
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end).map(({ message }) => message);
  }
}

const isOfComm = ({ message }: Queued): boolean => COMM_TYPES.has(message.header.msg_type);
