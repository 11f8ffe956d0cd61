import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SMALL, vaeCommand } from './vae-command';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-evaluate-'));
  await vaeCommand(
    ['train', ...SMALL, '--epochs', '2', '--prior', 'gmm', '--components', '12', '--checkpoint', 'run'],
    { cwd },
  );
});
afterAll(() => rm(cwd, { recursive: true }));

const evaluate = (args: readonly string[], more: object = {}) =>
  vaeCommand(['evaluate', '--data', 'synthetic', '--threads', '1', ...args], { cwd, ...more });

describe('gmm-vae evaluate', () => {
  it('prints exactly the promised fields, the same for the same seed', async () => {
    const args = ['--checkpoint', 'run', '--samples', '7', '--limit', '10', '--json'];
    const first = await evaluate(args);
    expect(Object.keys(JSON.parse(first.out))).toEqual([
      'nll',
      'standardError',
      'bitsPerDimension',
      'elbo',
      'kl',
      'reconstruction',
      'activeUnits',
      'effectiveComponents',
      'clusterAccuracy',
      'nmi',
    ]);
    expect((await evaluate(args)).out).toBe(first.out);
    expect((await evaluate([...args, '--seed', '2'])).out).not.toBe(first.out);
    expect((await evaluate([...args, '--which', 'best'])).code).toBe(0);
  });

  it('warns of empty components on standard error, with numbers', async () => {
    const { out, err, code } = await evaluate(['--checkpoint', 'run', '--samples', '2', '--limit', '120']);
    expect(code).toBe(0);
    expect(err).toMatch(
      /gmm-vae: warning: empty components: \d+ of 12 are the most likely one of none of 120 images\n/,
    );
    expect(out).toMatch(/^−ln p\(x\) = \d+\.\d\d ± \d+\.\d\d nats per image \(120 test images, 2 samples each\)\n/);
    expect(out).toMatch(/\nclusters against labels: accuracy \d+\.\d %, NMI 0\.\d{3}\n$/);
  });

  it('takes the test images of what it was trained on', async () => {
    const args = ['evaluate', '--checkpoint', 'run', '--samples', '2', '--limit', '20', '--threads', '1', '--json'];
    const { out, code } = await vaeCommand(args, { cwd });
    expect(code).toBe(0);
    expect(out).toBe((await vaeCommand([...args, '--data', 'synthetic'], { cwd })).out);
  });

  it('judges neither dimensions nor components by a single image', async () => {
    const { err, code } = await evaluate(['--checkpoint', 'run', '--samples', '2', '--limit', '1']);
    expect([code, err]).toEqual([0, '']);
  });

  it('exits with 130 when it is interrupted', async () => {
    const said = await evaluate(['--checkpoint', 'run', '--samples', '50'], { signal: AbortSignal.abort() });
    expect(said).toEqual({
      out: '',
      err: 'gmm-vae: interrupted; what is scored is kept: run the command again to go on\n',
      code: 130,
    });
  });

  it('refuses in one line what is no checkpoint, and images that do not fit', async () => {
    await writeFile(join(cwd, 'last.json'), '{"a": 1}');
    const refusals: readonly (readonly [string[], string])[] = [
      [['--checkpoint', 'nowhere'], 'nowhere: no checkpoint here (no last.json)'],
      [
        ['--checkpoint', '.'],
        'last.json: not a checkpoint of gmm-vae: expected "format": "gmm-vae checkpoint", got nothing',
      ],
      // A number is read as everywhere: 1e3 is one.
      [['--checkpoint', 'nowhere', '--samples', '1e3'], 'nowhere: no checkpoint here (no last.json)'],
      [['--checkpoint', 'run', '--samples', '0'], "--samples: expected a positive whole number, got '0'"],
      [
        ['--checkpoint', 'run', '--data', 'letters'],
        '--data: expected mnist, synthetic or a path of your own; there is no',
      ],
      [['--checkpoint', 'run', '--device', 'tpu'], "argument 'tpu' is invalid"],
      [[], "required option '--checkpoint <folder>' not specified"],
    ];
    for (const [args, message] of refusals) {
      const { err, out, code } = await evaluate(args);
      expect(err).toContain(message);
      expect([out, code, err.trim().split('\n').length]).toEqual(['', 2, 1]);
    }
  });
});
