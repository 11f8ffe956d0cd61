import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../files';
import { readCheckpoint, readManifest } from '../vae/checkpoint/folder';
import type { Manifest } from '../vae/checkpoint/manifest';
import { countBlocks, takeOverBlocks } from '../vae/evaluation/score-blocks';
import { attemptsOf } from './folder';

/** Makes a folder for one attempt at a trial. Each attempt has one writer: a task that is believed dead writes to its own folder. */
export async function makeAttempt(folder: string, name: string): Promise<string> {
  const attempt = join(folder, 'attempts', `${name}-${randomBytes(4).toString('hex')}`);
  await mkdir(attempt, { recursive: true });
  return attempt;
}

/**
 * Copies the furthest whole checkpoint of the earlier attempts, and all blocks of scored images, into a new one, which reaches the same bits.
 *
 * @param before checkpoint folders that do not belong to the trial, and that it continues: of the same training with fewer epochs
 */
export async function takeOverEarlier(folder: string, attempt: string, before: readonly string[] = []): Promise<void> {
  const earlier = [...attemptsOf(folder).filter((other) => other !== attempt), ...before];
  for (const candidate of await furthestFirst(earlier)) if (await takeOver(candidate, attempt)) break;
  for (const other of earlier) await takeOverBlocks(other, attempt, linkOrCopy);
}

async function furthestFirst(attempts: readonly string[]): Promise<readonly string[]> {
  const found: { attempt: string; step: number }[] = [];
  for (const attempt of attempts) {
    const manifest = await readManifest(attempt, 'last').catch(() => null);
    if (manifest) found.push({ attempt, step: manifest.progress.step });
  }
  return found.sort((a, b) => b.step - a.step).map(({ attempt }) => attempt);
}

/** Returns false if the checkpoint is not whole. Writes the manifest last, when every file that it names is there. */
async function takeOver(from: string, to: string): Promise<boolean> {
  const found = await wholeIn(from);
  if (!found) return false;
  const { last, best } = found;
  try {
    const manifests = [...(best ? [['best.json', best] as const] : []), ['last.json', last] as const];
    for (const [name, manifest] of manifests) {
      for (const file of Object.values(manifest.files)) await linkOrCopy(join(from, file.name), join(to, file.name));
      await writeAtomically(join(to, name), `${JSON.stringify(manifest, null, 1)}\n`);
    }
    return true;
  } catch (error) {
    // Its writer saved again meanwhile. An earlier attempt, or none, leads to the same bits; a full disk does not.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await Promise.all(['best.json', 'last.json'].map((name) => rm(join(to, name), { force: true })));
    return false;
  }
}

/** Returns null if there is no checkpoint or it is damaged. */
async function wholeIn(attempt: string): Promise<{ last: Manifest; best: Manifest | null } | null> {
  try {
    const [last, best] = [await readCheckpoint(attempt), await readManifest(attempt, 'best')];
    return last && { last: last.manifest, best };
  } catch {
    return null;
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') await copyFile(from, to);
  }
}

/** Says how far an attempt has come. While this changes from one attempt to the next, trying again makes sense. */
export async function progressOf(attempt: string): Promise<string> {
  const manifest = await readManifest(attempt, 'last').catch(() => null);
  return `${manifest?.progress.step ?? 0} steps, ${await countBlocks(attempt)} blocks`;
}
