import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/vae/checkpoint/folder';
import { vaeCommand } from './vae-command';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-module-'));
  await writeFile(join(cwd, 'net.mjs'), moduleOf('relu'));
});
afterEach(() => rm(cwd, { recursive: true }));

const moduleOf = (activation: string): string => `
export default ({ tf, height, width, latent }) => {
  if (height * width !== 784 || latent !== 2) throw new Error('other sizes');
  const network = (x, layers) => layers.output().apply(tf.mul(layers.dense({ units: 8, activation: '${activation}' }).apply(x), 1));
  return { encoder: network, decoder: network };
};
`;
const run = (args: string) => vaeCommand(args.split(' '), { cwd });
const TRAIN =
  'train --data synthetic --train-images 300 --validation-images 50 --latent 2 --prior gmm --components 3 --threads 1';
const trained = (more: string) => run(`${TRAIN} --epochs 1 --network net.mjs ${more}`);

describe('--network with a module', () => {
  it('trains, resumes to the same bits, scores and uses the networks that it makes', async () => {
    expect((await trained('--checkpoint whole --epochs 2')).err).toContain('epoch 2 of 2');
    expect((await trained('--checkpoint run')).code).toBe(0);
    const again = await run('train --resume --checkpoint run --epochs 2 --network net.mjs');
    expect(again.code, again.err).toBe(0);
    const [whole, resumed] = await Promise.all(['whole', 'run'].map((name) => readCheckpoint(join(cwd, name))));
    expect(resumed?.manifest.files.weights.sha256).toBe(whole?.manifest.files.weights.sha256);
    expect(resumed?.manifest.model.network).toMatchObject({ kind: 'custom', module: { path: join(cwd, 'net.mjs') } });
    expect(resumed?.weights.get('encoder/dense1/kernel')?.shape).toEqual([784, 8]);
    const kept = '--checkpoint run --network net.mjs';
    const scored = await run(`evaluate ${kept} --samples 2 --limit 5 --json`);
    expect(JSON.parse(scored.out).nll).toBeGreaterThan(0);
    expect((await run(`sample ${kept} --count 2 --output s.npy`)).code).toBe(0);
    expect((await run(`export ${kept} --output hub`)).code).toBe(0);
  }, 120_000);

  it('runs no code that is not named, and says which module it was and whether it is there', async () => {
    await trained('--checkpoint run');
    const path = join(cwd, 'net.mjs');
    const unnamed = await run('sample --checkpoint run --output s.npy');
    expect(unnamed).toMatchObject({
      code: 2,
      err: `${join(cwd, 'run')}: its networks are made by ${path}: name that module with --network FILE\n`,
    });
    await rename(path, join(cwd, 'moved.mjs'));
    const missing = await run('evaluate --checkpoint run');
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining(`${path}, which is missing there: name`) });
    expect((await run('sample --checkpoint run --network moved.mjs --count 1 --output s.npy')).err).toBe('');
    const resumed = await run('train --resume --checkpoint run --epochs 2');
    expect(resumed).toMatchObject({
      code: 2,
      err: `--resume: its networks were made by ${path}: name the module that makes them with --network FILE\n`,
    });
  }, 120_000);

  it('says so where the module has changed: a warning where it gives the same, an error where it does not', async () => {
    await trained('--checkpoint run');
    await writeFile(join(cwd, 'comment.mjs'), `${await readFile(join(cwd, 'net.mjs'), 'utf8')}// more\n`);
    const same = await run('sample --checkpoint run --network comment.mjs --count 1 --output s.npy');
    expect(same).toMatchObject({ code: 0, err: expect.stringContaining('comment.mjs has changed since run was kept') });
    const going = await run('train --resume --checkpoint run --epochs 2 --network comment.mjs');
    expect(going).toMatchObject({ code: 2, err: expect.stringContaining('as it was then, not ') });
    await writeFile(join(cwd, 'other.mjs'), moduleOf('tanh'));
    const other = await run('sample --checkpoint run --network other.mjs --count 1 --output s.npy');
    expect(other).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^.*run: kept with other networks of the same variables: .*\n$/),
    });
  }, 120_000);

  it.each([
    ['none.mjs', null, 'no such file'],
    ['broken.mjs', 'export default (', /SyntaxError|Unexpected|parse/i],
    ['throws.mjs', 'throw new Error("at once\\nand more")', 'at once'],
    ['empty.mjs', 'export const encoder = 1;', 'expected its default export to be a function of { tf, height,'],
    ['half.mjs', 'export default () => ({ encoder: (x) => x });', 'expected its function to give { encoder, decoder }'],
    ['async.mjs', 'export default async () => ({});', 'to give { encoder, decoder }, got a promise'],
    ['wrong.mjs', 'export default () => { throw new Error("no"); };', 'no'],
  ])('refuses %s in one line', async (file, contents, problem) => {
    if (contents !== null) await writeFile(join(cwd, file), contents);
    const { code, err } = await run(`${TRAIN} --network ${file}`);
    expect(code).toBe(2);
    expect(err).toMatch(/^--network .*\n$/);
    expect(err).toMatch(problem);
  });

  it('refuses what does not go with it', async () => {
    expect((await trained('--hidden 20')).err).toBe('--hidden: not with --network net.mjs, which says its own\n');
    expect((await trained('--feature-maps 20')).err).toContain('--feature-maps: only --network conv has them');
    expect((await run(`${TRAIN} --network conf`)).err).toContain(
      "--network: expected gated, dense, conv or a module's",
    );
    expect((await run(`${TRAIN} --epochs 1 --network dense --hidden 4 --checkpoint plain`)).code).toBe(0);
    expect((await run('sample --checkpoint plain --network net.mjs --output s.npy')).err).toContain(
      'its networks were not made by hand: leave the network out',
    );
    expect((await run('sample --checkpoint plain --network gated --output s.npy')).err).toContain(
      '--network: expected the module that has made the networks',
    );
  });
});
