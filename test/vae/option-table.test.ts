import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { storedFlags } from '../../src/commands/train/flags';
import { addTrainOptions } from '../../src/commands/train/options';
import { parseManifest } from '../../src/vae/checkpoint/manifest';
import { option, placeOf, size } from '../../src/vae/option';
import { OPTIONS } from '../../src/vae/training/option-table';
import { checkSettings, OPTION_NAMES, type OptionName, type TrainOptions } from '../../src/vae/training/options';
import { storedOptions } from '../../src/vae/training/stored-options';
import { expectFlags, WRONG } from './option-tables';

const given = (name: OptionName, value: unknown) =>
  ({
    epochs: 1,
    seed: 1,
    ...(name === 'everySteps' ? { checkpoint: { folder: 'run', everySteps: value } } : { [name]: value }),
  }) as unknown as TrainOptions;

describe('every option of a training', () => {
  it('is refused by name where it is out of range, and by the device’s own check where that knows more', () => {
    for (const name of OPTION_NAMES.filter((option) => option !== 'device')) {
      for (const value of WRONG[OPTIONS[name].read]) {
        const argument = name === 'everySteps' ? 'checkpoint.everySteps' : name;
        expect(() => checkSettings(given(name, value)), `${name} ${value}`).toThrow(`${argument}: expected `);
      }
    }
  });

  it('accepts its own defaults, those of the command too, and has a flag and a line of help there', () => {
    expectFlags(OPTIONS, addTrainOptions(new Command('train')));
  });

  it('says where a checkpoint keeps it: a new one that does not say so does not compile', () => {
    // @ts-expect-error: kept is missing.
    const forgotten = option(size, { flag: '--new <n>', help: 'something new' });
    expect(forgotten).not.toHaveProperty('kept');
    expect(placeOf('new', { kept: 'training' })).toBe('training.new');
    expect(placeOf('new', { kept: 'model.prior.new' })).toBe('model.prior.new');
    expect(placeOf('new', { kept: null })).toBeNull();
  });

  it('is required where no default stands in, and only there', () => {
    expect(() => checkSettings({ seed: 1 } as TrainOptions)).toThrow(
      'epochs: expected a positive integer, got undefined',
    );
    expect(() => checkSettings({ epochs: 1 } as TrainOptions)).toThrow('seed: expected an integer, got undefined');
    expect(checkSettings({ epochs: 1, seed: 1 })).toMatchObject({ batchSize: 100, learningRate: 1e-3, device: 'cpu' });
  });

  it('has its default where undefined is given, like all that a training is given', () => {
    const settings = checkSettings({ epochs: 1, seed: 1 });
    const names = Object.keys(settings).filter((name) => name !== 'epochs' && name !== 'seed');
    const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
    const same = checkSettings({ epochs: 1, seed: 1, ...nothing } as TrainOptions);
    const told = (value: unknown): unknown =>
      typeof value === 'object' || typeof value === 'function' ? typeof value : value;
    expect(Object.entries(same).map(([name, value]) => [name, told(value)])).toEqual(
      Object.entries(settings).map(([name, value]) => [name, told(value)]),
    );
  });
});

/** `last.json` as `gmm-vae train` wrote it before this table was there. */
const MANIFEST = {
  format: 'gmm-vae checkpoint',
  version: 1,
  model: {
    pixels: 784,
    latent: 2,
    hiddenKind: 'gated',
    seed: 7,
    hidden: [12],
    prior: { kind: 'gaussian-mixture', components: 3, covariance: 'full' },
  },
  training: {
    batchSize: 20,
    seed: 7,
    optimizer: 'adam-norm-grad',
    learningRate: 0.001,
    samples: 1,
    binarisation: 'dynamic',
    warmUpEpochs: 0,
    fitPriorAfter: 2,
    bound: 'elbo',
    stickingTheLanding: false,
    beta: 2,
    klCycleEpochs: 1,
    freeBits: 0.5,
  },
  schedule: { epochs: 2, patience: 5, everySteps: 3, device: 'cpu' },
  data: {
    train: { name: 'synthetic digits train', count: 100, height: 28, width: 28, sha256: 'b62836a6' },
    validation: { name: 'synthetic digits train', count: 20, height: 28, width: 28, sha256: 'c11bb682' },
  },
  threads: 1,
  progress: {
    step: 10,
    batches: { epoch: 2, index: 0 },
    sums: { loss: 0, reconstruction: 0, kl: 0 },
    epochs: [],
    best: { epoch: 2, loss: 183.15984573364258 },
  },
  files: {
    weights: { name: 'weights-000000010-536e664f.safetensors', sha256: '536e664f' },
    optimizer: { name: 'optimizer-000000010-c088afaf.safetensors', sha256: 'c088afaf' },
  },
};

const read = (manifest: object) => parseManifest(JSON.stringify(manifest), 'last.json');

describe('a checkpoint', () => {
  it('of an earlier build is read, and its options are those that it was started with', () => {
    const manifest = read(MANIFEST);
    const { hiddenKind: _renamed, ...model } = MANIFEST.model;
    expect(manifest).toEqual({ ...MANIFEST, model: { ...model, network: { kind: 'gated' } } });
    expect(storedFlags(manifest)).toMatchObject({
      epochs: 2,
      batchSize: 20,
      optimizer: 'adam-norm-grad',
      learningRate: 0.001,
      warmUpEpochs: 0,
      beta: 2,
      klCycleEpochs: 1,
      freeBits: 0.5,
      fitPriorAfter: 2,
      patience: 5,
      everySteps: 3,
      seed: 7,
    });
  });

  it('that says hiddenKind beside network, as the first builds did, has the same layers', () => {
    const { hiddenKind: _gated, ...model } = MANIFEST.model;
    const networkOf = (layers: object) => read({ ...MANIFEST, model: { ...model, ...layers } }).model.network;
    const conv = { kind: 'conv', height: 28, width: 28, maps: [4] };
    expect(networkOf({})).toBeUndefined();
    expect(networkOf({ hiddenKind: 'relu' })).toEqual({ kind: 'dense', activation: 'relu' });
    expect(networkOf({ hiddenKind: 'tanh' })).toEqual({ kind: 'dense', activation: 'tanh' });
    expect(networkOf({ hiddenKind: 'gated', network: { kind: 'dense' } })).toEqual({ kind: 'gated' });
    expect(networkOf({ hiddenKind: 'gated', network: conv })).toEqual({ ...conv, activation: 'gated' });
    expect(networkOf({ network: conv })).toEqual(conv);
    expect(() => networkOf({ hiddenKind: 'selu' })).toThrow('model.hiddenKind: ');
    expect(() => networkOf({ network: { kind: 'other' } })).toThrow('model.network.kind: ');
    expect(storedFlags(read(MANIFEST))).toMatchObject({ network: 'gated', hidden: [12] });
  });

  it('of the earliest builds, without a schedule and without the options that came later, has their defaults', () => {
    const { schedule: _none, training, ...rest } = MANIFEST;
    const { optimizer: _adam, beta: _one, klCycleEpochs: _zero, freeBits: _nothing, ...first } = training;
    const flags = storedFlags(read({ ...rest, training: { ...first, fitPriorAfter: null } }));
    expect(flags).toMatchObject({ optimizer: 'adam', beta: 1, klCycleEpochs: 0, freeBits: 0 });
    for (const name of ['epochs', 'patience', 'fitPriorAfter', 'device']) expect(flags).not.toHaveProperty(name);
  });

  it('says the options that came later only where they are not the default, so that an earlier build reads it', () => {
    const stored = storedOptions('training', checkSettings({ epochs: 1, seed: 1 }));
    expect(stored).toEqual({
      batchSize: 100,
      seed: 1,
      learningRate: 1e-3,
      samples: 1,
      binarisation: 'dynamic',
      warmUpEpochs: 0,
      fitPriorAfter: null,
      bound: 'elbo',
      stickingTheLanding: false,
    });
  });

  it('is refused by the option that no build can have written', () => {
    for (const [name, value] of [
      ['learningRate', 0],
      ['optimizer', 'sgd'],
      ['fitPriorAfter', 0],
    ] as const) {
      const other = { ...MANIFEST, training: { ...MANIFEST.training, [name]: value } };
      expect(() => read(other)).toThrow(`last.json: not a checkpoint of gmm-vae: training.${name}: `);
    }
  });
});
