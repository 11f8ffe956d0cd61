import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderLock } from '../../../src/vae/checkpoint/folder-lock';
import { bundled, said, start } from './bundled';

let scratch: string;
let folder: string;
let lock: string;
let program: string;

beforeAll(async () => {
  // Takes the lock, says so, and holds it for a while, or until it is killed.
  program = await bundled(`
    import { FolderLock } from './src/vae/checkpoint/folder-lock';
    FolderLock.take(process.env.FOLDER).then(
      () => { console.log('taken'); setTimeout(() => process.exit(0), Number(process.env.HOLD)); },
      (error) => { console.log(error.message); process.exit(2); },
    );`);
});
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gmm-vae-lock-'));
  folder = join(scratch, 'run');
  lock = join(folder, '.lock');
});
afterEach(() => rm(scratch, { recursive: true }));

const take = () => FolderLock.take(folder);
const holder = async (): Promise<Record<string, unknown>> => JSON.parse(await readFile(lock, 'utf8'));

/** The lock of someone else: like one that was made here, with other contents. */
async function leave(change: object): Promise<void> {
  await take();
  await writeFile(lock, JSON.stringify({ ...(await holder()), token: 'another', ...change }));
}

describe('the lock of a checkpoint folder', () => {
  it('is held by one at a time, and says in one line by whom and since when', async () => {
    const own = await take();
    expect(await holder()).toMatchObject({ pid: process.pid, host: hostname() });
    const failure = await take().catch((error) => error);
    expect(failure.name).toBe('UsageError');
    expect(failure.message).toMatch(
      /: process \d+ has been writing here since \d{4}-.*Z: end it or name another folder/,
    );
    expect(failure.message).not.toContain('\n');
    own.release();
    own.release();
    (await take()).release();
  });

  it('leaves no folder behind that was made for it alone', async () => {
    (await take()).release();
    expect(existsSync(folder)).toBe(false);
    const own = await take();
    await writeFile(join(folder, 'kept'), '');
    own.release();
    expect(existsSync(folder)).toBe(true);
    expect(existsSync(lock)).toBe(false);
  });

  it('goes with its process when that exits by itself, and is taken over when it was killed', async () => {
    const ended = start(program, { FOLDER: folder, HOLD: '0' });
    expect(await ended.ended).toMatchObject({ code: 0, out: 'taken\n' });
    expect(existsSync(lock)).toBe(false);

    const killed = start(program, { FOLDER: folder, HOLD: '60000' });
    await said(killed, 'stdout', /taken/);
    await expect(take()).rejects.toThrow(`process ${killed.process.pid} has been writing here`);
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(lock)).toBe(true);
    const own = await take();
    expect((await holder()).pid).toBe(process.pid);
    own.release();
  });

  it('is taken over by exactly one of many that find it stale at once', async () => {
    const dead = start(program, { FOLDER: folder, HOLD: '60000' });
    await said(dead, 'stdout', /taken/);
    dead.process.kill('SIGKILL');
    await dead.ended;
    const all = await Promise.all(
      Array.from({ length: 6 }, () => start(program, { FOLDER: folder, HOLD: '3000' }).ended),
    );
    expect(all.filter(({ out }) => out === 'taken\n')).toHaveLength(1);
    expect(all.filter(({ out }) => out.includes('has been writing here'))).toHaveLength(5);
  });

  it('tells a process from an earlier one with the same id by when it started, where the system says so', async () => {
    await leave({ started: 'long ago' });
    if (process.platform === 'linux') (await take()).release();
    else await expect(take()).rejects.toThrow('has been writing here');
  });

  it('of another machine is respected, whatever its process id', async () => {
    await leave({ host: 'elsewhere', pid: 999_999_999 });
    await expect(take()).rejects.toThrow('process 999999999 on elsewhere has been writing here');
  });

  it('of an earlier run of the same Slurm job is taken over, on whichever node it was, and no other job takes it', async () => {
    const run = (id: string, restart: string, cluster = 'test') => ({
      SLURM_CLUSTER_NAME: cluster,
      SLURM_JOB_ID: id,
      SLURM_RESTART_COUNT: restart,
    });
    await FolderLock.take(folder, run('7', '1'));
    await writeFile(lock, JSON.stringify({ ...(await holder()), token: 'another', host: 'elsewhere' }));
    for (const other of [run('7', '1'), run('8', '2'), run('7', '2', 'another'), {}]) {
      await expect(FolderLock.take(folder, other)).rejects.toThrow('on elsewhere has been writing here');
    }
    (await FolderLock.take(folder, run('7', '2'))).release();
  });

  it('that was cut short while it was made is taken over once it is old', async () => {
    await leave({});
    await writeFile(lock, '');
    await expect(take()).rejects.toThrow('another process takes and leaves');
    const old = new Date(Date.now() - 60_000);
    await utimes(lock, old, old);
    (await take()).release();
  });

  it('is not removed by one who no longer has it', async () => {
    const first = await take();
    await writeFile(lock, JSON.stringify({ ...(await holder()), token: 'another' }));
    first.release();
    expect(existsSync(lock)).toBe(true);
  });

  it('names the folder where it cannot be made', async () => {
    await writeFile(join(scratch, 'run'), 'a file');
    await expect(take()).rejects.toThrow(`${folder}: cannot be written: is a file`);
  });

  it.runIf(process.platform === 'linux')('is refused at once where the system lets nobody make folders', async () => {
    await expect(FolderLock.take('/proc/run')).rejects.toThrow('/proc/run: cannot be written: ENOENT');
  });

  it('leaves none of the folders behind that were made on the way to it, and none that was there', async () => {
    (await FolderLock.take(join(folder, 'a', 'b'))).release();
    expect(existsSync(folder)).toBe(false);
    await mkdir(folder);
    (await FolderLock.take(join(folder, 'a', 'b'))).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
