import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compiledFile } from '../../package';

/** Makes the snapshot that cells start from, where it is missing or stale. Returns why there is none, or null. */
export async function remakeSnapshot(): Promise<string | null> {
  const maker = compiledFile('notebook/snapshot/make');
  if (maker === null) return 'the package is not built';
  try {
    await promisify(execFile)(process.execPath, [maker], { maxBuffer: Number.POSITIVE_INFINITY });
    return null;
  } catch (error) {
    const { stderr = '', code } = error as { stderr?: string; code?: unknown };
    return stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? `${maker} ended with ${code}`;
  }
}
