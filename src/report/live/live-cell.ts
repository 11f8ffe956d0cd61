import type { MimeBundle } from '../../display';
import { canStandAt } from '../../live/controls';
import { LIVE_MIME, type LiveCellData, type Program } from '../../live/program';
import type { Output } from '../../notebook/document/ipynb';
import { scriptJson } from '../html';
import { type Html, html, NOTHING } from '../markup';

/** The live cells of a page, as they are met. */
export interface LiveCells {
  readonly programs: Program[];
  /** Says why a cell is not live in the page, in one line. */
  readonly note: (reason: string) => void;
}

/** What `interact` has left in an output; undefined in any other, and in one that somebody else has written so. */
export function liveDataOf(output: Output | undefined): LiveCellData | undefined {
  if (output?.output_type !== 'display_data') return undefined;
  const data = (output.data as MimeBundle)[LIVE_MIME] as Partial<LiveCellData> | undefined;
  if (typeof data?.controls !== 'object' || data.controls === null) return undefined;
  const specs = Object.values(data.controls);
  const isWhole = specs.every((spec) => typeof spec?.kind === 'string' && canStandAt(spec, spec.value));
  return isWhole ? (data as LiveCellData) : undefined;
}

/**
 * The controls of a live cell around what it has shown: that is a still picture for paper and for readers without scripts, and moves
 * where the page's script can compute it.
 */
export function renderLive(
  { controls, program, reason }: LiveCellData,
  shown: Html,
  live: LiveCells,
  trusted: boolean,
): Html {
  if (!program) {
    live.note(`this cell stands still in the page: ${reason ?? 'it was run without a program for pages'}`);
    return shown;
  }
  if (!trusted) {
    live.note('this cell stands still in the page: code of a notebook that is not trusted does not run there');
    return shown;
  }
  live.programs.push(program);
  const data = { cell: live.programs.length - 1, controls };
  return html`<div class="live"><script type="application/json" class="live-data">${scriptJson(data)}</script>
<div class="live-shown">${shown.source === '' ? NOTHING : shown}</div></div>`;
}
