import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, TRAIN, until } from './cluster';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.up(17000);
});
afterAll(() => cluster.down());

it('eight trials on two nodes, one of which loses its power in the middle, submitted twice in parts, end with the bits of the local engine', async () => {
  const grid = 'grid: {prior: [normal, gmm], seed: [1, 2, 3, 4]}';
  // Some five seconds each, so that the power fails in the middle of one.
  cluster.file('s.yaml', `train: {${TRAIN}, epochs: 150}\n${grid}\nslurm: {partition: low}\n`);
  const run = ['run', 's.yaml', '--output', 'slurm', '--engine', 'slurm', '--json'];
  const first = cluster.sweep(...run, '--wait');
  const second = cluster.sweep(...run);
  await until('both nodes are at a trial', () => {
    const done = cluster.results('slurm');
    return cluster.ids('slurm').filter((id) => cluster.savedStep('slurm', id) > 0 && !done[id]).length >= 2;
  });
  cluster.script('kill', 'n1');
  const [one, other] = await Promise.all([1, 2].map(() => cluster.sweep('collect', 'slurm', '--json')));
  expect(JSON.parse(one?.out ?? '').trials).toHaveLength(8);
  expect([one?.code, other?.code]).toEqual([0, 0]);
  // The site takes arrays of six.
  const submitted = await second;
  expect(submitted.err).toMatch(/^submitted job \d+: 6 of 8 trials\nsubmitted job \d+: 2 of 8 trials\n/);
  expect(JSON.parse(submitted.out).trials).toHaveLength(8);
  const { code, out, err } = await first;
  expect(code, err).toBe(0);
  const ids: string[] = JSON.parse(out).trials.map(({ id }: { id: string }) => id);
  expect(ids).toHaveLength(8);
  // Each was begun once, and the one that the power failure hit once more; the second submission found all done.
  const attempts = ids.map((id) => cluster.attempts('slurm', id).length).sort();
  expect(attempts).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
  const local = await cluster.sweep('run', 's.yaml', '--output', 'local', '--json');
  expect(local.code, local.err).toBe(0);
  expect(cluster.results('slurm')).toEqual(cluster.results('local'));
});

it('a run here and one on the cluster that begin in the same instant train the trial once', async () => {
  cluster.file('b.yaml', `train: {${TRAIN}, epochs: 300, prior: normal}\nslurm: {partition: low}\n`);
  const run = (...more: string[]) => cluster.sweep('run', 'b.yaml', '--output', 'beside', ...more);
  const ends = await Promise.all([run(), run('--engine', 'slurm', '--wait')]);
  // The one that left the trial alone may have ended before the other had done it.
  expect(ends.map(({ code }) => code).sort(), ends.map(({ err }) => err).join()).toContain(0);
  const [id = ''] = cluster.ids('beside');
  expect(Object.keys(cluster.results('beside'))).toEqual([id]);
  expect(cluster.attempts('beside', id)).toHaveLength(1);
});

it('a folder may have any name that Slurm can write logs to', async () => {
  cluster.file('n.yaml', `train: {${TRAIN}, epochs: 1, prior: normal}\nslurm: {partition: low, comment: "it's #1"}\n`);
  const names = ['a b', "it's", '100% %A', '#1', 'x|y & $HOME;', '"quoted"', 'é ü'];
  const ends = await Promise.all(
    names.map((name) => cluster.sweep('run', 'n.yaml', '--output', join('names', name), '--engine', 'slurm', '--wait')),
  );
  for (const [i, { code, err }] of ends.entries()) {
    expect(code, names[i] + err).toBe(0);
    const logs = readdirSync(join(cluster.cwd, 'names', names[i] as string, 'logs'));
    expect(logs).toEqual([expect.stringMatching(/^\d+_0\.log$/)]);
  }
  expect(readdirSync(join(cluster.cwd, 'names')).sort()).toEqual([...names].sort());
});

it('a search by halving climbs on Slurm as it does here', async () => {
  const ranges = 'ranges: {learning-rate: {from: 1.0e-4, to: 1.0e-2, log: true}}\nsearch: {draws: 3, factor: 3}';
  cluster.file('h.yaml', `train: {${TRAIN}, epochs: 3, prior: normal}\n${ranges}\nslurm: {partition: low}\n`);
  const run = (folder: string, ...more: string[]) =>
    cluster.sweep('run', 'h.yaml', '--output', folder, '--method', 'halving', ...more);
  // Without --wait, each call goes on as far as what is done lets it.
  const first = await run('halving', '--engine', 'slurm');
  expect([first.code, first.err]).toEqual([
    0,
    expect.stringMatching(/^rung 1 of 2: 3 settings, 1 epoch\nsubmitted job/),
  ]);
  const second = await run('halving', '--engine', 'slurm', '--wait');
  expect(second.code, second.err).toBe(0);
  expect(second.err).toContain('rung 2 of 2: 1 setting, 3 epochs');
  expect((await run('halving-local')).code).toBe(0);
  expect(Object.keys(cluster.results('halving'))).toHaveLength(4);
  expect(cluster.results('halving')).toEqual(cluster.results('halving-local'));
});

it('a random search draws on Slurm what it draws here', async () => {
  const ranges = 'ranges: {latent: {from: 2, to: 9, integer: true}}\nsearch: {draws: 2, seed: 4}';
  cluster.file(
    'r.yaml',
    `train: {${TRAIN.replace('latent: 2, ', '')}, epochs: 2}\n${ranges}\nslurm: {partition: low}\n`,
  );
  const run = (folder: string, ...more: string[]) =>
    cluster.sweep('run', 'r.yaml', '--output', folder, '--method', 'random', ...more);
  const there = await run('random', '--engine', 'slurm', '--wait');
  expect(there.code, there.err).toBe(0);
  expect((await run('random-local')).code).toBe(0);
  expect(Object.keys(cluster.results('random'))).toHaveLength(2);
  expect(cluster.results('random')).toEqual(cluster.results('random-local'));
});
