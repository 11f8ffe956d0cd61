import { hostname } from 'node:os';
import { z } from 'zod';
import { textIfReadable } from '../../text-files';

/** A process of any machine. */
export const processSchema = z.object({
  host: z.string(),
  pid: z.number(),
  /** When it started, in its system's own terms; null where the system does not say. Process ids come again, this does not. */
  started: z.string().nullable(),
});

export type AnyProcess = z.infer<typeof processSchema>;

export function thisProcess(): AnyProcess {
  return { host: hostname(), pid: process.pid, started: statOf(process.pid)?.started ?? null };
}

/** Whether it is there, and the one that started then; null for one of another machine, which cannot be seen from here. */
export function isRunning({ host, pid, started }: AnyProcess): boolean | null {
  if (host !== hostname()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Without permission to signal it, it is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = statOf(pid);
  if (found?.state === 'Z') return false; // Ended, and its parent has not asked how.
  return !found || started === null || found.started === started;
}

/** Fields 3 and 22 of /proc/[pid]/stat: the state, and the start in clock ticks since boot. Null where there is no /proc. */
function statOf(pid: number): { state: string; started: string } | null {
  const stat = textIfReadable(`/proc/${pid}/stat`);
  // Field 2, the command in parentheses, may hold anything: count from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return state !== undefined && started !== undefined ? { state, started } : null;
}
