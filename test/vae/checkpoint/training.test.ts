import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as afterIo } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeImages } from '../../../src/data/dataset';
import { syntheticDigits } from '../../../src/data/glyphs';
import { meanImage } from '../../../src/data/intensities';
import { tf } from '../../../src/tensors';
import { loadCheckpoint } from '../../../src/vae/load';
import { Vae, type VaeOptions } from '../../../src/vae/model';
import { pseudoInputs } from '../../../src/vae/priors/pseudo-inputs';
import { type TrainOptions, train } from '../../../src/vae/training/train';

const { train: digits, test: others } = syntheticDigits({ train: 100, test: 60, seed: 1 });
const validation = takeImages(others, 30);

let folder: string;
const made: Vae[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-checkpoint-'));
});
afterEach(async () => {
  for (const model of made.splice(0)) model.dispose();
  await rm(folder, { recursive: true });
});

function make(more: Partial<VaeOptions> = {}): Vae {
  const model = new Vae({
    pixels: 784,
    latent: 2,
    hidden: [8],
    prior: { kind: 'gaussian-mixture', components: 3 },
    seed: 1,
    meanImage: meanImage(digits),
    ...more,
  });
  made.push(model);
  return model;
}

const options: TrainOptions = { epochs: 3, batchSize: 25, seed: 1, learningRate: 1e-2, warmUpEpochs: 1, threads: 1 };
const weightsOf = (model: Vae): Float32Array[] =>
  [...model.variables.values()].map((v) => v.dataSync<'float32'>().slice());
const contents = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder)).map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')]),
    ),
  );
/** Aborts during the given step. */
function stopAt(step: number): Pick<TrainOptions, 'signal' | 'onStep'> {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    onStep: (record) => {
      if (record.step === step) abort.abort();
    },
  };
}

describe('a training that is kept', () => {
  const priors: readonly VaeOptions['prior'][] = [
    { kind: 'standard-normal' },
    { kind: 'gaussian-mixture', components: 3, covariance: 'full' },
    { kind: 'vamp', components: 4, pseudoInputs: pseudoInputs(digits, 4, 1) },
  ];
  for (const prior of priors) {
    for (const device of ['cpu', 'eager'] as const) {
      it(`goes on after an interruption as if there had been none: ${prior.kind}, ${device}`, async () => {
        const whole = make({ prior });
        const uninterrupted = await train(whole, digits, { ...options, device, validation });
        const checkpoint = { folder, resume: true };
        for (const step of [2, 4, 9]) {
          await train(make({ prior }), digits, { ...options, device, validation, checkpoint, ...stopAt(step) });
        }
        const last = make({ prior });
        const history = await train(last, digits, { ...options, device, validation, checkpoint });
        expect(weightsOf(last)).toEqual(weightsOf(whole));
        const bare = ({ epochs }: typeof history) =>
          epochs.map(({ seconds: _s, imagesPerSecond: _i, ...losses }) => losses);
        expect(bare(history)).toEqual(bare(uninterrupted));
        expect(history.best).toEqual(uninterrupted.best);
        expect(history.steps.map(({ step }) => step)).toEqual([10, 11, 12]);
      });
    }
  }

  it('ends with the weights of one that is not kept, also where EM replaces the prior between two epochs', async () => {
    const run = async (more: Partial<TrainOptions>) => {
      const model = make();
      await train(model, digits, { ...options, ...more });
      return weightsOf(model);
    };
    const plain = await run({});
    // The third epoch is the last: nothing is trained after EM.
    for (const fitPriorAfter of [2, 3]) {
      const placed = await run({ fitPriorAfter });
      expect(placed).not.toEqual(plain);
      const checkpoint = { folder: join(folder, String(fitPriorAfter)), everySteps: 1 };
      expect(await run({ fitPriorAfter, validation, checkpoint })).toEqual(placed);
      const { model } = await loadCheckpoint(checkpoint.folder);
      made.push(model);
      expect(weightsOf(model)).toEqual(placed);
    }
  });

  it('goes on with EM from its beginning where it was interrupted within it, to the same bits', async () => {
    const whole = make();
    const { epochs } = await train(whole, digits, { ...options, fitPriorAfter: 2 });
    const abort = new AbortController();
    const checkpoint = { folder, resume: true };
    const stopped = await train(make(), digits, {
      ...options,
      fitPriorAfter: 2,
      checkpoint,
      signal: abort.signal,
      // EM looks at the signal every 10 ms: by its next iteration they have passed.
      onFitPrior: ({ iteration }) => {
        if (iteration !== 1) return;
        abort.abort();
        const from = performance.now();
        while (performance.now() < from + 20);
      },
    });
    expect(stopped).toMatchObject({ interrupted: true });
    expect([stopped.steps.length, stopped.epochs.length]).toEqual([8, 1]);
    const last = make();
    const resumed = await train(last, digits, { ...options, fitPriorAfter: 2, checkpoint });
    expect(resumed.steps.map(({ step }) => step)).toEqual([9, 10, 11, 12]);
    expect(resumed.epochs.map(({ loss }) => loss)).toEqual(epochs.map(({ loss }) => loss));
    expect(weightsOf(last)).toEqual(weightsOf(whole));
  });

  it('keeps the last and the best epoch, and no other tensors', async () => {
    const saved: Float32Array[][] = [];
    const model = make();
    const history = await train(model, digits, {
      ...options,
      epochs: 6,
      // So high that the best epoch is not the last.
      learningRate: 0.3,
      validation,
      checkpoint: { folder, everySteps: 1 },
      onEpoch: () => void saved.push(weightsOf(model)),
    });
    const losses = history.epochs.map((epoch) => epoch.validation as number);
    expect(history.best).toEqual({ epoch: losses.indexOf(Math.min(...losses)) + 1, loss: Math.min(...losses) });
    const restored = async (which: 'last' | 'best') => {
      const { model: found } = await loadCheckpoint(folder, which);
      made.push(found);
      return weightsOf(found);
    };
    expect(await restored('last')).toEqual(saved.at(-1));
    expect(await restored('best')).toEqual(saved[(history.best?.epoch as number) - 1]);
    const files = await readdir(folder);
    expect(files.filter((name) => name.endsWith('.json')).sort()).toEqual(['best.json', 'last.json']);
    expect(files).toHaveLength(history.best?.epoch === 6 ? 4 : 6);
  });

  it('ends when the held-out images have not got better for `patience` epochs', async () => {
    const history = await train(make(), digits, { ...options, epochs: 50, learningRate: 0.3, validation, patience: 2 });
    expect(history.ended).toBe('early');
    expect(history.epochs).toHaveLength(Math.max(history.best?.epoch as number, 1) + 2);
  });

  it('goes on to more epochs than it was started for, and refuses any other change', async () => {
    await train(make(), digits, { ...options, epochs: 1, checkpoint: { folder } });
    const before = await contents();
    const resumed = (model: Vae, more: object, data = digits) =>
      expect(train(model, data, { ...options, checkpoint: { folder, resume: true }, ...more })).rejects;
    await resumed(make(), { batchSize: 50 }).toThrow(`${folder}: its training has training.batchSize 25, not 50`);
    await resumed(make({ latent: 3 }), {}).toThrow('its training has model.latent 2, not 3');
    await resumed(make({ hidden: [12, 4] }), {}).toThrow(/its training has model\.hidden \[[\d,]+\], not \[12,4\]/);
    await resumed(make({ prior: { kind: 'standard-normal' } }), {}).toThrow('has model.prior.kind "gaussian-mixture"');
    await resumed(make(), {}, takeImages(digits, 75)).toThrow('its training has data.train.count 100, not 75');
    await resumed(make(), { validation }).toThrow('its training has data.validation null, not unset');
    await expect(train(make(), digits, { ...options, checkpoint: { folder } })).rejects.toThrow(
      `${folder} already holds a checkpoint (step 4): resume it, or name another folder`,
    );
    expect(await contents()).toEqual(before);
    const whole = make();
    await train(whole, digits, { ...options, epochs: 2 });
    const longer = make();
    await train(longer, digits, { ...options, epochs: 2, checkpoint: { folder, resume: true } });
    expect(weightsOf(longer)).toEqual(weightsOf(whole));
  });

  it('goes on where options are named that were left out before, which are the same', async () => {
    await train(make(), digits, { ...options, epochs: 1, checkpoint: { folder } });
    const resume = (model: Vae, epochs: number) =>
      train(model, digits, { ...options, epochs, checkpoint: { folder, resume: true } });
    const prior = { kind: 'gaussian-mixture', components: 3, covariance: 'diagonal' } as const;
    const network = { kind: 'dense', activation: 'relu' } as const;
    const aloud = { network, initialiser: 'he', likelihood: 'bernoulli', prior } as const;
    expect((await resume(make(aloud), 2)).epochs.length).toBe(2);
    expect((await resume(make(), 3)).epochs.length).toBe(3);
    await expect(resume(make({ initialiser: 'glorot' }), 4)).rejects.toThrow(
      'has model.initialiser "he", not "glorot"',
    );
    const full = make({ prior: { ...prior, covariance: 'full' } });
    await expect(resume(full, 4)).rejects.toThrow('has model.prior.covariance "diagonal", not "full"');
  });

  it.each([
    ['gaussian-fixed', { stddev: 0.1 }, { stddev: 0.2 }, 'has model.stddev 0.1, not 0.2'],
    ['logistic-mixture', { mixtures: 10 }, { mixtures: 5 }, 'has model.mixtures 10, not 5'],
  ] as const)('goes on where what %s alone has is named, as by default', async (likelihood, same, other, refusal) => {
    const unbinarised = { ...options, binarisation: 'none' } as const;
    const resume = (more: object, epochs: number) =>
      train(make({ likelihood, ...more }), digits, { ...unbinarised, epochs, checkpoint: { folder, resume: true } });
    await resume({}, 1);
    expect((await resume(same, 2)).epochs.length).toBe(2);
    await expect(resume(other, 3)).rejects.toThrow(refusal);
  });

  it('refuses a damaged, cut or foreign checkpoint in one line, and leaves it as it is', async () => {
    await train(make(), digits, { ...options, epochs: 1, checkpoint: { folder } });
    const sound = await contents();
    const weights = Object.keys(sound).find((name) => name.startsWith('weights')) as string;
    const whole = await readFile(join(folder, weights));
    const manifest = JSON.parse(await readFile(join(folder, 'last.json'), 'utf8'));
    const attempt = async (name: string, replacement: Uint8Array | string | null, message: RegExp) => {
      const path = join(folder, name);
      const original = await readFile(path);
      if (replacement === null) await rm(path);
      else await writeFile(path, replacement);
      const before = await contents();
      const tensors = tf.memory().numTensors;
      const failure = await train(make(), digits, { ...options, checkpoint: { folder, resume: true } }).catch((e) => e);
      expect(failure.message).toMatch(message);
      expect(failure.message).not.toContain('\n');
      await expect(loadCheckpoint(folder)).rejects.toThrow(message);
      expect(await contents()).toEqual(before);
      made.pop()?.dispose();
      expect(tf.memory().numTensors).toBe(tensors);
      await writeFile(path, original);
    };
    const flipped = Uint8Array.from(whole);
    flipped[whole.length - 2] = (flipped[whole.length - 2] as number) ^ 1;
    await attempt(weights, flipped, /safetensors: damaged: expected SHA-256 [\da-f]{64}, got/);
    await attempt(weights, whole.subarray(0, 1000), /damaged: .*\(1000 bytes\)/);
    await attempt(weights, null, /missing, although the checkpoint names it/);
    await attempt('last.json', '{"format": "gmm-vae che', /last.json: not a checkpoint of gmm-vae: it is not JSON/);
    await attempt('last.json', '{"epoch": 3}', /expected "format": "gmm-vae checkpoint", got nothing/);
    await attempt('last.json', JSON.stringify({ ...manifest, version: 99 }), /expected version 1, got 99/);
    await attempt(
      'last.json',
      JSON.stringify({ ...manifest, threads: 'two' }),
      /threads: expected a number, got "two"; put back what was there/,
    );
    const outside = { ...manifest, files: { ...manifest.files, weights: { name: '../x.safetensors', sha256: '' } } };
    await attempt('last.json', JSON.stringify(outside), /files\.weights\.name/);
    expect(await contents()).toEqual(sound);
    await expect(loadCheckpoint(join(folder, 'nowhere'))).rejects.toThrow('no checkpoint here (no last.json)');
  });

  it('overwrites no best.json of another training or of something else, also where last.json is missing', async () => {
    const checkpoint = { folder, resume: true };
    await train(make({ latent: 3 }), digits, { ...options, epochs: 1, checkpoint });
    await rm(join(folder, 'last.json'));
    const others = await contents();
    const attempt = (more: object) => expect(train(make(), digits, { ...options, checkpoint, ...more })).rejects;
    await attempt({}).toThrow('its training has model.latent 3, not 2');
    await attempt({ checkpoint: { folder } }).toThrow('already holds a checkpoint (step 4)');
    await writeFile(join(folder, 'best.json'), '{"score": 1}');
    await attempt({}).toThrow(/best\.json: not a checkpoint of gmm-vae/);
    expect({ ...(await contents()), 'best.json': others['best.json'] }).toEqual(others);
  });

  it('starts anew where the process died between the two manifests of its first save', async () => {
    const checkpoint = { folder, resume: true };
    const whole = make();
    await train(whole, digits, { ...options, checkpoint });
    await rm(join(folder, 'last.json'));
    const again = make();
    const history = await train(again, digits, { ...options, checkpoint });
    expect(history.steps).toHaveLength(12);
    expect(weightsOf(again)).toEqual(weightsOf(whole));
  });

  it('is read without the optimizer, and while a training puts newer weights in the place of those it names', async () => {
    await train(make(), digits, { ...options, epochs: 1, checkpoint: { folder } });
    const first = await readFile(join(folder, 'last.json'));
    const { name } = JSON.parse(first.toString()).files.weights;
    const weights = await readFile(join(folder, name));
    const model = make();
    await train(model, digits, { ...options, epochs: 2, checkpoint: { folder, resume: true } });
    for (const file of await readdir(folder)) if (file.startsWith('optimizer')) await rm(join(folder, file));
    const second = await readFile(join(folder, 'last.json'));
    const replace = (text: Buffer) => {
      writeFileSync(join(folder, 'new.json'), text);
      renameSync(join(folder, 'new.json'), join(folder, 'best.json'));
    };
    // A save: the new manifest, then the old weights' removal, at ever later moments of a reading.
    for (let turns = 0; turns < 40; turns++) {
      writeFileSync(join(folder, name), weights);
      replace(first);
      const reading = loadCheckpoint(folder, 'best');
      for (let turn = 0; turn < turns; turn++) await afterIo();
      replace(second);
      rmSync(join(folder, name));
      made.push((await reading).model);
    }
    replace(first);
    await expect(loadCheckpoint(folder, 'best')).rejects.toThrow('missing, although the checkpoint names it');
    const { model: read } = await loadCheckpoint(folder);
    made.push(read);
    expect(weightsOf(read)).toEqual(weightsOf(model));
  });

  it('goes by the bound it maximises: held-out images are scored by the importance-weighted one, which is higher', async () => {
    const run = async (bound: 'elbo' | 'iwae') => {
      const { epochs } = await train(make(), digits, {
        ...options,
        epochs: 1,
        learningRate: 1e-9,
        bound,
        samples: 20,
        validation,
      });
      return epochs[0]?.validation as number;
    };
    // The rate is so low that both are of the same model.
    const [elbo, iwae] = [await run('elbo'), await run('iwae')];
    expect(iwae).toBeLessThan(elbo);
    expect(iwae).toBeGreaterThan(0.9 * elbo);
  });

  it('has its folder to itself while it lasts, and leaves it open however it ends', async () => {
    const checkpoint = { folder, resume: true };
    const second: Promise<unknown>[] = [];
    const attempt = () => train(make(), digits, { ...options, checkpoint }).catch((error) => error.message);
    const whole = make();
    await train(whole, digits, { ...options, checkpoint, onStep: ({ step }) => step === 2 && second.push(attempt()) });
    expect(await second[0]).toMatch(`${folder}: process ${process.pid} has been writing here since`);
    const alone = make();
    await train(alone, digits, options);
    expect(weightsOf(whole)).toEqual(weightsOf(alone));

    await train(make(), digits, { ...options, epochs: 9, checkpoint, ...stopAt(13) });
    const failed = train(make(), digits, { ...options, epochs: 9, checkpoint, onStep: () => JSON.parse('no JSON') });
    await expect(failed).rejects.toThrow(SyntaxError);
    expect(await readdir(folder)).not.toContain('.lock');
    await train(make(), digits, { ...options, epochs: 4, checkpoint });
  });

  it('keeps the last good checkpoint when the loss diverges, and says where it is', async () => {
    await train(make(), digits, { ...options, epochs: 1, checkpoint: { folder } });
    const before = await contents();
    const poisoned = { ...options, checkpoint: { folder, resume: true, everySteps: 1 } };
    const model = make();
    const signal = {
      // Poisons a weight after the resumption, before the first step.
      get aborted() {
        model.variables.get('prior/means')?.assign(tf.fill([3, 2], Number.NaN));
        return false;
      },
    } as unknown as AbortSignal;
    const failure = await train(model, digits, { ...poisoned, signal }).catch((error) => error);
    expect(failure.message).toMatch(
      `training stopped at step 5 (epoch 2): the kl term is NaN; the last good checkpoint, of step 4, is in ${folder}`,
    );
    expect(await contents()).toEqual(before);
  });

  it('never saves what is not finite, although the losses before the update were', async () => {
    const model = make();
    for (const weights of model.variables.values()) weights.assign(tf.mul(weights, 1e8));
    const failure = await train(model, digits, { ...options, checkpoint: { folder, everySteps: 1 } }).catch((e) => e);
    // The gradients are finite, and their squares in Adam's second moment are not.
    expect(failure.message).toMatch(/^training stopped at step 1 \(epoch 1\): an updated weight is (NaN|-?Infinity);/);
    expect(await readdir(folder)).toEqual([]);
  });
});
