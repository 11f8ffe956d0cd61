import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { registerEvaluate } from '../../src/commands/evaluate';
import { addTrainOptions } from '../../src/commands/train/options';
import { syntheticDigits } from '../../src/data/glyphs';
import { parseManifest } from '../../src/vae/checkpoint/manifest';
import { importanceScores } from '../../src/vae/evaluation/importance';
import { SCORING_OPTIONS } from '../../src/vae/evaluation/option-table';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { MODEL_OPTION_NAMES, MODEL_OPTIONS, type ModelOptionName } from '../../src/vae/model-table';
import { placeOf } from '../../src/vae/option';
import { expectFlags, WRONG } from './option-tables';

const SMALL: VaeOptions = { pixels: 16, latent: 2, hidden: [3], prior: { kind: 'standard-normal' }, seed: 1 };
const conv = (more: object) => ({ network: { kind: 'conv', height: 4, width: 4, ...more } });
const mixture = (more: object) => ({ prior: { kind: 'gaussian-mixture', components: 2, ...more } });

/** How the library is given each option; pseudo-inputs are chosen by the command, and given as numbers. */
const GIVEN: { readonly [N in Exclude<ModelOptionName, 'pseudoInputs'>]: (value: unknown) => object } = {
  prior: (kind) => ({ prior: { kind } }),
  components: (components) => mixture({ components }),
  covariance: (covariance) => mixture({ covariance }),
  latent: (latent) => ({ latent }),
  network: (kind) => ({ network: { kind } }),
  hidden: (hidden) => ({ hidden }),
  featureMaps: (maps) => conv({ maps }),
  residualBlocks: (blocks) => conv({ blocks }),
  initialiser: (initialiser) => ({ initialiser }),
  likelihood: (likelihood) => ({ likelihood }),
  stddev: (stddev) => ({ likelihood: 'gaussian-fixed', stddev }),
  mixtures: (mixtures) => ({ likelihood: 'logistic-mixture', mixtures }),
  flow: (kind) => ({ flow: { kind, length: 1 } }),
  flowLength: (length) => ({ flow: { kind: 'iaf', length } }),
  flowUnits: (units) => ({ flow: { kind: 'iaf', length: 1, units } }),
  hierarchy: (top) => ({ hierarchy: { top } }),
};
const NAMES = Object.keys(GIVEN) as readonly (keyof typeof GIVEN)[];

const PROGRESS = { step: 0, batches: { epoch: 1, index: 0 }, sums: { loss: 0, reconstruction: 0, kl: 0 } };
const manifestOf = (model: object) =>
  JSON.stringify({
    format: 'gmm-vae checkpoint',
    version: 1,
    model,
    training: {
      batchSize: 1,
      seed: 1,
      learningRate: 1e-3,
      samples: 1,
      binarisation: 'fixed',
      warmUpEpochs: 0,
      fitPriorAfter: null,
      bound: 'elbo',
      stickingTheLanding: false,
    },
    data: { train: { name: 'x', count: 1, height: 4, width: 4, sha256: 'a' }, validation: null },
    threads: 1,
    progress: { ...PROGRESS, epochs: [], best: null },
    files: { weights: { name: 'w.safetensors', sha256: 'a' }, optimizer: { name: 'o.safetensors', sha256: 'a' } },
  });

describe('every option of a model', () => {
  it('is refused by name where it is out of range', () => {
    for (const name of NAMES) {
      for (const value of WRONG[MODEL_OPTIONS[name].read]) {
        const make = () => new Vae({ ...SMALL, ...GIVEN[name](value) } as VaeOptions);
        expect(make, `${name} ${value}`).toThrow(/^(prior|network|flow|hierarchy)?\.?\w+(\[\d\])?: expected /);
      }
    }
  });

  it('is refused in a checkpoint, too, at the place that the table says, where no build can have written it', () => {
    const read = (model: object) => parseManifest(manifestOf(model), 'last.json').model;
    for (const name of NAMES) {
      for (const value of WRONG[MODEL_OPTIONS[name].read].filter((one) => !Number.isNaN(one))) {
        expect(() => read({ ...SMALL, ...GIVEN[name](value) }), `${name} ${value}`).toThrow(
          `last.json: not a checkpoint of gmm-vae: ${placeOf(name, MODEL_OPTIONS[name])}`,
        );
      }
    }
    expect(read(SMALL)).toEqual(SMALL);
  });

  it('accepts its own defaults, those of the command too, and has a flag and a line of help there', () => {
    expectFlags(MODEL_OPTIONS, addTrainOptions(new Command('train')));
    expect(MODEL_OPTION_NAMES).toEqual([...NAMES.slice(0, 9), 'pseudoInputs', ...NAMES.slice(9)]);
  });
});

describe('every option of scoring', () => {
  it('is refused by name where it is out of range', async () => {
    const { test } = syntheticDigits({ train: 1, test: 2, seed: 1 });
    const model = new Vae({ ...SMALL, pixels: 784 });
    for (const name of ['samples', 'seed'] as const) {
      for (const value of [...WRONG[SCORING_OPTIONS[name].read], undefined]) {
        const scored = importanceScores(model, test, { samples: 1, seed: 1, [name]: value });
        await expect(scored, `${name} ${value}`).rejects.toThrow(`${name}: expected `);
      }
    }
    model.dispose();
  });

  it('has a flag and a line of help, and the command’s default is one that it accepts', () => {
    const command = new Command();
    registerEvaluate(command, {} as Parameters<typeof registerEvaluate>[1]);
    expectFlags(SCORING_OPTIONS, command);
  });
});
