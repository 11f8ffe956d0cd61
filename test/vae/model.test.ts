import { afterAll, describe, expect, it } from 'vitest';
import { tf } from '../../src/tensors';
import { Vae, type VaeOptions } from '../../src/vae/model';
import { DENSE_NAMES, DENSE_NETWORKS } from './dense-networks';
import { expectClose } from './gradients';

const options: VaeOptions = {
  pixels: 6,
  latent: 2,
  hidden: [5, 4],
  prior: { kind: 'gaussian-mixture', components: 3 },
  seed: 1,
};
const made: Vae[] = [];
const make = (more: Partial<VaeOptions> = {}): Vae => {
  const model = new Vae({ ...options, ...more });
  made.push(model);
  return model;
};
afterAll(() => {
  for (const model of made) model.dispose();
});

const values = (model: Vae, name: string): number[] => [...(model.variables.get(name)?.dataSync() ?? [])];

describe('the model', () => {
  it('names its variables the same in every instance, also with several in one process', () => {
    const names = [...make().variables.keys()];
    expect([...make().variables.keys()]).toEqual(names);
    expect(names).toEqual([
      'encoder/hidden1/kernel',
      'encoder/hidden1/bias',
      'encoder/hidden2/kernel',
      'encoder/hidden2/bias',
      'encoder/output/kernel',
      'encoder/output/bias',
      'decoder/hidden1/kernel',
      'decoder/hidden1/bias',
      'decoder/hidden2/kernel',
      'decoder/hidden2/bias',
      'decoder/output/kernel',
      'decoder/output/bias',
      'prior/logits',
      'prior/means',
      'prior/raw-log-variances',
    ]);
  });

  it('starts from the same weights for the same seed, and the networks do not depend on the prior', () => {
    const [a, same, other, plain] = [make(), make(), make({ seed: 2 }), make({ prior: { kind: 'standard-normal' } })];
    for (const name of a.variables.keys()) expect(values(same, name)).toEqual(values(a, name));
    expect(values(other, 'encoder/hidden1/kernel')).not.toEqual(values(a, 'encoder/hidden1/kernel'));
    expect(values(plain, 'decoder/output/kernel')).toEqual(values(a, 'decoder/output/kernel'));
  });

  it('draws weights of variance 2/inputs for ReLU and 2/(inputs + outputs) for tanh', () => {
    const size = { pixels: 400, hidden: [300], latent: 1 };
    for (const [network, variance] of [
      ['relu', 2 / 400],
      ['tanh', 2 / 700],
    ] as const) {
      const weights = values(make({ ...size, network: DENSE_NETWORKS[network] }), 'encoder/hidden1/kernel');
      const measured = weights.reduce((sum, w) => sum + w * w, 0) / weights.length;
      // The relative standard error of a variance of n normals is √(2/n) = 0.4 %; 2 % is five of them.
      expect(Math.abs(measured / variance - 1)).toBeLessThan(0.02);
    }
  });

  it('decodes to the mean image before it has learned anything', () => {
    const meanImage = [0, 0.1, 0.3, 0.5, 0.9, 1];
    const bias = values(make({ meanImage }), 'decoder/output/bias').map((logit) => 1 / (1 + Math.exp(-logit)));
    expectClose(bias, [0.01, 0.1, 0.3, 0.5, 0.9, 0.99]);
  });

  it('computes each kind of hidden layer by its formula', () => {
    const x = [0.2, -1, 0.5, 1, 0, 2];
    const affine = (model: Vae, name: string) =>
      [0, 1, 2].map((j) =>
        x.reduce((sum, value, i) => sum + value * (values(model, `${name}/kernel`)[i * 3 + j] as number), 0),
      );
    const formulas = {
      relu: (model: Vae) => affine(model, 'encoder/hidden1').map((h) => Math.max(h, 0)),
      tanh: (model: Vae) => affine(model, 'encoder/hidden1').map(Math.tanh),
      gated: (model: Vae) => {
        const gate = affine(model, 'encoder/hidden1/gate');
        return affine(model, 'encoder/hidden1/value').map((h, j) => h / (1 + Math.exp(-(gate[j] as number))));
      },
    };
    for (const network of DENSE_NAMES) {
      const model = make({ hidden: [3], network: DENSE_NETWORKS[network], latent: 1 });
      const hidden = formulas[network](model);
      const kernel = values(model, 'encoder/output/kernel');
      const mean = hidden.reduce((sum, h, j) => sum + h * (kernel[j * 2] as number), 0);
      expectClose(
        tf.tidy(() => model.encode(tf.tensor2d(x, [1, 6])).mean.dataSync()),
        [mean],
      );
    }
  });

  it('refuses sizes, mean images and priors that do not fit', () => {
    const refusal = (more: object) => () => new Vae({ ...options, ...more });
    expect(refusal({ latent: 0 })).toThrow('latent: expected a positive integer, got 0');
    expect(refusal({ hidden: [5, 1.5] })).toThrow('hidden[1]: expected a positive integer, got 1.5');
    expect(refusal({ meanImage: [0.5] })).toThrow('meanImage: expected 6 pixels, got 1');
    expect(refusal({ meanImage: [0, 0, 0, 0, 0, 2] })).toThrow('meanImage: expected intensities in [0, 1], got 2');
    expect(refusal({ initialiser: 'lecun' })).toThrow(
      'initialiser: expected he or glorot or he-everywhere, got "lecun"',
    );
    expect(refusal({ network: { kind: 'dense', activation: 'gated' } })).toThrow(
      'network.activation: expected relu or tanh, got "gated"',
    );
    expect(refusal({ prior: { kind: 'gaussian-mixture', components: 2, covariance: 'tied' } })).toThrow(
      'prior.covariance: expected diagonal or full, got "tied"',
    );
    expect(refusal({ prior: { kind: 'laplace' } })).toThrow(
      'prior.kind: expected standard-normal or gaussian-mixture or vamp, got "laplace"',
    );
  });
});
