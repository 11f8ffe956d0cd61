import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, type Ended, stepOf, TRAIN, until } from './cluster';

/** A disk of its own, which fills up: mounted before the nodes have mounts of their own. */
const small = (cwd: string) => join(cwd, 'small');
const ONE = `train: {${TRAIN}, epochs: 180, prior: normal, seed: 1}\nevaluate: {samples: 300, limit: 100}\nslurm: {partition: low}\n`;

/** A folder that each node, and the test, sees through an sshfs of its own: no hard links, no shared locks, three caches. */
function shareBySshfs(cwd: string): void {
  for (const name of ['real', 'remote', 'cluster']) mkdirSync(join(cwd, name));
  const server = join(cwd, 'sftp');
  writeFileSync(server, '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n', { mode: 0o755 });
  const mount = `sshfs -o ssh_command=${server},disable_hardlink x:${join(cwd, 'real')} ${join(cwd, 'remote')}`;
  writeFileSync(join(cwd, 'cluster', 'mount'), `#!/bin/sh\nexec ${mount}\n`, { mode: 0o755 });
}

let cluster: Cluster;
let straight: Promise<Ended>;
beforeAll(async () => {
  cluster = await Cluster.up(17010, (cwd) => {
    mkdirSync(small(cwd));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', small(cwd)]);
    shareBySshfs(cwd);
  });
  // After the nodes', so that theirs are not this one.
  execFileSync(join(cluster.cwd, 'cluster', 'mount'));
  cluster.file('one.yaml', ONE);
  // What all of the others are to come to.
  straight = cluster.sweep('run', 'one.yaml', '--output', 'straight', '--json');
});
afterAll(async () => {
  await straight;
  for (const mounted of [small(cluster.cwd), join(cluster.cwd, 'remote')]) execFileSync('umount', ['--lazy', mounted]);
  cluster.down();
});

const submit = (folder: string) => cluster.sweep('run', 'one.yaml', '--output', folder, '--engine', 'slurm', '--wait');

/** When the one trial runs in a later attempt than so many and has come further than so far. */
async function furtherThan(folder: string, step: number, attempts: number): Promise<number> {
  let now = 0;
  await until(`${folder} past step ${step}`, () => {
    const [id = ''] = cluster.ids(folder);
    now = cluster.savedStep(folder, id);
    return now > step && cluster.attempts(folder, id).length > attempts;
  });
  return now;
}

/** In which job, and on which node, it runs. */
function running(): { job: string; node: string } {
  const [job = '', node = ''] = cluster
    .slurm('squeue', '-h', '-t', 'RUNNING', '-p', 'low', '-o', '%i %N')
    .trim()
    .split(' ');
  return { job, node };
}

async function expectSameBits(folder: string): Promise<void> {
  expect((await straight).code, (await straight).err).toBe(0);
  expect(cluster.results(folder)).toEqual(cluster.results('straight'));
}

it('time limit, preemption, cancel and retry, one after the other, cost nothing but time', async () => {
  const first = submit('row');
  let step = await furtherThan('row', 0, 0);
  cluster.slurm('scancel', '--batch', '--signal=USR1', running().job);
  step = await furtherThan('row', step, 1);
  cluster.slurm('sbatch', '-p', 'high', '-N2', '--wrap', 'sleep 1');
  step = await furtherThan('row', step, 2);
  expect((await cluster.sweep('cancel', 'row')).out).toBe('1 of 1 trials cancelled\n');
  expect((await first).code).toBe(1);
  expect((await cluster.sweep('status', 'row')).out).toMatch(/^cancelled normal-s1-\w+\n$/);
  expect((await cluster.sweep('retry', 'row')).out).toContain('1 of 1 trials will be tried again');
  const { code, err } = await submit('row');
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids('row');
  expect(cluster.attempts('row', id)).toHaveLength(4);
  await expectSameBits('row');
});

it('four power failures in a row, each on the node where the trial runs, cost nothing but time', async () => {
  const run = submit('power');
  let step = 0;
  for (const attempts of [0, 1, 2, 3]) {
    step = await furtherThan('power', step, attempts);
    const { node } = running();
    cluster.script('kill', node);
    cluster.script('node', node);
  }
  const { code, err } = await run;
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids('power');
  expect(cluster.attempts('power', id)).toHaveLength(5);
  await expectSameBits('power');
});

it('a job that lives on, on a node that is believed dead, beside its successor, harms nothing', async () => {
  // Long enough that the first is still at it when Slurm begins the second, on a machine that does nothing else, too.
  cluster.file('zombie.yaml', `train: {${TRAIN}, epochs: 900, prior: normal}\nslurm: {partition: low}\n`);
  const whole = cluster.sweep('run', 'zombie.yaml', '--output', 'alone', '--json');
  const run = cluster.sweep('run', 'zombie.yaml', '--output', 'zombie', '--engine', 'slurm', '--wait');
  await furtherThan('zombie', 0, 0);
  const { node } = running();
  cluster.script('cut', node);
  const [id = ''] = cluster.ids('zombie');
  const [first = ''] = cluster.attempts('zombie', id);
  await until('its successor has begun', () => cluster.attempts('zombie', id).length > 1);
  const then = stepOf(first);
  const { code, err } = await run;
  expect(code, err).toBe(0);
  // It went on while the other ran.
  expect(stepOf(first)).toBeGreaterThan(then);
  expect((await whole).code, (await whole).err).toBe(0);
  expect(cluster.results('zombie')).toEqual(cluster.results('alone'));
  cluster.script('node', node);
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
  const again = submit('lost');
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
  await expectSameBits('lost');
});

it('a full disk stops one trial until there is room again, a trial that diverges is recorded, and the others go on', async () => {
  const grid = 'grid: {learning-rate: [1.0e-3, 2.0e-3, 1.0e+30]}';
  cluster.file('disk.yaml', `train: {${TRAIN}, epochs: 20, prior: normal}\n${grid}\nslurm: {partition: low}\n`);
  const plan = await cluster.sweep('run', 'disk.yaml', '--output', 'disk', '--dry-run');
  const [full = ''] = plan.out.split(':');
  mkdirSync(cluster.trial('disk', full), { recursive: true });
  symlinkSync(small(cluster.cwd), join(cluster.trial('disk', full), 'attempts'));
  const filler = join(small(cluster.cwd), 'filler');
  writeFileSync(filler, Buffer.alloc(2_900_000));
  const run = () => cluster.sweep('run', 'disk.yaml', '--output', 'disk', '--engine', 'slurm', '--wait', '--json');
  const statesOf = ({ out, err }: Ended) => {
    expect(out, err).not.toBe('');
    return JSON.parse(out).trials.map(({ state }: { state: string }) => state);
  };
  expect(statesOf(await run())).toEqual(['waiting', 'done', 'failed']);
  writeFileSync(filler, '');
  expect(statesOf(await run())).toEqual(['done', 'done', 'failed']);
  const local = await cluster.sweep('run', 'disk.yaml', '--output', 'disk-local', '--json');
  expect(statesOf(local)).toEqual(['done', 'done', 'failed']);
  expect(cluster.results('disk')).toEqual(cluster.results('disk-local'));
});

it('a folder without hard links, which every node caches by itself, and a power failure in it, give the same bits', async () => {
  writeFileSync(join(cluster.cwd, 'remote', 'a'), '');
  expect(() => linkSync(join(cluster.cwd, 'remote', 'a'), join(cluster.cwd, 'remote', 'b'))).toThrow(
    /EPERM|ENOSYS|ENOTSUP/,
  );
  const run = submit('remote/sweep');
  // Seen from behind the mounts.
  const seen = 'real/sweep';
  await furtherThan(seen, 0, 0);
  const { node } = running();
  cluster.script('kill', node);
  cluster.script('node', node);
  const { code, err } = await run;
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids(seen);
  expect(cluster.attempts(seen, id)).toHaveLength(2);
  await expectSameBits(seen);
});
