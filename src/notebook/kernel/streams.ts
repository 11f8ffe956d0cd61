import type { Header } from './wire';

/** Front ends drop what comes in more than some thousand messages: a burst of prints becomes a few messages a second. */
const JOIN_MS = 25;
const JOIN_CHARACTERS = 64 * 1024;

interface Held {
  readonly name: string;
  readonly parent: Header;
  parts: string[];
  length: number;
}

/** Joins what one cell prints in quick succession to one stream. */
export class Streams {
  #held: Held | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly publish: (name: string, text: string, parent: Header) => void) {}

  add(name: string, text: string, parent: Header): void {
    if (this.#held && (this.#held.name !== name || this.#held.parent !== parent)) this.flush();
    this.#held ??= { name, parent, parts: [], length: 0 };
    this.#held.parts.push(text);
    this.#held.length += text.length;
    if (this.#held.length > JOIN_CHARACTERS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), JOIN_MS);
  }

  /** Sends what is held; to be called before anything else is published, so that order is kept. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = undefined;
    if (held) this.publish(held.name, held.parts.join(''), held.parent);
  }
}
