import type { CellError } from '../session/protocol';

// The errors that no cell threw: why the run itself has stopped one, or did not begin it.

export function interruptedBefore(cell: number): CellError {
  return describe('Interrupted', `the run was interrupted before cell ${cell}`);
}

export function interrupted(): CellError {
  return describe('Interrupted', 'the run was interrupted');
}

export function diedAfter(cell: number): CellError {
  return describe('KernelDied', `the process that runs the cells ended after cell ${cell}; its variables are gone`);
}

export function cellTooLong(limitMs: number): CellError {
  return describe('CellTimeout', `the cell ran longer than ${limitMs / 1000} s`);
}

export function notebookTooLong(limitMs: number): CellError {
  return describe('NotebookTimeout', `the notebook ran longer than ${limitMs / 1000} s`);
}

/** What cannot be saved is lost with the process, so the run ends where the disk is full. */
export function notSaved({ message }: Error): CellError {
  return describe('NotSaved', `the outputs of this cell are lost: ${message}; the file keeps what was saved before`);
}

function describe(ename: string, evalue: string): CellError {
  return { ename, evalue, traceback: [`\u001b[31m${ename}\u001b[0m: ${evalue}`] };
}
