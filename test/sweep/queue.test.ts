import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sweepCommand } from './command';

let cwd: string;
const path = process.env.PATH;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-queue-'));
});
afterEach(() => {
  process.env.PATH = path;
  return rm(cwd, { recursive: true });
});

/** Puts a `squeue` in front of any that is installed. */
async function squeuePrints(lines: readonly string[]): Promise<void> {
  const bin = join(cwd, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'squeue.txt'), lines.map((line) => `${line}\n`).join(''));
  await writeFile(join(bin, 'squeue'), '#!/bin/sh\ncat "$0.txt"\n');
  await chmod(join(bin, 'squeue'), 0o755);
  process.env.PATH = `${bin}${delimiter}${path}`;
}

it('status reads the queue of the longest sweep that there may be', async () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => `normal-s${i}-01234567`);
  const lists = join(cwd, 'a'.repeat(60), 'lists');
  const sweep = join(lists, '..');
  await mkdir(lists, { recursive: true });
  await writeFile(join(lists, '89abcdef.txt'), ids.map((id) => `${id}\n`).join(''));
  await writeFile(join(sweep, 'sweep.json'), JSON.stringify({ format: 'gmm-vae sweep', version: 1, trials: [] }));
  await mkdir(join(sweep, 'trials', ids[9999] as string), { recursive: true });
  const trial = JSON.stringify({ options: { prior: 'normal', seed: 9999 }, evaluate: null });
  await writeFile(join(sweep, 'trials', ids[9999] as string, 'trial.json'), trial);
  await squeuePrints(ids.map((_, i) => `7|${i}|PENDING|Priority|${join(lists, '89abcdef.sh')}`));
  expect(await sweepCommand(cwd, 'status', sweep)).toEqual({
    code: 0,
    out: 'waiting   normal-s9999-01234567  job 7_9999 pending: Priority\n',
    err: '',
  });
});
