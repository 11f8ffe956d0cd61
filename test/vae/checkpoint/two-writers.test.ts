import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint, readManifest, saveCheckpoint } from '../../../src/vae/checkpoint/folder';
import { bundled, said, start } from './bundled';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-two-writers-'));
});
afterEach(() => rm(folder, { recursive: true }));

const PROGRAM = `
  import { trainUntilKilled } from './test/vae/checkpoint/killed-training';
  trainUntilKilled(process.env.FOLDER, 'mixture').catch((error) => { console.error(error.message); process.exit(2); });`;

describe('two writers in one checkpoint folder, its lock removed', () => {
  it('both come to their end, and to the bits of one', async () => {
    const program = await bundled(PROGRAM);
    const alone = await mkdtemp(join(tmpdir(), 'gmm-vae-one-writer-'));
    expect((await start(program, { FOLDER: alone }).ended).code).toBe(0);
    const first = start(program, { FOLDER: folder });
    await said(first, 'stdout', /^6$/m);
    await rm(join(folder, '.lock'));
    const second = start(program, { FOLDER: folder });
    const ends = await Promise.all([first.ended, second.ended]);
    expect(ends.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const files = async (where: string) => (await readManifest(where, 'last'))?.files;
    expect(await files(folder)).toEqual(await files(alone));
    expect((await readCheckpoint(folder))?.weights.size).toBeGreaterThan(0);
    await rm(alone, { recursive: true });
  });

  it('what one of them is about to name is left alone by the other, until it is an hour old', async () => {
    const program = await bundled(PROGRAM);
    expect((await start(program, { FOLDER: folder }).ended).code).toBe(0);
    const checkpoint = await readCheckpoint(folder);
    if (!checkpoint) throw new Error('no checkpoint');
    const others = ['weights-000000001-00000000.safetensors', '.last.json.7-0a1b2c.tmp', '.last.json.7.tmp'];
    for (const name of others) await writeFile(join(folder, name), '');
    await saveCheckpoint(folder, checkpoint, { best: false });
    expect(await readdir(folder)).toEqual(expect.arrayContaining(others));
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const name of others) await utimes(join(folder, name), old, old);
    await saveCheckpoint(folder, checkpoint, { best: false });
    expect(others.filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });
});
