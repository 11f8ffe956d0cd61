import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageFile } from '../../package';
import { cellLanguageVersion } from '../tslab';

/**
 * Optimising the compiler's own largest functions, some hundred cells into a notebook, takes V8 some 65 MB that are often not
 * given back, and makes no cell faster. Its limit is 60 kB of bytecode; code of notebooks is far below either.
 */
const SMALL_FUNCTIONS_ONLY = '--max-optimized-bytecode-size=15000';

/**
 * What the compiler allocates dies young: in V8's 1 MB for new objects, which grows as it fills, a first cell with an import collects ten
 * times. In megabytes.
 */
const ROOM_FOR_NEW_OBJECTS = '--min-semi-space-size=8';

/**
 * The compiler and its declarations take 115 MB, at which V8 would mark the whole heap, in the first cell of all, and free little. In
 * megabytes.
 */
const HEAP_TO_BEGIN_WITH = '--initial-heap-size=256';

/** Node's own flags for a process that compiles cells. V8 starts from a snapshot only under the flags that it was made under. */
export const WORKER_FLAGS: readonly string[] = [
  '--no-warnings',
  SMALL_FUNCTIONS_ONLY,
  ROOM_FOR_NEW_OBJECTS,
  HEAP_TO_BEGIN_WITH,
];

const FROM_SNAPSHOT = '--snapshot-blob';

/** The folder of snapshots: inside the package, so that they go when it goes. */
export function snapshotFolder(): string {
  return packageFile('.cache', 'cells');
}

/** Where cells find Node's types: in a checkout among the packages of gmm-vae, anywhere else among those of tslab. */
export type Place = 'checkout' | 'elsewhere';

export function placeOf(cwd: string): Place {
  const own = packageFile('node_modules', '@types', 'node');
  for (let folder = cwd; ; folder = dirname(folder)) {
    const types = join(folder, 'node_modules', '@types', 'node');
    if (existsSync(types)) return types === own ? 'checkout' : 'elsewhere';
    if (folder === dirname(folder)) return 'elsewhere';
  }
}

/** Names the snapshot for this very Node, compiler and flags: a process with any other would not start from it, nor at all. */
export function snapshotName(place: Place): string {
  const { size, mtimeMs } = statSync(process.execPath);
  const node = [process.version, process.arch, size, Math.trunc(mtimeMs)].join('-');
  return [node, ...WORKER_FLAGS, `-ts${cellLanguageVersion()}`, `${place}.blob`].join('-').replace(/-{2,}/g, '-');
}

/** Leaves out of a process's flags what makes it start from a snapshot: processes that a cell starts are plain ones. */
export function withoutSnapshot(flags: readonly string[]): string[] {
  const at = flags.indexOf(FROM_SNAPSHOT);
  return at < 0 ? [...flags] : flags.toSpliced(at, 2);
}

/** The flags with which a process in the folder starts from a snapshot, where there is one that it can start from. */
export function snapshotFlags(env: NodeJS.ProcessEnv, cwd: string): string[] {
  // They may hold flags of V8, with which it would refuse the snapshot and not start at all.
  if (env.NODE_OPTIONS) return [];
  try {
    const path = join(snapshotFolder(), snapshotName(placeOf(cwd)));
    return statSync(path, { throwIfNoEntry: false }) ? [FROM_SNAPSHOT, path] : [];
  } catch {
    return [];
  }
}
