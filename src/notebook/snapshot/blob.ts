import { statSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '../../package';
import { cellLanguageVersion } from '../tslab';

/**
 * Optimising the compiler's own largest functions, some hundred cells into a notebook, takes V8 some 65 MB that are often not
 * given back, and makes no cell faster. Its limit is 60 kB of bytecode; code of notebooks is far below either.
 */
const SMALL_FUNCTIONS_ONLY = '--max-optimized-bytecode-size=15000';

/** Node's own flags for a process that compiles cells. V8 starts from a snapshot only under the flags that it was made under. */
export const WORKER_FLAGS: readonly string[] = ['--no-warnings', SMALL_FUNCTIONS_ONLY];

const FROM_SNAPSHOT = '--snapshot-blob';

/** The folder of snapshots: inside the package, so that they go when it goes. */
export function snapshotFolder(): string {
  return packageFile('.cache', 'cells');
}

/** Names the snapshot for this very Node and compiler: a snapshot is of no use to any other. */
export function snapshotName(): string {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = [process.version, process.arch, size, Math.trunc(mtimeMs)].join('-');
  return `${node}-ts${cellLanguageVersion()}.blob`;
}

/** Leaves out of a process's flags what makes it start from a snapshot: processes that a cell starts are plain ones. */
export function withoutSnapshot(flags: readonly string[]): string[] {
  const at = flags.indexOf(FROM_SNAPSHOT);
  return at < 0 ? [...flags] : flags.toSpliced(at, 2);
}

/** The flags with which a process starts from the snapshot, where there is one that it can start from. */
export function snapshotFlags(env: NodeJS.ProcessEnv): string[] {
  // They may hold flags of V8, with which it would refuse the snapshot and not start at all.
  if (env.NODE_OPTIONS) return [];
  try {
    const path = join(snapshotFolder(), snapshotName());
    return statSync(path, { throwIfNoEntry: false }) ? [FROM_SNAPSHOT, path] : [];
  } catch {
    return [];
  }
}
