import type { Question, WorkerReplies } from './protocol';

interface Pending {
  readonly kind: Question;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** What runs code of cells. */
const STOPPED_BY_INTERRUPT: ReadonlySet<Question> = new Set(['execute', 'comm']);

/** The questions to a process that it has not answered yet, by id. */
export class OpenQuestions {
  readonly #open = new Map<number, Pending>();

  add<K extends Question>(id: number, kind: K): Promise<WorkerReplies[K]> {
    return new Promise((resolve, reject) => {
      this.#open.set(id, { kind, resolve, reject });
    });
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  /** Ids of the cells that run or wait to, and of messages that run code of theirs. */
  cells(): number[] {
    return [...this.#open].flatMap(([id, { kind }]) => (STOPPED_BY_INTERRUPT.has(kind) ? [id] : []));
  }

  resolve(id: number, value: WorkerReplies[Question]): void {
    this.#take(id)?.resolve(value as never);
  }

  reject(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#open.get(id);
    this.#open.delete(id);
    return pending;
  }
}
