import { spawnSync } from 'node:child_process';
import { compiledFile } from '../../package';

/** Makes the snapshot that cells start from, where it is missing or stale. Returns why there is none, or null. */
export function remakeSnapshot(): string | null {
  const maker = compiledFile('notebook/snapshot/make');
  if (maker === null) return 'the package is not built';
  const { status, stderr } = spawnSync(process.execPath, [maker], { encoding: 'utf8' });
  if (status === 0) return null;
  return stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? `${maker} ended with ${status}`;
}
