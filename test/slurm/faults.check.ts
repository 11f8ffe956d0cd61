import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster, type Ended, stepOf, TRAIN, until } from './cluster';
import { OneTrial } from './one-trial';

/** A disk of its own, which fills up: mounted before the nodes have mounts of their own. */
const small = (cwd: string) => join(cwd, 'small');

/** A folder that each node, and the test, sees through an sshfs of its own: no hard links, no shared locks, three caches. */
function shareBySshfs(cwd: string): void {
  for (const name of ['real', 'remote', 'cluster']) mkdirSync(join(cwd, name));
  const server = join(cwd, 'sftp');
  writeFileSync(server, '#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n', { mode: 0o755 });
  const mount = `sshfs -o ssh_command=${server},disable_hardlink x:${join(cwd, 'real')} ${join(cwd, 'remote')}`;
  writeFileSync(join(cwd, 'cluster', 'mount'), `#!/bin/sh\nexec ${mount}\n`, { mode: 0o755 });
}

let cluster: Cluster;
let one: OneTrial;
beforeAll(async () => {
  cluster = await Cluster.up(17010, (cwd) => {
    mkdirSync(small(cwd));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'none', small(cwd)]);
    shareBySshfs(cwd);
  });
  // After the nodes', so that theirs are not this one.
  execFileSync(join(cluster.cwd, 'cluster', 'mount'));
  one = new OneTrial(cluster);
});
afterAll(async () => {
  await one.straight;
  for (const mounted of [small(cluster.cwd), join(cluster.cwd, 'remote')]) execFileSync('umount', ['--lazy', mounted]);
  cluster.down();
});

it('time limit, preemption, cancel and retry, one after the other, cost nothing but time', async () => {
  const first = one.submit('row');
  let step = await one.furtherThan('row', 0, 0);
  cluster.slurm('scancel', '--batch', '--signal=USR1', one.running().job);
  step = await one.furtherThan('row', step, 1);
  cluster.slurm('sbatch', '-p', 'high', '-N2', '--wrap', 'sleep 1');
  step = await one.furtherThan('row', step, 2);
  expect((await cluster.sweep('cancel', 'row')).out).toBe('1 of 1 trials cancelled\n');
  expect((await first).code).toBe(1);
  expect((await cluster.sweep('status', 'row')).out).toMatch(/^cancelled normal-s1-\w+\n$/);
  expect((await cluster.sweep('retry', 'row')).out).toContain('1 of 1 trials will be tried again');
  const { code, err } = await one.submit('row');
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids('row');
  expect(cluster.attempts('row', id)).toHaveLength(4);
  await one.expectSameBits('row');
});

it('a job that lives on, on a node that is believed dead, beside its successor, harms nothing', async () => {
  // Long enough that the first is still at it when Slurm begins the second, on a machine that does nothing else, too.
  cluster.file('zombie.yaml', `train: {${TRAIN}, epochs: 900, prior: normal}\nslurm: {partition: low}\n`);
  const whole = cluster.sweep('run', 'zombie.yaml', '--output', 'alone', '--json');
  const run = cluster.sweep('run', 'zombie.yaml', '--output', 'zombie', '--engine', 'slurm', '--wait');
  await one.furtherThan('zombie', 0, 0);
  const { node } = one.running();
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
  const run = one.submit('remote/sweep');
  // Seen from behind the mounts.
  const seen = 'real/sweep';
  await one.furtherThan(seen, 0, 0);
  one.powerFailure();
  const { code, err } = await run;
  expect(code, err).toBe(0);
  const [id = ''] = cluster.ids(seen);
  expect(cluster.attempts(seen, id)).toHaveLength(2);
  await one.expectSameBits(seen);
});
