import type { Controls } from '../../live/controls';
import type { LiveCellData } from '../../live/program';
import type { NotebookHost } from '../host';
import { framesOf } from './frames';

/** More than this would make a page slow to open. */
const LARGEST_PROGRAM = 2e6;

type Show = (values: unknown) => unknown;

/** What a report needs to compute a live cell by itself, or why it cannot. */
export function pageData(host: NotebookHost, controls: Controls, show: Show): LiveCellData {
  const specs = Object.fromEntries(Object.entries(controls).map(([name, { spec }]) => [name, spec]));
  const carried = host.carry(show);
  if ('reason' in carried) return { controls: specs, reason: carried.reason };
  const size = JSON.stringify(carried).length;
  if (size <= LARGEST_PROGRAM) return { controls: specs, program: carried };
  return { controls: specs, reason: `what it takes along is ${(size / 1e6).toFixed(1)} MB, more than 2 MB` };
}

/** A page that cannot compute shows frames. They are computed where nobody waits for the cell: when it is run for a report. */
export async function withFrames(
  { controls, reason }: LiveCellData & { readonly reason: string },
  { host, show, values }: { host: NotebookHost; show: Show; values: Readonly<Record<string, unknown>> },
): Promise<LiveCellData> {
  // What a callback prints was printed by its first call.
  const quietly: Show = (at) => host.quietly(() => show(at));
  const frames = await framesOf(controls, { show: quietly, values, describe: host.comms.describe });
  if (typeof frames === 'string') return { controls, reason: `${reason}; there are no frames either: ${frames}` };
  return { controls, reason, frames };
}
