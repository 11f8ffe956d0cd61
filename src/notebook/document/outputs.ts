import type { MimeBundle } from '../../display';
import type { CellOutput } from '../session/protocol';
import { type CodeCell, joinText, type Output } from './ipynb';

/** Names a widget of a process that is gone when the notebook is opened. */
const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';

/** What a saved notebook keeps of a bundle. */
function kept({ [WIDGET_VIEW]: _, ...data }: MimeBundle): MimeBundle {
  return data;
}

/** Collects what cells show into notebook outputs, as a front end would: streams joined, displays updated in place. */
export class OutputCollector {
  readonly #displays = new Map<string, (Output & { output_type: 'display_data' })[]>();
  readonly #clearing = new WeakSet<CodeCell>();

  /** Adds one output to a cell. */
  add(cell: CodeCell, output: CellOutput): void {
    if (output.type === 'clear_output') {
      if (output.wait) this.#clearing.add(cell);
      else cell.outputs.length = 0;
      return;
    }
    if (output.type === 'update_display_data') {
      for (const shown of this.#displays.get(output.displayId) ?? []) shown.data = kept(output.data);
      return;
    }
    if (this.#clearing.delete(cell)) cell.outputs.length = 0;
    const last = cell.outputs.at(-1);
    if (output.type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      last.text = joinText(last.text) + output.text;
    } else {
      cell.outputs.push(this.#toOutput(cell, output));
    }
  }

  #toOutput(
    cell: CodeCell,
    output: Exclude<CellOutput, { type: 'clear_output' } | { type: 'update_display_data' }>,
  ): Output {
    switch (output.type) {
      case 'stream':
        return { output_type: 'stream', name: output.name, text: output.text };
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
