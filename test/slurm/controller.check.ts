import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, type Ended, TRAIN, until } from './cluster';
import { OneTrial } from './one-trial';

let cluster: Cluster;
let one: OneTrial;
beforeAll(async () => {
  cluster = await Cluster.up(17020);
  one = new OneTrial(cluster);
});
afterAll(async () => {
  await one.straight;
  cluster.down();
});

it('four power failures in a row, each on the node where the trial runs, cost nothing but time', async () => {
  const run = one.submit('power');
  let step = 0;
  for (const attempts of [0, 1, 2, 3]) {
    step = await one.furtherThan('power', step, attempts);
    one.powerFailure();
  }
  const { code, err } = await run;
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids('power');
  expect(cluster.attempts('power', id)).toHaveLength(5);
  await one.expectSameBits('power');
});

it('a job that a dead controller has forgotten, and whose id another sweep gets, is submitted again', async () => {
  const queued = (file: string, folder: string) => cluster.sweep('run', file, '--output', folder, '--engine', 'slurm');
  const idOf = ({ err }: Ended) => /^submitted job (\d+): /.exec(err)?.[1];
  cluster.script('remember');
  cluster.slurm('scontrol', 'update', 'partitionname=low', 'state=down');
  const forgotten = idOf(await queued('one.yaml', 'lost'));
  cluster.script('crash');
  const dead = await cluster.sweep('status', 'lost');
  expect([dead.code, dead.out], dead.err).toEqual([0, expect.stringMatching(/^waiting {3}normal-s1-\w+\n$/)]);
  cluster.script('forget');
  cluster.script('control');
  cluster.file('other.yaml', `train: {${TRAIN}, epochs: 3, prior: gmm}\nslurm: {partition: low}\n`);
  const other = cluster.sweep('run', 'other.yaml', '--output', 'other', '--engine', 'slurm', '--wait');
  await until('the other is in the queue', async () => (await cluster.sweep('status', 'other')).out.includes(' job '));
  // The job of that id is none of this sweep's.
  expect((await cluster.sweep('status', 'lost')).out).toMatch(/^waiting {3}normal-s1-\w+\n$/);
  const ended = await other;
  expect([ended.code, idOf(ended)], ended.err).toEqual([0, forgotten]);
});

it('a launch that failed is shown with its reason and what to type, and what a controller forgot ends as if it had not', async () => {
  writeFileSync(join(cluster.cwd, 'cluster', 'refuse'), '');
  const again = one.submit('lost');
  let status = '';
  await until('the launch has failed', async () => {
    status = (await cluster.sweep('status', 'lost')).out;
    return status.includes('held');
  });
  const [, job = ''] = /: launch failed requeued held: "scontrol release (\d+_0)" lets it begin$/m.exec(status) ?? [];
  expect(job, status).not.toBe('');
  // The waiting command asks Slurm once a second, and is to see it too.
  await new Promise((done) => setTimeout(done, 3000));
  rmSync(join(cluster.cwd, 'cluster', 'refuse'));
  cluster.script('resume');
  cluster.slurm('scontrol', 'release', job);
  const { code, err } = await again;
  expect(code, err).toBe(0);
  expect(err).toContain(`job ${job} waits: launch failed requeued held: "scontrol release ${job}" lets it begin`);
  await one.expectSameBits('lost');
});

it('an edited file adds its new trials, keeps the old ones, and names what it changed', async () => {
  const edit = (zip: string) =>
    cluster.file('an edited file.yaml', `train: {${TRAIN}, epochs: 2}\nzip: {${zip}}\nslurm: {partition: low}\n`);
  const run = (folder: string, ...more: string[]) =>
    cluster.sweep('run', 'an edited file.yaml', '--output', folder, ...more);
  const both = async () => {
    const [there, here] = [await run('an edited sweep', '--engine', 'slurm', '--wait'), await run('edited here')];
    expect([there.code, here.code], there.err + here.err).toEqual([0, 0]);
    return there.err;
  };
  edit('prior: [normal, gmm], seed: [1, 2], learning-rate: [1.0e-3, 1.0e-3]');
  expect(await both()).toMatch(/^submitted job \d+: 2 of 2 trials\n$/);
  const before = cluster.results('an edited sweep');
  edit('prior: [normal, gmm, gmm], seed: [1, 2, 3], learning-rate: [2.0e-3, 1.0e-3, 1.0e-3]');
  expect(await both()).toMatch(
    /^gmm-vae: normal-s1-\w+ is not in the file any more: kept, not run; replaced by normal-s1-\w+ \(learning-rate: 0.001 → 0.002\)\nsubmitted job \d+: 2 of 2 trials\n$/,
  );
  expect(Object.keys(cluster.results('an edited sweep'))).toHaveLength(4);
  expect(cluster.results('an edited sweep')).toMatchObject(before);
  expect(cluster.results('an edited sweep')).toEqual(cluster.results('edited here'));
  for (const id of cluster.ids('an edited sweep')) expect(cluster.attempts('an edited sweep', id)).toHaveLength(1);
});
