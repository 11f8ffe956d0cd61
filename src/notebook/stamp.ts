import { statSync } from 'node:fs';

/** Tells whether a file has been written anew; empty where there is none. */
export function stamp(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats ? `${stats.mtimeNs}:${stats.size}` : '';
}
