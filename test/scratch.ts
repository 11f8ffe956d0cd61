import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 4e9;
const PREFIX = 'gmm-vae-tests-';

/** Where files that are synced to the disk cost nothing; a container may have such a place and no room in it. */
function fastestFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize > ENOUGH_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Makes one folder for all temporary files of a run, gone when it ends: in memory where there is room, because checkpoints and notebooks
 * sync each file that they write, and a disk takes milliseconds for that. What a run that was killed has left goes with the next one.
 *
 * Every configuration calls this as it is loaded, before vitest has a temporary folder of its own, and again for each of its projects.
 */
export function useScratchFolder(): void {
  const name = `${PREFIX}${process.pid}`;
  if (process.env.TMPDIR?.endsWith(name)) return;
  const place = fastestFolder();
  for (const other of readdirSync(place)) {
    const pid = other.startsWith(PREFIX) ? Number(other.slice(PREFIX.length)) : Number.NaN;
    if (pid > 0 && !isAlive(pid)) rmSync(join(place, other), { recursive: true, force: true });
  }
  const folder = join(place, name);
  mkdirSync(folder, { recursive: true });
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
