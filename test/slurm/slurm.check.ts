import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundled } from '../vae/checkpoint/bundled';

const CLUSTER = 'test/slurm/cluster.sh';
let scratch: string;
let cwd: string;
let cluster: string;
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  scratch = mkdtempSync(join(process.cwd(), '.cache', 'slurm-'));
  writeFileSync(join(scratch, 'cli.cjs'), `require.main = module;\n${await bundled("import './src/cli';")}`);
  cwd = mkdtempSync(join(tmpdir(), 'gmm-vae-slurm-'));
  chmodSync(cwd, 0o755); // munged refuses a socket that not everybody can reach.
  cluster = join(cwd, 'cluster');
  execFileSync(CLUSTER, ['up', cluster], { stdio: ['ignore', 'ignore', 'inherit'] });
});
afterAll(() => {
  execFileSync(CLUSTER, ['down', cluster]);
  for (const folder of [scratch, cwd]) rmSync(folder, { recursive: true, force: true });
});

function sweep(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { ...process.env, SLURM_CONF: join(cluster, 'slurm.conf') };
  const child = spawn(process.execPath, [join(scratch, 'cli.cjs'), 'sweep', ...args], { cwd, env });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  return new Promise((done) => child.on('close', (code) => done({ code, ...said })));
}

const trial = (folder: string, id: string) => join(cwd, folder, 'trials', id);
const weights = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(cwd, folder, 'trials')).map((id) => [
      id,
      JSON.parse(readFileSync(join(trial(folder, id), 'result.json'), 'utf8')).weights,
    ]),
  );

it('eight trials on two nodes, one of which loses its power in the middle, end with the bits of the local engine', async () => {
  const grid = 'grid: {prior: [normal, gmm], seed: [1, 2, 3, 4]}';
  const train = 'data: synthetic, train-images: 300, validation-images: 50, latent: 2, hidden: [12], epochs: 60';
  writeFileSync(join(cwd, 's.yaml'), `train: {${train}}\n${grid}\nslurm: {partition: low}\n`);
  const onSlurm = sweep('run', 's.yaml', '--output', 'slurm', '--engine', 'slurm', '--wait', '--json');
  const begun = () =>
    existsSync(join(cwd, 'slurm', 'trials')) &&
    readdirSync(join(cwd, 'slurm', 'trials')).filter((id) =>
      readdirSync(join(trial('slurm', id), 'attempts')).some((attempt) =>
        existsSync(join(trial('slurm', id), 'attempts', attempt, 'last.json')),
      ),
    ).length >= 2;
  for (let wait = 0; wait < 1200 && !begun(); wait++) await new Promise((done) => setTimeout(done, 50));
  execFileSync(CLUSTER, ['kill', cluster, 'n1'], { env: { ...process.env, SLURM_CONF: join(cluster, 'slurm.conf') } });
  const { code, out, err } = await onSlurm;
  expect(code, err).toBe(0);
  const ids: string[] = JSON.parse(out).trials.map(({ id }: { id: string }) => id);
  expect(ids).toHaveLength(8);
  // The power failure hit one that had begun.
  expect(ids.some((id) => readdirSync(join(trial('slurm', id), 'attempts')).length > 1)).toBe(true);
  const local = await sweep('run', 's.yaml', '--output', 'local', '--json');
  expect(local.code, local.err).toBe(0);
  expect(weights('slurm')).toEqual(weights('local'));
});
