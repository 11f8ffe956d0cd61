import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundled, start } from './bundled';

let scratch: string;
let folder: string;
let program: string;

beforeAll(async () => {
  program = await bundled(`
    import { syntheticDigits } from './src/data/glyphs';
    import { Vae } from './src/vae/model';
    import { train } from './src/vae/training/train';
    const { train: digits } = syntheticDigits({ train: 40, test: 1, seed: 1 });
    const model = new Vae({ pixels: 784, latent: 2, hidden: [8], prior: { kind: 'standard-normal' }, seed: 1 });
    const checkpoint = { folder: process.env.FOLDER, resume: true };
    train(model, digits, { epochs: Number(process.env.EPOCHS), batchSize: 20, seed: 1, threads: 1, checkpoint }).catch(
      (error) => { console.log(error.name + ': ' + error.message); process.exit(2); },
    );`);
});
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'gmm-vae-full-disk-'));
  folder = join(scratch, 'runs', 'normal');
});
afterEach(() => rm(scratch, { recursive: true }));

/** Trains where no file may have more than so many blocks of 512 bytes, which stops writes as a full disk does. */
function trained(epochs: number, blocks: number | 'unlimited'): ReturnType<typeof start>['ended'] {
  const limited = `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`;
  return start(program, { FOLDER: folder, EPOCHS: String(epochs) }, [], ['sh', '-c', limited, process.execPath]).ended;
}

// Windows has no such limit.
describe.runIf(process.platform !== 'win32')('a disk that takes no more', () => {
  it('ends a training before it has begun, and nothing is left', async () => {
    const { code, out } = await trained(1, 0);
    expect([code, out]).toEqual([2, `UsageError: ${join(folder, '.lock')}: cannot be written (EFBIG)\n`]);
    expect(existsSync(join(scratch, 'runs'))).toBe(false);
    expect((await trained(1, 'unlimited')).code).toBe(0);
  });

  it('leaves the checkpoint that was there, and none of the files of the one that it had no room for', async () => {
    expect((await trained(1, 'unlimited')).code).toBe(0);
    const names = await readdir(folder);
    const last = await readFile(join(folder, 'last.json'), 'utf8');
    // Room for the weights, and not for the optimizer's moments, which are twice as large.
    const weights = await stat(join(folder, names.find((name) => name.startsWith('weights')) ?? ''));
    const { code, out } = await trained(2, Math.ceil(weights.size / 512) + 1);
    expect(code).toBe(2);
    expect(out).toMatch(/^UsageError: .*optimizer-0{8}4-.*: cannot be written: EFBIG.*\n$/);
    expect([await readdir(folder), await readFile(join(folder, 'last.json'), 'utf8')]).toEqual([names, last]);
    expect((await trained(2, 'unlimited')).code).toBe(0);
  });
});
