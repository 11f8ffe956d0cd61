import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../../src/vae/checkpoint/folder';
import { bundled, said, start } from '../vae/checkpoint/bundled';
import { SMALL } from './vae-command';

let cwd: string;
let program: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-signals-'));
  // A script from standard input is nobody's main module by itself.
  program = `require.main = module;\n${await bundled("import './src/cli';")}`;
});
afterAll(() => rm(cwd, { recursive: true }));

describe('gmm-vae train as a process', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends at ${signal} with exit code 130, keeps what it has, and says how to go on`, async () => {
      const folder = join(cwd, signal);
      const args = ['train', ...SMALL, '--epochs', '100000', '--checkpoint', folder];
      const child = start(program, {}, args);
      await said(child, 'stderr', /epoch 2 of/);
      child.process.kill(signal);
      const { code, err } = await child.ended;
      expect(code, err).toBe(130);
      const steps = Number(/interrupted after (\d+) steps; saved in .*: go on with --resume\n$/.exec(err)?.[1]);
      const manifest = await readManifest(folder, 'last');
      // Three steps an epoch. What was done by the signal is what is kept: no step is lost, none was waited for.
      expect(manifest?.progress.step).toBe(steps);
      expect(steps).toBeGreaterThanOrEqual(6);
      expect(steps).toBeLessThan(300_000);
      expect((await readdir(folder)).includes('.lock')).toBe(false);

      const resumed = start(program, {}, ['train', '--resume', '--epochs', '100000', '--checkpoint', folder]);
      await said(resumed, 'stderr', /: epoch/);
      resumed.process.kill(signal);
      const again = await resumed.ended;
      expect(again.code).toBe(130);
      // The steps of the whole training, not those since it was resumed.
      const more = Number(/interrupted after (\d+) steps/.exec(again.err)?.[1]);
      expect(more).toBeGreaterThan(steps);
      expect((await readManifest(folder, 'last'))?.progress.step).toBe(more);
    });
  }
});
