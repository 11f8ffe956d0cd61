import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell, Notebook } from '../../src/notebook/document/ipynb';

export function code(source: string, tags?: string[]): Cell {
  return { cell_type: 'code', metadata: tags ? { tags } : {}, source, execution_count: null, outputs: [] };
}

export function prose(source: string): Cell {
  return { cell_type: 'markdown', metadata: {}, source };
}

export function notebookOf(...cells: Cell[]): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' } },
    cells: cells.map((cell, i) => ({ ...cell, id: `cell-${i}` })),
  };
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'gmm-vae-notebook-'));
}

/** A notebook in a folder of its own. */
export function writeFixture(notebook: Notebook, name = 'fixture.ipynb'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}

const TICK_MS = 50;

/**
 * Calls `late` after `ms` of this process's own running time, so that a machine that stands still counts for nothing: what
 * has arrived meanwhile is read first. Returns what calls it off.
 */
function deadline(ms: number, late: () => void): () => void {
  let left = Math.ceil(ms / TICK_MS);
  const timer = setInterval(() => {
    left -= 1;
    if (left <= 0) late();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** Waits until something holds, and says what did not when it takes too long. */
export async function until(what: string, holds: () => boolean, ms = 60_000): Promise<void> {
  let isLate = false;
  const callOff = deadline(ms, () => {
    isLate = true;
  });
  try {
    while (!holds()) {
      if (isLate) throw new Error(`waited ${ms / 1000} s in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  } finally {
    callOff();
  }
}

export async function within<T>(what: string, promise: Promise<T>, ms = 60_000): Promise<T> {
  let callOff = (): void => {};
  const late = new Promise<never>((_, reject) => {
    callOff = deadline(ms, () => reject(new Error(`waited ${ms / 1000} s in vain for ${what}`)));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    callOff();
  }
}
