import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/commands/io';
import { LOCAL } from '../../src/commands/sweep/engines/local';
import { runningPath, runningText } from '../../src/sweep/state';
import { bundled } from '../vae/checkpoint/bundled';
import { type Said, sweepWith } from './command';

let scratch: string;
let cli: string;
let cwd: string;
const [, ownScript = ''] = process.argv;
beforeAll(async () => {
  // Beside node_modules, where the packages are found.
  await mkdir('.cache', { recursive: true });
  scratch = await mkdtemp(join(process.cwd(), '.cache', 'sweep-'));
  cli = join(scratch, 'cli.cjs');
  await writeFile(cli, `require.main = module;\n${await bundled("import './src/cli';")}`);
  // Trials are processes of the script that the sweep's own process runs.
  process.argv[1] = cli;
});
afterAll(() => {
  process.argv[1] = ownScript;
  return rm(scratch, { recursive: true });
});
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-sweep-'));
});

interface Ended {
  code: number | null;
  out: string;
  err: string;
}
/** Begins a sweep as a process, for what only a process has: signals and a kill. */
const begin = (...args: string[]) => beginIn(process.env, args);
function beginIn(env: NodeJS.ProcessEnv, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [cli, 'sweep', ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return { child, ended: new Promise((done) => child.on('close', (code) => done({ code, ...said }))) };
}
const sweep = (...args: string[]): Promise<Said> => sweepWith(process.env, cwd, args);

const TRAIN = 'data: synthetic, train-images: 300, validation-images: 50, latent: 2, hidden: [12]';
const file = async (epochs: number, grid: string, more = '') =>
  writeFile(join(cwd, 's.yaml'), `train: {${TRAIN}, epochs: ${epochs}${more}}\ngrid: {${grid}}\n`);
const run = ['run', 's.yaml', '--output', 'a', '--json'];
/** Waits until so many attempts have begun and one of them runs and has saved an epoch. Returns its process id. */
async function runnerIn(cwd: string, attempts: number): Promise<number> {
  const trials = join(cwd, 'a', 'trials');
  for (;;) {
    const files = existsSync(trials) ? await readdir(trials, { recursive: true }) : [];
    const begun = files.filter((name) => /attempts\/[^/]+$/.test(name)).length;
    const [path] = files.filter(
      (name) => name.endsWith('/running') && files.includes(name.replace('running', 'last.json')),
    );
    const text = path === undefined ? '' : await readFile(join(trials, path), 'utf8').catch(() => '');
    if (begun >= attempts && text !== '') return JSON.parse(text).pid;
    await new Promise((done) => setTimeout(done, 10));
  }
}
/** The most epochs that an attempt of a trial has saved. */
async function epochsIn(attempts: string): Promise<number> {
  const names = await readdir(attempts);
  const epochs = names.map(async (name) => {
    const text = await readFile(join(attempts, name, 'last.json'), 'utf8').catch(() => null);
    return text === null ? 0 : JSON.parse(text).progress.epochs.length;
  });
  return Math.max(0, ...(await Promise.all(epochs)));
}
const weights = async (folder: string): Promise<Record<string, string>> => {
  const trials = join(cwd, folder, 'trials');
  const read = async (id: string) => JSON.parse(await readFile(join(trials, id, 'result.json'), 'utf8')).weights;
  return Object.fromEntries(await Promise.all((await readdir(trials)).map(async (id) => [id, await read(id)])));
};

describe('gmm-vae sweep on this machine', { timeout: 180_000 }, () => {
  it('trains every combination once, groups the seeds, and keeps what is there when values are added', async () => {
    await file(2, 'prior: [normal, gmm], seed: [1, 2]');
    const first = await sweep(...run);
    expect(first.code, first.err).toBe(0);
    const { trials, groups } = JSON.parse(first.out);
    expect(trials.map(({ state }: { state: string }) => state)).toEqual(['done', 'done', 'done', 'done']);
    for (const { id } of trials) expect(id).toMatch(/^(normal|gmm)-s[12]-[\da-f]{8}$/);
    expect(groups.map(({ n }: { n: number }) => n)).toEqual([2, 2]);
    const [a, b] = trials.map(({ metrics }: { metrics: { loss: number } }) => metrics.loss);
    expect(groups[0].mean.loss).toBeCloseTo((a + b) / 2, 10);
    // Of two values: half their distance.
    expect(groups[0].standardError.loss).toBeCloseTo(Math.abs(a - b) / 2, 10);

    const before = await weights('a');
    await file(2, 'prior: [normal, gmm], seed: [2, 3]');
    const second = await sweep(...run);
    expect(second.err.match(/not in the file any more: kept/g)).toHaveLength(2);
    expect(second.err).toContain('2 of 2: ');
    expect(JSON.parse(second.out).trials).toHaveLength(6);
    expect(await weights('a')).toMatchObject(before);
    const collected = await sweep('collect', 'a', '--json');
    expect(JSON.parse(collected.out)).toEqual(JSON.parse(second.out));
  });

  it('goes on after Ctrl-C, and after a cancel and a retry, to the bits of a sweep that ran in one go', async () => {
    // The first trial is long enough to be found at work; the second, which nobody waits for, need not be.
    await writeFile(join(cwd, 's.yaml'), `train: {${TRAIN}, prior: normal}\nzip: {epochs: [300, 2], seed: [1, 2]}\n`);
    const straight = await sweep('run', 's.yaml', '--output', 'straight', '--json');
    expect(straight.code, straight.err).toBe(0);
    const interrupted = begin(...run, '--jobs', '1');
    await runnerIn(cwd, 1);
    interrupted.child.kill('SIGINT');
    expect((await interrupted.ended).code).toBe(130);
    const cancelled = begin(...run, '--jobs', '1');
    await runnerIn(cwd, 2);
    expect((await sweep('cancel', 'a')).out).toBe('2 of 2 trials cancelled\n');
    await cancelled.ended;
    expect((await sweep('status', 'a')).out.match(/^cancelled /gm)).toHaveLength(2);
    expect((await sweep('retry', 'a')).out).toContain('2 of 2 trials will be tried again');
    const last = await sweep(...run);
    expect(last.code, last.err).toBe(0);
    expect(await weights('a')).toEqual(await weights('straight'));
  });

  it('makes a trial again whose folder was deleted, also the last one with the folder around it', async () => {
    await file(1, 'prior: [normal], seed: [1, 2]');
    const first = JSON.parse((await sweep(...run)).out);
    const trials = join(cwd, 'a', 'trials');
    await rm(join(trials, first.trials[0].id), { recursive: true });
    expect((await sweep('status', 'a')).out).toBe(`done      ${first.trials[1].id}\n`);
    expect(JSON.parse((await sweep(...run)).out)).toEqual(first);
    await rm(trials, { recursive: true });
    expect(await sweep('status', 'a')).toMatchObject({ code: 0, out: '' });
    expect(JSON.parse((await sweep(...run)).out)).toEqual(first);
  });

  it('leaves a trial alone that another run has begun since it was planned', async () => {
    const attempt = join(cwd, 'a', 'trials', 'normal-s1', 'attempts', 'local.1');
    await mkdir(attempt, { recursive: true });
    await writeFile(runningPath(attempt), runningText());
    const said: string[] = [];
    const stderr = { write: (text: string) => said.push(text) };
    const io = { stderr, cwd, env: process.env, now: Date.now, signal: new AbortController().signal };
    const trial = { id: 'normal-s1', options: { threads: 1 }, evaluate: null };
    await LOCAL.run({ sweep: join(cwd, 'a'), trials: [trial], options: {}, wait: true }, io as unknown as CommandIo);
    expect(said).toEqual(['normal-s1: already running elsewhere, left alone\n']);
    expect(await readdir(join(attempt, '..'))).toEqual(['local.1']);
  });

  it('trains no trial twice where two runs begin in the same instant on one folder', async () => {
    await file(30, 'prior: [normal], seed: [1, 2, 3]');
    const both = await Promise.all([1, 2].map(() => begin(...run, '--jobs', '2').ended));
    const states = (of: Ended) => JSON.parse(of.out).trials.map(({ state }: { state: string }) => state);
    // The one that ends last has seen all of them done; the other left alone what was running.
    expect(both.map(states), both.map(({ err }) => err).join()).toContainEqual(['done', 'done', 'done']);
    const trials = join(cwd, 'a', 'trials');
    for (const id of await readdir(trials)) {
      const log = await readFile(join(cwd, 'a', 'logs', `${id}.log`), 'utf8');
      expect(log.match(/epoch 30 of 30/g), log).toHaveLength(1);
      expect(await readdir(join(trials, id, 'attempts'))).toHaveLength(1);
    }
  });

  it('records a trial that diverges, and runs the others', async () => {
    await file(2, 'learning-rate: [1.0e+30, 1.0e-3]');
    const { code, out } = await sweep(...run);
    expect(code).toBe(1);
    expect(JSON.parse(out).trials.map(({ state }: { state: string }) => state)).toEqual(['failed', 'done']);
  });

  it('names what an edited file changed, with what stands in its place, and runs that alone', async () => {
    await file(1, 'prior: [normal], seed: [1, 2]');
    expect((await sweep(...run)).code).toBe(0);
    await writeFile(join(cwd, 's.yaml'), `train: {${TRAIN}, epochs: 2}\nzip: {prior: [normal, gmm], seed: [1, 3]}\n`);
    const { code, err } = await sweep(...run);
    expect(code, err).toBe(0);
    expect(err).toMatch(
      /normal-s1-\w+ is not in the file any more: kept, not run; replaced by normal-s1-\w+ \(epochs: 1 → 2\)/,
    );
    expect(err).toMatch(/normal-s2-\w+ is not in the file any more: kept, not run\n/);
    expect(err).toContain('2 of 2: ');
    expect(await readdir(join(cwd, 'a', 'trials'))).toHaveLength(4);
  });

  it('continues what is there where an edited file has more epochs or another scoring, to the bits of a training in one go', async () => {
    await file(2, 'prior: [gmm], seed: [1]');
    expect((await sweep(...run)).code).toBe(0);
    const scored = `train: {${TRAIN}, epochs: 4}\ngrid: {prior: [gmm], seed: [1]}\nevaluate: {samples: 3, limit: 20}\n`;
    await writeFile(join(cwd, 's.yaml'), scored);
    expect((await sweep(...run)).code).toBe(0);
    await writeFile(join(cwd, 's.yaml'), scored.replace('samples: 3', 'samples: 5'));
    expect((await sweep(...run)).code).toBe(0);
    const epochs = async (id: string) => {
      const log = await readFile(join(cwd, 'a', 'logs', `${id}.log`), 'utf8');
      return log.match(/epoch \d of \d/g) ?? [];
    };
    const trained = await Promise.all((await readdir(join(cwd, 'a', 'trials'))).map(epochs));
    expect(trained.flat().sort()).toEqual(['epoch 1 of 2', 'epoch 2 of 2', 'epoch 3 of 4', 'epoch 4 of 4']);
    expect((await sweep('run', 's.yaml', '--output', 'straight')).code).toBe(0);
    expect(await weights('a')).toMatchObject(await weights('straight'));
  });

  it('goes on with the files of the folder where it began, when it is run again from another', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 2},${i % 3 === 0 ? 1 : 0},1,0`);
    await Promise.all(['one', 'other'].map((name) => mkdir(join(cwd, name))));
    await writeFile(join(cwd, 'one', 'rows.csv'), `a,b,c,d\n${rows.join('\n')}\n`);
    await writeFile(join(cwd, 's.yaml'), `train: {data: rows.csv, latent: 2, hidden: [4], epochs: 1, batch-size: 5}\n`);
    const from = (name: string) =>
      sweepWith(process.env, join(cwd, name), ['run', '../s.yaml', '--output', '../a', '--json']);
    const first = await from('one');
    expect(first.code, first.err).toBe(0);
    const [{ id }] = JSON.parse(first.out).trials;
    const before = await weights('a');
    await rm(join(cwd, 'a', 'trials', id, 'result.json'));
    const again = await from('other');
    expect(again.code, again.err).toBe(0);
    expect(await weights('a')).toEqual(before);
    // As a pod of Kubernetes would.
    await rm(join(cwd, 'a', 'trials', id, 'result.json'));
    const pod = { ...process.env, JOB_COMPLETION_INDEX: '3' };
    expect(await sweepWith(pod, join(cwd, 'other'), ['task', '../a', id])).toMatchObject({ code: 0 });
    expect(await weights('a')).toEqual(before);
    const attempts = await readdir(join(cwd, 'a', 'trials', id, 'attempts'));
    expect(attempts.map((name) => name.split(/[.-]/).slice(0, 1).join()).sort()).toEqual(['local', 'local', 'pod']);
  });

  it('records a trial whose option does not fit the data as failed, with what it said itself', async () => {
    await writeFile(join(cwd, 's.yaml'), 'train: {data: synthetic, prior: vamp, train-images: 200, epochs: 1}\n');
    const { code, err } = await sweep(...run);
    expect(code).toBe(1);
    const refusal = /components: expected at most 200 .*, got 500/;
    expect(err).toMatch(refusal);
    const { out } = await sweep('status', 'a');
    expect(out).toMatch(/^failed +vamp-s1-\w+/);
    expect(out).toMatch(refusal);
    expect((await sweep('collect', 'a')).out).toMatch(refusal);
  });

  it('goes on at once after a kill that nobody could clear up behind', async () => {
    await file(60, 'prior: [normal]');
    const { child, ended } = begin(...run);
    process.kill(await runnerIn(cwd, 1), 'SIGKILL');
    child.kill('SIGKILL');
    await ended;
    // A process, as from a shell: by when it looks, the killed trial is gone.
    const again = await begin(...run).ended;
    expect(again.code, again.err).toBe(0);
  });

  it('ends a job whose time was up before it came any further, instead of putting it back for ever', async () => {
    await file(300, 'prior: [normal]');
    // What Slurm's scontrol would do is written down.
    const bin = join(cwd, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'scontrol'), `#!/bin/sh\necho "$@" >>${join(cwd, 'asked')}\n`, { mode: 0o755 });
    const interrupted = begin(...run);
    await runnerIn(cwd, 1);
    interrupted.child.kill('SIGTERM');
    await interrupted.ended;
    const [id = ''] = await readdir(join(cwd, 'a', 'trials'));
    const env = { ...process.env, SLURM_JOB_ID: '7', PATH: `${bin}:${process.env.PATH}` };
    const attempts = join(cwd, 'a', 'trials', id, 'attempts');
    const before = (await readdir(attempts)).length;
    const task = beginIn(env, ['task', 'a', id]);
    // Its folder is there before the compiler has begun.
    while ((await readdir(attempts)).length === before) await new Promise((done) => setTimeout(done, 5));
    task.child.kill('SIGUSR1');
    const { code, err } = await task.ended;
    expect([code, err]).toEqual([1, expect.stringContaining('one time limit is too short for any progress')]);
    expect(existsSync(join(cwd, 'asked'))).toBe(false);
    const status = await sweep('status', 'a');
    expect(status.out).toMatch(/^failed {4}normal-s1-\w+ {2}one time limit is too short/);
    await sweep('retry', 'a');
    const longer = beginIn(env, ['task', 'a', id]);
    const saved = await epochsIn(attempts);
    while ((await epochsIn(attempts)) === saved) await new Promise((done) => setTimeout(done, 20));
    longer.child.kill('SIGUSR1');
    await longer.ended;
    expect(await readFile(join(cwd, 'asked'), 'utf8')).toBe('requeue 7\n');
  });

  it('searches by halving: the best go on from where they were, to the bits of a training in one go', async () => {
    const search = [
      `train: {${TRAIN}, epochs: 4, prior: normal}`,
      'ranges: {learning-rate: {from: 1.0e-4, to: 1.0e-2, log: true}}',
      'search: {draws: 4, factor: 2, metric: validation}',
      'evaluate: {samples: 3, limit: 20}',
    ];
    await writeFile(join(cwd, 's.yaml'), search.join('\n'));
    const halving = [...run, '--method', 'halving'];
    const first = await sweep(...halving);
    expect(first.code, first.err).toBe(0);
    const rungs = [...first.err.matchAll(/^rung .*$/gm)].map(([line]) => line);
    expect(rungs).toEqual([
      'rung 1 of 3: 4 settings, 1 epoch',
      'rung 2 of 3: 2 settings, 2 epochs',
      'rung 3 of 3: 1 setting, 4 epochs',
    ]);
    interface Row {
      id: string;
      options: { epochs: number; 'learning-rate': number };
      metrics: Record<string, number>;
    }
    const trials: Row[] = JSON.parse(first.out).trials;
    const rung = (epochs: number) => trials.filter(({ options }) => options.epochs === epochs);
    const rates = (rows: readonly Row[]) => rows.map(({ options }) => options['learning-rate']);
    expect([rung(1).length, rung(2).length, rung(4).length]).toEqual([4, 2, 1]);
    const better = (rows: readonly Row[]) =>
      [...rows].sort((a, b) => (a.metrics.validation ?? 0) - (b.metrics.validation ?? 0));
    expect(new Set(rates(rung(2)))).toEqual(new Set(rates(better(rung(1)).slice(0, 2))));
    expect(rates(rung(4))).toEqual(rates(better(rung(2)).slice(0, 1)));
    // Test images are for the last rung alone, and no epoch was trained twice.
    expect(trials.filter(({ metrics }) => 'test/nll' in metrics)).toEqual(rung(4));
    const log = await readFile(join(cwd, 'a', 'logs', `${rung(4)[0]?.id}.log`), 'utf8');
    expect(log.match(/epoch \d of 4/g)).toEqual(['epoch 3 of 4', 'epoch 4 of 4']);

    const winner = rates(rung(4))[0];
    await writeFile(join(cwd, 'w.yaml'), [search[0], `grid: {learning-rate: [${winner}]}`, search[3]].join('\n'));
    expect((await sweep('run', 'w.yaml', '--output', 'w')).code).toBe(0);
    expect(await weights('a')).toMatchObject(await weights('w'));
    const before = await weights('a');
    const again = await sweep(...halving);
    expect([again.code, again.err]).toEqual([0, '']);
    expect(await weights('a')).toEqual(before);
  });

  it('draws at random from ranges, and refuses ranges that nobody draws from', async () => {
    await writeFile(
      join(cwd, 's.yaml'),
      `train: {${TRAIN}, epochs: 1}\ngrid: {seed: [1, 2]}\nranges: {prior: [normal, gmm], batch-size: {from: 20, to: 90, integer: true}}\nsearch: {draws: 3}\n`,
    );
    const { trials, script } = JSON.parse((await sweep(...run, '--dry-run')).out);
    expect([trials.length, script]).toEqual([6, '']);
    expect(trials[0]).toMatchObject({ id: expect.stringMatching(/^\w+-/), options: { seed: 1 }, evaluate: null });
    expect(await sweep(...run, '--method', 'grid')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^gmm-vae: ranges: .*\n$/),
    });
    await file(1, 'seed: [1]');
    expect(await sweep(...run, '--method', 'random')).toMatchObject({
      code: 2,
      err: expect.stringContaining('ranges: a search needs some'),
    });
  });

  it('refuses in one line what it cannot read, and does nothing on a dry run', async () => {
    await file(1, 'prior: [normal], seed: [1, 2]');
    const dry = await sweep('run', 's.yaml', '--output', 'a', '--dry-run');
    expect(dry.out.match(/^normal-s[12]-[\da-f]{8}: gmm-vae train .*--threads=1/gm)).toHaveLength(2);
    expect(existsSync(join(cwd, 'a'))).toBe(false);
    for (const [more, message] of [
      [', no-such: 1', /--no-such=1: not an option of "gmm-vae train"/],
      [', checkpoint: x', /checkpoint: a sweep says that itself/],
      [', seed: 1', /seed: said twice/],
      [', prior: norml', /prior: said twice/],
    ] as const) {
      await file(1, 'prior: [normal], seed: [1]', more);
      const { code, err } = await sweep(...run);
      expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
      expect(err).toMatch(message);
    }
    expect((await sweep('collect', 'a')).err).toContain('no sweep here');
  });
});
