import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/vae/checkpoint/folder';
import { SMALL, vaeCommand } from './vae-command';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-train-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const train = (args: readonly string[], more: object = {}) =>
  vaeCommand(['train', ...SMALL, '--epochs', '3', '--warm-up', '1', ...args], { cwd, ...more });

describe('gmm-vae train', () => {
  it('trains each prior, keeps it, and says what it reached', async () => {
    for (const prior of [
      ['normal'],
      ['gmm', '--components', '3', '--covariance', 'full', '--fit-prior-after', '2'],
      ['vamp', '--components', '4'],
    ]) {
      const folder = `run-${prior[0]}`;
      const { out, err, code } = await train(['--prior', ...prior, '--checkpoint', folder, '--json']);
      expect(code, err).toBe(0);
      const result = JSON.parse(out);
      expect(result).toMatchObject({ ended: 'complete', steps: 9, checkpoint: join(cwd, folder) });
      expect(result.epochs).toHaveLength(3);
      expect(result.best.loss).toBe(result.epochs[result.best.epoch - 1].validation);
      expect(
        err.match(/: epoch \d of 3: loss \d+\.\d\d, KL \d+\.\d\d nats, held out \d+\.\d\d, \d+ images\/s\n/g),
      ).toHaveLength(3);
      expect((await readCheckpoint(join(cwd, folder)))?.manifest.progress.step).toBe(9);
    }
  });

  it('trains a Gaussian likelihood on intensities, and the importance-weighted bound', async () => {
    const gaussian = await train([
      '--likelihood',
      'gaussian',
      '--checkpoint',
      'gaussian',
      '--network',
      'dense',
      '--initialiser',
      'glorot',
    ]);
    expect(gaussian.out).toMatch(/^gmm K=10: 3 epochs in \d+ s, loss −?\d+\.\d\d/);
    const { manifest } = (await readCheckpoint(join(cwd, 'gaussian'))) ?? {};
    expect(manifest?.training.binarisation).toBe('none');
    expect(manifest?.model).toMatchObject({
      network: { kind: 'dense' },
      initialiser: 'glorot',
      likelihood: 'gaussian',
    });
    const iwae = await train(['--bound', 'iwae', '--samples', '3', '--json']);
    expect(JSON.parse(iwae.out).last.loss).toBeGreaterThan(0);
  });

  it('takes the values of a published protocol where nothing else is typed, and keeps them when it is resumed', async () => {
    const args = [...SMALL, '--protocol', 'vampprior', '--prior', 'vamp', '--components', '3', '--checkpoint', 'p'];
    const first = await vaeCommand(['train', ...args, '--epochs', '2'], { cwd });
    expect(first.code, first.err).toBe(0);
    const { manifest } = (await readCheckpoint(join(cwd, 'p'))) ?? {};
    // What experiment.py of vae_vampprior has, but for the sizes that were typed.
    expect(manifest?.training).toMatchObject({
      optimizer: 'adam-norm-grad',
      learningRate: 5e-4,
      batchSize: 100,
      warmUpEpochs: 100,
      binarisation: 'dynamic',
      samples: 1,
    });
    expect(manifest?.model).toMatchObject({
      network: { kind: 'gated' },
      hidden: [12],
      latent: 2,
      initialiser: 'he-everywhere',
    });
    expect(manifest?.schedule).toMatchObject({ epochs: 2, patience: 51 });
    const resumed = await vaeCommand(['train', '--epochs', '3', '--checkpoint', 'p', '--resume'], { cwd });
    expect(resumed.code, resumed.err).toBe(0);
    const other = await vaeCommand(['train', '--optimizer', 'adam', '--checkpoint', 'p', '--resume'], { cwd });
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('--optimizer adam-norm-grad, not adam')]);
  });

  it('goes on with --resume, with what it was started with, to the weights of a training in one go', async () => {
    await train(['--prior', 'gmm', '--components', '3', '--seed', '5', '--epochs', '4', '--checkpoint', 'whole']);
    await train(['--prior', 'gmm', '--components', '3', '--seed', '5', '--epochs', '2', '--checkpoint', 'parts']);
    const resumed = await vaeCommand(['train', '--epochs', '4', '--checkpoint', 'parts', '--resume', '--json'], {
      cwd,
    });
    expect(JSON.parse(resumed.out)).toMatchObject({ ended: 'complete', steps: 6 });
    const weights = async (folder: string) => (await readCheckpoint(join(cwd, folder)))?.weights;
    expect(await weights('parts')).toEqual(await weights('whole'));
    const other = await vaeCommand(['train', '--latent', '3', '--checkpoint', 'parts', '--resume'], { cwd });
    expect(other).toMatchObject({ code: 2, out: '' });
    expect(other.err).toContain('its training has --latent 2, not 3');
  });

  it('goes on with --resume alone as long, as often saved and as patiently as it was started, and says when nothing is left', async () => {
    const abort = new AbortController();
    const onError = () => abort.abort();
    const started = ['--checkpoint', 'run', '--checkpoint-every', '2', '--patience', '40', '--device', 'eager'];
    const { code } = await train([...started, '--epochs', '5'], { signal: abort.signal, onError });
    expect(code).toBe(130);
    const resume = (args: readonly string[] = []) =>
      vaeCommand(['train', '--checkpoint', 'run', '--resume', ...args], { cwd });
    const { err } = await resume();
    expect(err).toContain('epoch 5 of 5');
    const schedule = async () => (await readCheckpoint(join(cwd, 'run')))?.manifest.schedule;
    expect(await schedule()).toEqual({ epochs: 5, patience: 40, everySteps: 2, device: 'eager' });
    const again = await resume();
    expect(again.err).toBe('gmm-vae: nothing left to do: 5 of 5 epochs are done; say more --epochs to go on\n');
    expect(again.code).toBe(0);
    expect((await resume(['--epochs', '6'])).err).toContain('epoch 6 of 6');
    expect(await schedule()).toMatchObject({ epochs: 6, device: 'eager' });
  });

  it('says of a resumed training what differs from what was typed, not from what was not', async () => {
    await train(['--components', '3', '--fit-prior-after', '2', '--epochs', '3', '--checkpoint', 'run']);
    const resume = (...args: string[]) => vaeCommand(['train', '--checkpoint', 'run', '--resume', ...args], { cwd });
    const done = await resume('--epochs', '1');
    expect([done.code, done.err]).toEqual([0, expect.stringMatching(/^gmm-vae: nothing left to do: 3 of 1 epochs/)]);
    for (const prior of ['normal', 'vamp']) {
      const other = await resume('--prior', prior);
      expect([other.code, other.err]).toEqual([
        2,
        expect.stringContaining(`its training has --prior gmm, not ${prior}: `),
      ]);
    }
  });

  it('names the flag that differs from a resumed training, lists as a whole, and refuses what it has no use for', async () => {
    await train(['--hidden', '12,9', '--epochs', '1', '--checkpoint', 'run']);
    const resume = (flags: string) =>
      vaeCommand(['train', '--checkpoint', 'run', '--resume', ...flags.split(' ')], { cwd });
    const has = (difference: string) => expect.stringContaining(`run: its training has ${difference}: resume it with`);
    const refused: [string, string][] = [
      ['--hidden 12,8', has('--hidden 12,9, not 12,8')],
      ['--hidden 12', has('--hidden 12,9, not 12')],
      ['--train-images 200', has('--train-images 300, not 200')],
      ['--validation-images 20', has('--validation-images 50, not 20')],
      ['--likelihood normal', has('--likelihood bernoulli, not normal')],
      ['--kl-cycle 3', has('--kl-cycle 0, not 3')],
      ['--hierarchy 3', has('--hierarchy unset, not 3')],
      ['--flow planar', has('--flow unset, not planar')],
      ['--covariance full', has('--covariance diagonal, not full')],
      ['--initialiser he-everywhere', has('--initialiser he, not he-everywhere')],
      ['--fit-prior-after 1', has('--fit-prior-after unset, not 1')],
      ['--feature-maps 3', '--feature-maps: only --network conv has them, not gated\n'],
      ['--flow-length 3', '--flow-length: needs --flow planar or iaf\n'],
      ['--pseudo-inputs noise', '--pseudo-inputs: only --prior vamp has pseudo-inputs, not gmm: leave it out\n'],
      ['--stddev 0.2', '--stddev: only --likelihood gaussian-fixed has it, not bernoulli\n'],
    ];
    for (const [flags, err] of refused) {
      const said = await resume(`${flags} --epochs 2`);
      expect([flags, said.code, said.err]).toEqual([flags, 2, err]);
    }
    // What says the same again in other words, or only where and how long, differs in nothing.
    const same =
      '--hidden 12,9 --initialiser he --covariance diagonal --kl-cycle 0 --threads 2 --patience 3 --epochs 2';
    expect((await resume(same)).code).toBe(0);
  });

  it('goes on from a checkpoint of before schedules were kept, for as long as is typed or the default says', async () => {
    await train(['--checkpoint', 'run', '--epochs', '1']);
    const path = join(cwd, 'run', 'last.json');
    const { schedule, ...earlier } = JSON.parse(await readFile(path, 'utf8'));
    expect(schedule.epochs).toBe(1);
    await writeFile(path, JSON.stringify(earlier));
    const { err, code } = await vaeCommand(['train', '--checkpoint', 'run', '--resume', '--epochs', '2'], { cwd });
    expect([code, err]).toEqual([0, expect.stringMatching(/^gmm K=10: epoch 2 of 2: .*\n$/)]);
  });

  it('saves and exits with 130 when it is interrupted, and says how to go on', async () => {
    const abort = new AbortController();
    const onError = () => abort.abort();
    const { err, code } = await train(['--epochs', '1000', '--checkpoint', 'run'], { signal: abort.signal, onError });
    expect(code).toBe(130);
    expect(err).toMatch(`gmm-vae: interrupted after`);
    expect(err).toMatch(/steps; saved in .*run: go on with --resume\n$/);
    const { manifest } = (await readCheckpoint(join(cwd, 'run'))) ?? {};
    expect(manifest?.progress.step).toBeGreaterThanOrEqual(3);
  });

  it('stops at a loss that is not finite with one line: step, term, and where the last good state is', async () => {
    await train(['--epochs', '1', '--learning-rate', '1e30', '--checkpoint', 'run', '--checkpoint-every', '1']);
    const before = await readdir(join(cwd, 'run'));
    const { err, code } = await train(['--learning-rate', '1e30', '--checkpoint', 'run', '--resume']);
    expect(code).toBe(2);
    expect(err).toMatch(
      /^training stopped at step \d \(epoch 1\): the (reconstruction|kl) term is (NaN|-?Infinity); the last good checkpoint, of step \d, is in .*run; [^\n]*\n$/m,
    );
    expect(await readdir(join(cwd, 'run'))).toEqual(before);
  });

  it('draws a bar on a terminal, with loss, KL, rate and time left', async () => {
    const { err } = await train([], { isTTY: true });
    expect(err).toMatch(/gmm K=10 \[.*\] epoch \d\/3 · loss \d+\.\d · KL \d+\.\d · (\d+|–) images\/s · \d+ s left/);
  });

  it('ends early when the held-out images get no better', async () => {
    const { out, err } = await train(['--epochs', '500', '--learning-rate', '0.5', '--patience', '2', '--json']);
    expect(JSON.parse(out).ended).toBe('early');
    expect(err).toMatch(/gmm-vae: stopped early: no better held-out loss for 2 epochs\n$/);
  });

  it('refuses what it cannot use in one line with exit code 2, and makes no folder', async () => {
    const refusals: readonly (readonly [string[], string])[] = [
      [['--data', 'cifar'], '--data: expected mnist, synthetic or a path of your own; there is no'],
      [['--prior', 'laplace'], "argument 'laplace' is invalid. Allowed choices are normal, gmm, vamp."],
      [['--device', 'tpu'], "argument 'tpu' is invalid. Allowed choices are cpu, webgpu, cuda, auto, eager."],
      [['--components', '0'], "--components: expected a positive whole number, got '0'"],
      [['--components', '2.5'], "--components: expected a positive whole number, got '2.5'"],
      [['--hidden', '12,x'], "--hidden: expected a positive whole number, got 'x'"],
      [
        ['--network', 'transformer'],
        "--network: expected gated, dense, conv or a module's file (.mjs, .cjs, .js), got 'transformer'",
      ],
      [['--feature-maps', '8'], '--feature-maps: only --network conv has them, not gated'],
      [['--residual-blocks', '0'], '--residual-blocks: only --network conv has them, not gated'],
      [['--network', 'conv', '--residual-blocks', '-1'], "--residual-blocks: expected a whole number ≥ 0, got '-1'"],
      [
        ['--network', 'conv', '--feature-maps', '1,1,1,1,1,1'],
        'network.maps: expected 1 to 5 numbers for images of 28×28, which can be halved so often, got 6',
      ],
      [['--flow', 'radial'], "argument 'radial' is invalid. Allowed choices are planar, iaf."],
      [['--flow-length', '2'], '--flow-length: needs --flow planar or iaf'],
      [['--flow', 'planar', '--flow-units', '2'], '--flow-units: only --flow iaf has them'],
      [['--flow', 'iaf', '--prior', 'vamp'], '--flow: not with --prior vamp, whose density needs q(z|u) at any z'],
      [['--flow', 'iaf', '--sticking-the-landing'], '--sticking-the-landing: not with --flow'],
      [['--flow', 'iaf', '--hierarchy', '2'], '--hierarchy: not with --flow: choose one'],
      [['--hierarchy', '2', '--sticking-the-landing'], '--sticking-the-landing: not with --hierarchy'],
      [['--hierarchy', '0'], "--hierarchy: expected a positive whole number, got '0'"],
      [['--stddev', '0.1'], '--stddev: only --likelihood gaussian-fixed has it, not bernoulli'],
      [['--mixtures', '2'], '--mixtures: only --likelihood logistic-mixture has them, not bernoulli'],
      [
        ['--likelihood', 'logistic-mixture', '--binarisation', 'dynamic'],
        'binarisation: expected none for the 256 intensities of a byte, got dynamic',
      ],
      [['--learning-rate', '0'], "--learning-rate: expected a number > 0, got '0'"],
      [['--warm-up', '-1'], "--warm-up: expected a number ≥ 0, got '-1'"],
      [['--kl-cycle', '2', '--warm-up', '3'], '--kl-cycle: takes the place of --warm-up: choose one'],
      [['--free-bits', '1', '--bound', 'iwae', '--samples', '2'], '--free-bits: of the ELBO only'],
      [['--beta', '-1'], "--beta: expected a number ≥ 0, got '-1'"],
      [['--seed', '1.5'], "--seed: expected a whole number, got '1.5'"],
      [['--prior', 'normal', '--components', '3'], '--components: a standard normal prior has none'],
      [['--prior', 'vamp', '--fit-prior-after', '3'], '--fit-prior-after: only --prior gmm is fitted by EM'],
      [
        ['--prior', 'vamp', '--components', '301'],
        'components: expected at most 300 (synthetic digits train), got 301',
      ],
      [['--bound', 'iwae'], '--bound iwae: with --samples 1 it is the ELBO'],
      [
        ['--bound', 'iwae', '--samples', '3', '--sticking-the-landing'],
        '--sticking-the-landing: unbiased for the ELBO only',
      ],
      [['--resume'], '--resume needs --checkpoint <folder>'],
      [['--fit-prior-after', '4'], '--fit-prior-after: 4 is after the last of 3 epochs'],
      [
        ['--prior', 'vamp', '--covariance', 'full'],
        '--covariance: only --prior gmm has covariances to choose, not vamp',
      ],
      [
        ['--prior', 'normal', '--covariance', 'diagonal'],
        '--covariance: only --prior gmm has covariances to choose, not normal: leave it out',
      ],
      [['--pseudo-inputs', 'noise'], '--pseudo-inputs: only --prior vamp has pseudo-inputs, not gmm: leave it out'],
      [['--protocol', 'vampprior', '--prior', 'normal', '--pseudo-inputs', 'noise'], '--pseudo-inputs: only --prior'],
      [['--steps-per-run', '4'], '--steps-per-run: only a GPU is given several steps at once, not --device cpu'],
      [
        ['--network', 'made.mjs', '--initialiser', 'he'],
        '--initialiser: not with --network made.mjs, whose layers say their own',
      ],
      [['--checkpoint', ''], "--checkpoint: expected a folder, got ''"],
      [['--batch-size', '301'], 'batchSize: expected at most 300 (synthetic digits train), got 301'],
      [['--data', 'mnist', '--train-images', '60000'], 'MNIST is not here'],
      // What would take all memory, or for ever.
      [['--latent', '100000000'], 'encoder/output: expected an array of at most 134217728 numbers, got 12·200000000'],
      [['--hidden', '1000000000'], 'expected an array of at most 134217728 numbers, got 784·1000000000'],
      [['--components', '1000000000'], 'components: expected an array of at most 4194304 numbers, got 1000000000·2'],
      [
        ['--components', '2000', '--latent', '300', '--covariance', 'full'],
        'components: expected an array of at most 134217728 numbers, got 2000·300·300',
      ],
      [['--samples', '10000000'], 'samples: expected an array of at most 536870912 numbers, got 10000000·100·784'],
      [['--threads', '100000'], 'threads: expected an integer from 1 to 1024, got 100000'],
      [['--train-images', '100000000000'], 'at most 1000000 are drawn, got 100000000000 + 50'],
    ];
    for (const [args, message] of refusals) {
      const checkpoint = args.includes('--resume') || args.includes('--checkpoint') ? [] : ['--checkpoint', 'run'];
      const { err, out, code } = await train([...args, ...checkpoint], { env: { XDG_CACHE_HOME: cwd } });
      expect(err).toContain(message);
      expect([out, code, err.trim().split('\n').length]).toEqual(['', 2, 1]);
    }
    const { err } = await train(['--checkpoint-every', '5']);
    expect(err).toBe('--checkpoint-every needs --checkpoint <folder>\n');
    expect(await readdir(cwd)).toEqual([]);
  });

  it('overwrites no checkpoint without --resume', async () => {
    await train(['--checkpoint', 'run']);
    const last = await readFile(join(cwd, 'run', 'last.json'));
    const { err, code } = await train(['--checkpoint', 'run']);
    expect(code).toBe(2);
    expect(err).toContain('run already holds a checkpoint (step 9): resume it, or name another folder');
    expect(await readFile(join(cwd, 'run', 'last.json'))).toEqual(last);
  });
});
