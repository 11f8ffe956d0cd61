import { readFileSync } from 'node:fs';

/** When the process started, in the system's own terms; null where the system does not say. Process ids come again, this does not. */
export function startOf(pid: number): string | null {
  return statOf(pid)?.started ?? null;
}

/** Whether it is there, on this machine, and the one that started then. */
export function isRunning(pid: number, started: string | null): boolean {
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
  const stat = textOf(`/proc/${pid}/stat`);
  // Field 2, the command in parentheses, may hold anything: count from its end.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields?.[0], fields?.[19]];
  return state !== undefined && started !== undefined ? { state, started } : null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
