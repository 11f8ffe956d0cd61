import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rivalOf } from '../../src/sweep/claim';
import { SignOfLife } from '../../src/sweep/sign-of-life';
import { runnerOf, runningPath, runningText } from '../../src/sweep/state';

let trial: string;
beforeEach(() => {
  trial = mkdtempSync(join(tmpdir(), 'gmm-vae-claim-'));
});
afterEach(() => rmSync(trial, { recursive: true }));

const { signal } = new AbortController();
const ELSEWHERE = { host: 'another-machine', pid: 7, started: null };

async function folderOf(name: string): Promise<string> {
  const attempt = join(trial, 'attempts', name);
  await mkdir(attempt, { recursive: true });
  return attempt;
}
const claim = async (name: string) => SignOfLife.begin(await folderOf(name), () => {});
const look = (name: string) => rivalOf(join(trial, 'attempts', name), signal);
/** The sign of life of a process, real or not. */
async function sign(name: string, runner: object): Promise<string> {
  const path = runningPath(await folderOf(name));
  await writeFile(path, JSON.stringify(runner));
  return path;
}

describe('of tasks that begin one trial in the same instant', () => {
  it('one goes on, whatever their order, and however many there are', async () => {
    const names = ['local.3-a', 'local.1-c', 'local.2-b', 'local.9-d'];
    const signs = await Promise.all(names.map(claim));
    const ends = names.map(async (name, i) => {
      const rival = await look(name);
      if (rival) await signs[i]?.end();
      return rival === null;
    });
    expect(await Promise.all(ends)).toEqual([false, true, false, false]);
    await signs[1]?.end();
  });

  it('one that is at work goes on, also before those whose names come first', async () => {
    const first = await claim('local.5');
    expect(await look('local.5')).toBeNull();
    await first.settle();
    const second = await claim('local.1');
    expect(await look('local.1')).toMatchObject({ pid: process.pid, host: hostname() });
    await Promise.all([first.end(), second.end()]);
  });

  it('one that has died is none: killed on this machine, or silent on another', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'close');
    await sign('local.0', { host: hostname(), pid: child.pid, started: null });
    const own = await claim('local.1');
    const old = await sign('local.2', ELSEWHERE);
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes(old, hourAgo, hourAgo);
    expect(await look('local.1')).toBeNull();
    await own.end();
  });

  it('one on another machine is at work if it renews its sign of life, whatever its clock says', async () => {
    const [path, own] = [await sign('local.9', ELSEWHERE), await claim('local.1')];
    // An hour ahead.
    const ahead = Date.now() / 1000 + 3600;
    await utimes(path, ahead, ahead);
    const renewed = setTimeout(() => void utimes(path, ahead + 2, ahead + 2), 300);
    expect(await look('local.1')).toEqual(ELSEWHERE);
    clearTimeout(renewed);
    await own.end();
  });

  it('one is never read as gone while it renews its sign of life', async () => {
    const other = await claim('local.1');
    await other.settle();
    const path = runningPath(join(trial, 'attempts', 'local.1'));
    let isRead = true;
    const renewing = (async () => {
      for (let i = 0; i < 300; i++) await other.settle();
      isRead = false;
    })();
    for (; isRead; await new Promise(setImmediate)) expect(runnerOf(path)).toMatchObject({ pid: process.pid });
    await renewing;
    await other.end();
    expect(runnerOf(path)).toBeNull();
  });

  it('one of a scheduler gives way to one by hand that is at work, and to none of its own, which may be gone', async () => {
    await writeFile(runningPath(await folderOf('12.0-a')), runningText());
    const [queued, byHand] = [await claim('12.1-b'), await claim('local.1-c')];
    // A claim by hand gives way, and the scheduler's waits for that.
    expect(await look('local.1-c')).toMatchObject({ pid: process.pid });
    await byHand.end();
    expect(await look('12.1-b')).toBeNull();
    await queued.end();
    await writeFile(runningPath(await folderOf('local.1-d')), runningText());
    const later = await claim('12.2-e');
    expect(await look('12.2-e')).toMatchObject({ pid: process.pid });
    await later.end();
    expect(await readdir(join(trial, 'attempts', '12.2-e'))).toEqual([]);
  });
});
