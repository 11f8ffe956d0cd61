import { AsyncLocalStorage } from 'node:async_hooks';
import { readSync, writeSync } from 'node:fs';
import { type Answer, type CellOutput, EVENT_FD, INPUT_FD, type WorkerEvent } from '../session/protocol';
import { wellFormedJson } from '../well-formed';

/** Events leave by a blocking write, so that everything before a crash or an endless loop has arrived. */
export function emit(event: WorkerEvent): void {
  // On a line of its own, whatever a cell has written to this descriptor.
  const bytes = Buffer.from(`\n${wellFormedJson(event)}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(EVENT_FD, bytes, written);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') continue;
      process.exit(code === 'EPIPE' ? 0 : 1);
    }
  }
}

/** Runs the compiler, and tells the session so. An interrupt then waits, since the compiler ends by itself. */
export function compiling<T>(work: () => T): T {
  emit({ kind: 'compiling', now: true });
  try {
    return work();
  } finally {
    emit({ kind: 'compiling', now: false });
  }
}

const cellOfThisCode = new AsyncLocalStorage<number>();
let newestCell = 0;

/** Runs a cell's code so that whatever it starts, however late it prints, prints below that cell. */
export function inCell<T>(cell: number, body: () => T): T {
  newestCell = cell;
  return cellOfThisCode.run(cell, body);
}

/** Does something in the name of a cell that may have ended. */
export function forCell<T>(cell: number, body: () => T): T {
  return cellOfThisCode.run(cell, body);
}

/** The cell to whose code this call goes back, however late. */
export function cellOfCaller(): number {
  return cellOfThisCode.getStore() ?? newestCell;
}

/** Callbacks that run for a cell that has ended: what they show, they show below it. */
const below = new Map<number, number>();

/** Runs a callback of `cell` as something of its own, which is interrupted by itself and shows below the cell. */
export async function inCallback<T>(id: number, cell: number, body: () => Promise<T>): Promise<T> {
  below.set(id, cell);
  try {
    return await cellOfThisCode.run(id, body);
  } finally {
    below.delete(id);
  }
}

/** The cell below which this code shows what it shows. */
export function cellShownBelow(): number {
  const cell = cellOfCaller();
  return below.get(cell) ?? cell;
}

const isQuiet = new AsyncLocalStorage<true>();

/** Runs code whose outputs nobody is to see, however late they come. */
export function quietly<T>(body: () => T): T {
  return isQuiet.run(true, body);
}

export function show(output: CellOutput): void {
  if (isQuiet.getStore()) return;
  emit({ kind: 'output', cell: cellShownBelow(), output });
}

const HOOK_FIELD = /,?\s*\[Symbol\((?:async_id_symbol|trigger_async_id_symbol|kResourceStore)\)\]: (?:\d+|undefined)/g;

/** Printed text without the fields that Node gives a promise because outputs are traced to their cell. */
export function withoutHookFields(text: string): string {
  if (!text.includes('[Symbol(async_id_symbol)]')) return text;
  return text.replace(HOOK_FIELD, '').replace(/Promise \{\n\s+([^\n]*)\n\s*\}/g, 'Promise { $1 }');
}

/** TensorFlow.js advertises its native addon on stderr at the first operation; a notebook is no place for it. */
const BANNER = /looks like you are running TensorFlow\.js in Node\.js/;

/** Text in another encoding, such as base64, stands for bytes. */
function encoded(text: string, encoding: unknown): string | Uint8Array {
  if (typeof encoding !== 'string' || /^utf-?8$/i.test(encoding)) return text;
  return Buffer.from(text, encoding as BufferEncoding);
}

export function captureStreams(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const decoder = new TextDecoder();
    process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const given = typeof chunk === 'string' ? encoded(chunk, rest[0]) : chunk;
      const text = typeof given === 'string' ? given : decoder.decode(given, { stream: true });
      if (text !== '' && !BANNER.test(text)) show({ type: 'stream', name, text: withoutHookFields(text) });
      const callback = rest.find((argument) => typeof argument === 'function');
      if (callback) process.nextTick(callback as () => void);
      return true;
    };
  }
}

/** Thrown into a cell's own code where it is to end: at a prompt, or at the first `await` that ends after it was given up. */
export const INTERRUPTED: unique symbol = Symbol('interrupted');

/**
 * Asks the user for a line and waits for it, blocking as the browser's `prompt` does. Null: cancelled.
 * @throws INTERRUPTED when the user interrupts the cell instead.
 */
export function ask(prompt: string, password: boolean): string | null {
  emit({ kind: 'input', cell: cellOfCaller(), prompt, password });
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(4096);
  while (chunks.at(-1)?.at(-1) !== 10) {
    const count = readSync(INPUT_FD, chunk);
    if (count === 0) return null;
    chunks.push(Buffer.from(chunk.subarray(0, count)));
  }
  const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer;
  if (answer.interrupted) throw INTERRUPTED;
  return answer.line;
}
