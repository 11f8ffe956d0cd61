import type { Notebook } from '../document/ipynb';
import type { Parameters } from '../document/parameters';
import type { CellError } from '../session/protocol';

interface AboutCell {
  readonly path: string;
  /** Counts code cells from 1. */
  readonly cell: number;
  readonly cells: number;
  /** The place in `notebook.cells`. */
  readonly index: number;
}

/** What happens while a notebook runs. */
export type RunEvent =
  | { readonly type: 'start'; readonly path: string; readonly cells: number }
  | ({ readonly type: 'cell-start'; readonly source: string } & AboutCell)
  | ({
      readonly type: 'cell-end';
      readonly ok: boolean;
      readonly milliseconds: number;
      readonly error?: Pick<CellError, 'ename' | 'evalue'>;
    } & AboutCell)
  /** Called with `resume`: why the outputs of the earlier run do not hold. */
  | { readonly type: 'changed'; readonly path: string; readonly reason: string }
  /** Called with `resume`: nothing has changed, nothing runs. */
  | { readonly type: 'reused'; readonly path: string; readonly cells: number }
  /** Behind the last cell: work that no cell awaits, such as `a timer`. What it shows from then on is lost. */
  | { readonly type: 'unfinished'; readonly path: string; readonly work: readonly string[] }
  | {
      readonly type: 'end';
      readonly path: string;
      readonly ok: boolean;
      readonly milliseconds: number;
      /** The first failure; also one that no cell told, such as an interrupt between two of them. */
      readonly error?: Pick<RunError, 'cell' | 'ename' | 'evalue'>;
    };

export interface RunOptions {
  readonly parameters?: Parameters;
  /** The time limit of each cell; the cell is interrupted and counts as failed. */
  readonly timeoutMs?: number;
  /** The time limit of the whole notebook, from its first cell on; the running cell is interrupted and no other one begins. */
  readonly totalTimeoutMs?: number;
  readonly onEvent?: (event: RunEvent) => void;
  /** Interrupts the running cell and ends the run. */
  readonly signal?: AbortSignal;
  /** Where the executed notebook is written after every cell. Never written when it is not given. */
  readonly output?: string;
  /** Reuses the outputs at `output` where code, parameters, imported modules, kernel and data are unchanged. */
  readonly resume?: boolean;
  /** Runs the cells after a failed one too, as long as their variables live. */
  readonly allowErrors?: boolean;
  /** Cells get no times from the library, so that equal runs give equal bytes. */
  readonly reproducible?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => number;
}

export interface RunError extends CellError {
  /** The code cell at fault, counted from 1. */
  readonly cell: number;
  /** Its place in `notebook.cells`. */
  readonly index: number;
}

export interface RunResult {
  /** The notebook with the outputs of every cell that ran. */
  readonly notebook: Notebook;
  readonly ok: boolean;
  /** Whether these are the outputs of an earlier run. */
  readonly reused: boolean;
  /** How many cells that did not run show what they showed in an earlier run of the same code; with `resume`. */
  readonly earlier: number;
  /** The first failure. */
  readonly error?: RunError;
}
