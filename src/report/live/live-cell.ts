import type { MimeBundle } from '../../display';
import { canStandAt } from '../../live/controls';
import type { Frames } from '../../live/frames';
import { LIVE_MIME, type LiveCellData, type Program } from '../../live/program';
import type { Output } from '../../notebook/document/ipynb';
import { scriptJson } from '../html';
import { type Html, html, NOTHING } from '../markup';

/** The live cells of a page, as they are met. */
export interface LiveCells {
  readonly programs: Program[];
  /** Says why a cell is not live in the page, in one line. */
  readonly note: (reason: string) => void;
  /** Whether a cell shows frames, for which the page needs its script without a program. */
  hasFrames: boolean;
}

/** What `interact` has left in an output; undefined in any other, and in one that somebody else has written so. */
export function liveDataOf(output: Output | undefined): LiveCellData | undefined {
  if (output?.output_type !== 'display_data') return undefined;
  const data = (output.data as MimeBundle)[LIVE_MIME] as Partial<LiveCellData> | undefined;
  if (typeof data?.controls !== 'object' || data.controls === null) return undefined;
  const specs = Object.values(data.controls);
  if (data.frames && !isWhole(data.frames, data.controls)) return undefined;
  const isWritten = specs.every((spec) => typeof spec?.kind === 'string' && canStandAt(spec, spec.value));
  return isWritten ? (data as LiveCellData) : undefined;
}

/** Whether there is a frame for every combination of places. */
function isWhole({ steps, shown }: Frames, controls: LiveCellData['controls']): boolean {
  if (!Array.isArray(steps) || !Array.isArray(shown)) return false;
  if (!steps.every((step) => Object.hasOwn(controls, step?.name) && Array.isArray(step.positions))) return false;
  return shown.length === steps.reduce((product, { positions }) => product * positions.length, 1);
}

/**
 * The controls of a live cell around what it has shown: that is a still picture for paper and for readers without scripts, and moves
 * where the page's script can compute it.
 */
export function renderLive(
  { controls, program, reason, frames }: LiveCellData,
  shown: Html,
  live: LiveCells,
  trusted: boolean,
): Html {
  if (!program) {
    const why = reason ?? 'it was run without a program for pages';
    if (!frames) {
      live.note(`this cell stands still in the page: ${why}`);
      return shown;
    }
    live.note(`this cell shows ${frames.shown.length} frames that were computed before: ${why}`);
    live.hasFrames = true;
    return around(shown, { frames, controls: steppedControls(controls, frames) });
  }
  if (!trusted) {
    live.note('this cell stands still in the page: code of a notebook that is not trusted does not run there');
    return shown;
  }
  live.programs.push(program);
  return around(shown, { cell: live.programs.length - 1, controls });
}

/** The controls that frames have: sliders stand at the places of the frames alone, and what moves nothing is left out. */
function steppedControls(controls: LiveCellData['controls'], { steps }: Frames): Record<string, object> {
  const stepped = steps.map(({ name, positions, at }) => {
    const control = controls[name];
    if (!control) throw new Error(`frames of a control that the cell lacks: ${name}`);
    const { kind, label } = control;
    if (kind === 'select' || kind === 'checkbox') return [name, control] as const;
    return [name, { kind: 'steps', label, positions, value: positions[at] }] as const;
  });
  return Object.fromEntries(stepped);
}

/** Controls, which the page's script makes, above what they move. */
function around(shown: Html, data: object): Html {
  return html`<div class="live"><script type="application/json" class="live-data">${scriptJson(data)}</script>
<div class="live-shown">${shown.source === '' ? NOTHING : shown}</div></div>`;
}
