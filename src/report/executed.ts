import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mayRaise, type Notebook, readNotebook } from '../notebook/document/ipynb';

/** A notebook after its run: with the outputs it has, also where a cell failed. */
export interface Executed {
  readonly notebook: Notebook;
  /** Why the run stopped; absent where it reached the end. */
  readonly failure?: string;
  /** Whether nothing had changed since an earlier run, so that its outputs were taken. */
  readonly reused?: boolean;
  /** The file its outputs come from; absent where it ran just now. */
  readonly readFrom?: string;
  /** Wall time of the run; absent where the notebook had been run before. */
  readonly seconds?: number;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
}

/**
 * A notebook that has been run before: the outputs it has or, where it has none, those of an earlier build. Its first error is the reason it stopped.
 */
export function readExecuted(path: string, outputDir: string): Executed {
  const given = readNotebook(path);
  const earlier = executedPath(path, outputDir);
  const hasOutputs = given.cells.some((cell) => cell.cell_type === 'code' && cell.outputs.length > 0);
  const readFrom = hasOutputs || !existsSync(earlier) ? path : earlier;
  const notebook = readFrom === path ? given : readNotebook(earlier);
  const codeCells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  for (const [i, cell] of codeCells.entries()) {
    const error = cell.outputs.find((output) => output.output_type === 'error');
    if (error && !mayRaise(cell)) {
      return { notebook, readFrom, failure: describeFailure(i + 1, error.ename, error.evalue) };
    }
  }
  return { notebook, readFrom };
}

/** One line about the code cell, counted from 1, at which a run stopped. */
export function describeFailure(cell: number, ename: string, evalue: string): string {
  return `cell ${cell}: ${ename}: ${evalue.split('\n')[0]}`;
}

/** Where a build leaves the executed notebook. */
export function executedPath(path: string, outputDir: string): string {
  return join(outputDir, 'executed', basename(path));
}
