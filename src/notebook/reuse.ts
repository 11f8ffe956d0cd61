import { existsSync } from 'node:fs';
import { type CodeCell, joinText, type Notebook, readNotebook } from './ipynb';
import { codeCells, type RunRecord, recordOf } from './record';

/** Whether the outputs of an earlier run are those that a new one would give; if not, what has changed. */
export type Reuse = { readonly notebook: Notebook } | { readonly changed: string };

/**
 * Takes the outputs of the earlier run at `output` for a prepared notebook. A cell's variables are not on disk, so a
 * changed cell needs all the cells before it to run again: outputs are reused for the whole notebook or not at all.
 */
export function reuseOutputs(prepared: Notebook, expected: RunRecord, output: string | undefined): Reuse {
  if (output === undefined || !existsSync(output)) return { changed: 'there is no earlier run' };
  const earlier = readEarlier(output);
  const record = earlier && recordOf(earlier);
  if (!earlier || !record) return { changed: 'the earlier run left no record of its inputs' };
  const changed = difference(codeCells(prepared), codeCells(earlier), expected, record);
  if (changed !== undefined) return { changed };
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

function difference(
  cells: readonly CodeCell[],
  earlier: readonly CodeCell[],
  expected: RunRecord,
  record: RunRecord,
): string | undefined {
  if (record.kernel !== expected.kernel) return 'the kernel or this package has changed';
  if (record.data !== expected.data) return 'the data has changed';
  for (const [i, hash] of expected.cells.entries()) {
    const source = joinText(cells[i]?.source ?? '');
    if (i >= record.cells.length && i < earlier.length && source === joinText(earlier[i]?.source ?? '')) {
      return `the earlier run ended in cell ${i + 1}`;
    }
    if (record.cells[i] !== hash) return `cell ${i + 1}, a module it imports or a file it names has changed`;
    const ran = source.trim() === '' || typeof earlier[i]?.execution_count === 'number';
    if (!ran || joinText(earlier[i]?.source ?? '') !== source) return `cell ${i + 1} was edited after the earlier run`;
  }
  return record.cells.length > expected.cells.length ? 'the last cells were removed' : undefined;
}
