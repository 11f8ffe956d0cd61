import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const SHELL = '/bin/sh';
/** Waits until nobody is left who could write to it; then the process ends that is its first argument. */
const WAIT = 'read _; kill -9 "$0"';

/** Whether processes can be guarded here. Where they cannot, they look after themselves. */
export function canGuard(): boolean {
  return process.platform !== 'win32' && existsSync(SHELL);
}

/**
 * Ends the process when this one is gone, however that came about. A process in an endless loop notices nothing itself, and a thread
 * that looks costs a process of cells a tenth of a second and 50 MB.
 */
export function guard(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // In a session of its own: what a terminal sends to this process is not meant for it.
  const watcher = spawn(SHELL, ['-c', WAIT, String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  for (const one of [watcher, watcher.stdin]) one?.on('error', () => {});
  watcher.unref();
  (watcher.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  child.once('exit', () => watcher.kill('SIGKILL'));
}
