import type { MimeBundle } from '../../display';
import type { CellOutput } from '../session/protocol';
import { type CodeCell, joinText, type Output } from './ipynb';

/** Names a widget of a process that is gone when the notebook is opened. */
const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';

/** Characters that cells of one notebook may print: a loop without an end would fill memory, and no file could hold it. */
const MOST_PRINTED = 5e7;

/** What a saved notebook keeps of a bundle. */
function kept({ [WIDGET_VIEW]: _, ...data }: MimeBundle): MimeBundle {
  return data;
}

/** Collects what cells show into notebook outputs, as a front end would: streams joined, displays updated in place. */
export class OutputCollector {
  readonly #displays = new Map<string, (Output & { output_type: 'display_data' })[]>();
  readonly #clearing = new WeakSet<CodeCell>();
  /** Characters that may still be printed. */
  #room: number;
  /** Whether it has been said that there is no room. */
  #isFull = false;

  constructor(mostPrinted: number = MOST_PRINTED) {
    this.#room = mostPrinted;
  }

  /** Adds one output to a cell. */
  add(cell: CodeCell, output: CellOutput): void {
    if (output.type === 'clear_output') {
      if (output.wait) this.#clearing.add(cell);
      else this.#clear(cell);
      return;
    }
    if (output.type === 'update_display_data') {
      for (const shown of this.#displays.get(output.displayId) ?? []) shown.data = kept(output.data);
      return;
    }
    if (this.#clearing.delete(cell)) this.#clear(cell);
    if (output.type === 'stream') this.#print(cell, output);
    else cell.outputs.push(this.#toOutput(cell, output));
  }

  #print(cell: CodeCell, { name, text: given }: CellOutput & { readonly type: 'stream' }): void {
    if (this.#isFull) return;
    const text = given.length <= this.#room ? given : given.slice(0, this.#room).replace(/[\ud800-\udbff]$/, '');
    const last = cell.outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text = joinText(last.text) + text;
    else if (text !== '') cell.outputs.push({ output_type: 'stream', name, text });
    this.#room -= text.length;
    this.#isFull = text !== given;
    if (!this.#isFull) return;
    const note = 'What is printed from here on is left out: the notebook has no room for more.\n';
    cell.outputs.push({ output_type: 'stream', name: 'stderr', text: note });
  }

  #clear(cell: CodeCell): void {
    for (const output of cell.outputs) if (output.output_type === 'stream') this.#room += joinText(output.text).length;
    cell.outputs.length = 0;
    this.#isFull = false;
  }

  #toOutput(
    cell: CodeCell,
    output: Exclude<CellOutput, { type: 'clear_output' } | { type: 'update_display_data' } | { type: 'stream' }>,
  ): Output {
    switch (output.type) {
      case 'error': {
        const { ename, evalue, traceback } = output;
        return { output_type: 'error', ename, evalue, traceback };
      }
      case 'execute_result':
        return {
          output_type: 'execute_result',
          execution_count: cell.execution_count,
          data: output.data,
          metadata: {},
        };
      case 'display_data': {
        const shown = { output_type: 'display_data' as const, data: kept(output.data), metadata: {} };
        if (output.displayId !== undefined) {
          this.#displays.set(output.displayId, [...(this.#displays.get(output.displayId) ?? []), shown]);
        }
        return shown;
      }
    }
  }
}
