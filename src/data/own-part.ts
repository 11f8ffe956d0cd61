import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueName } from '../files';
import { sizeOf } from './transfer';

/**
 * Names the file that this process alone receives into: two that append to one file mix their bytes. It begins with what an earlier call
 * has left, `<name>.part`, or with the file of a process that was killed, which nothing has been written to for longer than a transfer waits.
 *
 * @param silence milliseconds
 */
export async function takePart(folder: string, name: string, silence: number): Promise<string> {
  const own = join(folder, `${name}.${uniqueName()}.part`);
  const left = [keptPart(folder, name), ...(await abandonedParts(folder, name, silence))];
  let isTaken = false;
  for (const one of left) {
    if (isTaken) await rm(one, { force: true });
    else isTaken = await isRenamed(one, own);
  }
  return own;
}

/** Keeps what has been received for the next call. */
export async function leavePart(own: string, folder: string, name: string): Promise<void> {
  if ((await sizeOf(own)) > 0) await isRenamed(own, keptPart(folder, name));
  else await rm(own, { force: true });
}

const keptPart = (folder: string, name: string): string => join(folder, `${name}.part`);

async function abandonedParts(folder: string, name: string, silence: number): Promise<string[]> {
  const isOwn = (file: string): boolean =>
    file.startsWith(`${name}.`) && /^\d+-[\da-f]{12}\.part$/.test(file.slice(name.length + 1));
  const abandoned: string[] = [];
  for (const path of (await readdir(folder)).filter(isOwn).map((file) => join(folder, file))) {
    const written = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - written > silence) abandoned.push(path);
  }
  return abandoned;
}

/** False where there is no such file, or another process has taken it. */
async function isRenamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
