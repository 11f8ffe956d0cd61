import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell, Notebook } from '../../src/notebook/ipynb';

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

/** Waits until something holds, and says what did not when it takes too long. */
export async function until(what: string, holds: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${ms / 1000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export async function within<T>(what: string, promise: Promise<T>, ms = 20_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms / 1000} s in vain for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
