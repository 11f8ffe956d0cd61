type Entry = readonly [session: number, line: number, input: string | readonly [string, string | null]];

const SESSION = 1;
const KEPT_ENTRIES = 10_000;

/** The cells of this kernel's life, for a front end's arrow keys and searches. */
export class History {
  readonly #entries: { line: number; input: string; output: string | null }[] = [];

  add(line: number, input: string, output: string | null): void {
    this.#entries.push({ line, input, output });
    if (this.#entries.length > KEPT_ENTRIES) this.#entries.shift();
  }

  /** The reply to a `history_request` with this content. */
  answer(request: Readonly<Record<string, unknown>>): readonly Entry[] {
    const found = this.#select(request);
    return found.map(({ line, input, output }) => [SESSION, line, request.output === true ? [input, output] : input]);
  }

  #select(
    request: Readonly<Record<string, unknown>>,
  ): readonly { line: number; input: string; output: string | null }[] {
    const last = typeof request.n === 'number' ? request.n : this.#entries.length;
    switch (request.hist_access_type) {
      case 'range': {
        if (request.session !== SESSION && request.session !== 0) return [];
        const { start = 0, stop } = request;
        const end = typeof stop === 'number' ? stop : Number.POSITIVE_INFINITY;
        return this.#entries.filter(({ line }) => line >= Number(start) && line < end);
      }
      case 'search': {
        const pattern = glob(String(request.pattern ?? '*'));
        const matching = this.#entries.filter(({ input }) => pattern.test(input));
        const kept = request.unique === true ? newestOfEach(matching) : matching;
        return newest(kept, last);
      }
      default:
        return newest(this.#entries, last);
    }
  }
}

function newest<T>(entries: readonly T[], count: number): readonly T[] {
  return count > 0 ? entries.slice(-count) : [];
}

function newestOfEach<T extends { input: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ input }, i) => !entries.slice(i + 1).some((later) => later.input === input));
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's');
}
