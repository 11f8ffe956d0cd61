import { existsSync } from 'node:fs';
import { type CodeCell, joinText, type Notebook, readNotebook } from '../document/ipynb';
import { codeCells, type RunRecord, recordOf } from './record';

/**
 * Whether the outputs of an earlier run are those that a new one would give; if not, what has changed, and which outputs
 * still stand on the disk until the cells that made them have run again.
 */
export type Reuse = { readonly notebook: Notebook } | { readonly changed: string; readonly kept: Kept };

/** Outputs of an earlier run of the same code. */
export interface Kept {
  readonly cells: ReadonlyMap<CodeCell, KeptOutputs>;
  /** So many code cells, from the first on, ran to their end and have outputs that a new run would give again. */
  readonly whole: number;
}

export interface KeptOutputs extends Pick<CodeCell, 'execution_count' | 'outputs'> {
  /** Whether the cell had run to its end. */
  readonly whole: boolean;
}

export const NOTHING_KEPT: Kept = { cells: new Map(), whole: 0 };

/** The notebook as it is written while cells that ran earlier have not run again. */
export function withKept(notebook: Notebook, kept: ReadonlyMap<CodeCell, KeptOutputs>): Notebook {
  if (kept.size === 0) return notebook;
  const cells = notebook.cells.map((cell) => {
    const earlier = cell.cell_type === 'code' ? kept.get(cell) : undefined;
    return earlier ? { ...cell, execution_count: earlier.execution_count, outputs: earlier.outputs } : cell;
  });
  return { ...notebook, cells };
}

/**
 * Takes the outputs of the earlier run at `output` for a prepared notebook. A cell's variables are not on disk, so a
 * changed cell needs all the cells before it to run again: a run is saved for the whole notebook or not at all.
 */
export function reuseOutputs(prepared: Notebook, expected: RunRecord, output: string | undefined): Reuse {
  if (output === undefined || !existsSync(output)) return { changed: 'there is no earlier run', kept: NOTHING_KEPT };
  const earlier = readEarlier(output);
  const record = earlier && recordOf(earlier);
  if (!earlier || !record) return { changed: 'the earlier run left no record of its inputs', kept: NOTHING_KEPT };
  const changed = difference(codeCells(prepared), codeCells(earlier), expected, record);
  if (changed !== undefined)
    return { changed, kept: keepOutputs(codeCells(prepared), codeCells(earlier), expected, record) };
  const outputs = codeCells(earlier);
  let next = 0;
  // Text may have been edited since: it comes from the source, the outputs from the earlier run.
  const cells = prepared.cells.map((cell) => {
    if (cell.cell_type !== 'code') return cell;
    const { execution_count = null, outputs: shown = [] } = outputs[next++] ?? {};
    return { ...cell, execution_count, outputs: shown };
  });
  return { notebook: { ...prepared, metadata: { ...prepared.metadata, 'gmm-vae': record }, cells } };
}

function readEarlier(path: string): Notebook | undefined {
  try {
    return readNotebook(path);
  } catch {
    return undefined;
  }
}

/** Up to the first cell whose code, or what it reaches, is another than in the earlier run. */
function keepOutputs(
  cells: readonly CodeCell[],
  earlier: readonly CodeCell[],
  expected: RunRecord,
  record: RunRecord,
): Kept {
  if (surroundings(expected, record) !== undefined) return NOTHING_KEPT;
  const kept = new Map<CodeCell, KeptOutputs>();
  let whole = 0;
  for (const [i, cell] of cells.entries()) {
    const was = earlier[i];
    if (!was || joinText(was.source) !== joinText(cell.source)) break;
    const recorded = i < record.cells.length;
    if (recorded && record.cells[i] !== expected.cells[i]) break;
    if (recorded && whole === i) whole = i + 1;
    if (was.outputs.length > 0)
      kept.set(cell, { execution_count: was.execution_count ?? null, outputs: was.outputs, whole: recorded });
  }
  return { cells: kept, whole };
}

/** What has changed outside the cells. */
function surroundings(expected: RunRecord, record: RunRecord): string | undefined {
  if (record.kernel !== expected.kernel) return 'the kernel or this package has changed';
  if (record.data !== expected.data) return 'the data has changed';
  if ((record.project ?? '') !== (expected.project ?? ''))
    return 'tsconfig.json, or a file of declarations beside the notebook, has changed';
  if ((record.reproducible ?? false) === (expected.reproducible ?? false)) return undefined;
  return `the earlier run was ${expected.reproducible ? 'not ' : ''}a reproducible one`;
}

function difference(
  cells: readonly CodeCell[],
  earlier: readonly CodeCell[],
  expected: RunRecord,
  record: RunRecord,
): string | undefined {
  const around = surroundings(expected, record);
  if (around !== undefined) return around;
  for (const [i, hash] of expected.cells.entries()) {
    const source = joinText(cells[i]?.source ?? '');
    if (i >= record.cells.length && i < earlier.length && source === joinText(earlier[i]?.source ?? '')) {
      return `the earlier run ended in cell ${i + 1}`;
    }
    if (record.cells[i] !== hash)
      return `cell ${i + 1}, a module it imports, or a file or variable it names has changed`;
    const ran = source.trim() === '' || typeof earlier[i]?.execution_count === 'number';
    if (!ran || joinText(earlier[i]?.source ?? '') !== source) return `cell ${i + 1} was edited after the earlier run`;
  }
  return record.cells.length > expected.cells.length ? 'the last cells were removed' : undefined;
}
