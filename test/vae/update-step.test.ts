import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/math/random';
import { nth } from '../../src/nth';
import { tf } from '../../src/tensors';
import type { ObjectiveOptions } from '../../src/vae/elbo';
import type { LikelihoodKind } from '../../src/vae/likelihood-kinds';
import { type PriorOptions, Vae } from '../../src/vae/model';
import type { NetworkOptions } from '../../src/vae/networks';
import { makeUpdateStep } from '../../src/vae/training/step';
import { DENSE_NETWORKS } from './dense-networks';
import { expectClose } from './gradients';

const [BATCH, PIXELS, LATENT, SAMPLES] = [8, 30, 2, 2];

interface Run {
  readonly losses: { readonly loss: number; readonly reconstruction: number; readonly kl: number }[];
  readonly weights: number[][];
}

/** Twenty steps of one model on the same data and noise. */
async function run(
  device: 'eager' | 'cpu',
  prior: PriorOptions,
  network: NetworkOptions,
  { likelihood, ...objective }: ObjectiveOptions & { likelihood?: LikelihoodKind } = {},
): Promise<Run> {
  const model = new Vae({ pixels: PIXELS, latent: LATENT, hidden: [12], network, likelihood, prior, seed: 1 });
  const optimizer = tf.train.adam(1e-2);
  const shape = { device, batchSize: BATCH, samples: SAMPLES, ...objective };
  const update = await makeUpdateStep(model, optimizer, shape);
  const stream = RandomStream.of(1, 'test/engine');
  const losses: Run['losses'] = [];
  for (let step = 1; step <= 20; step++) {
    const x = Float32Array.from({ length: BATCH * PIXELS }, () => stream.integer(2));
    const noise = new Float32Array(SAMPLES * BATCH * LATENT);
    stream.fillNormal(noise);
    const terms = await update.run({ x, noise, klWeight: Float32Array.of(Math.min(step / 10, 1)) });
    losses.push({ loss: nth(terms.loss, 0), reconstruction: nth(terms.reconstruction, 0), kl: nth(terms.kl, 0) });
  }
  await update.sync();
  const weights = [...model.variables.values()].map((variable) => [...variable.dataSync()]);
  await update.dispose();
  optimizer.dispose();
  model.dispose();
  return { losses, weights };
}

function expectSame(compiled: Run, eager: Run): void {
  // Adam divides by √v, so that rounding of a tiny gradient is not tiny in the weights: 1e-4 after 20 steps of 1e-2.
  for (const term of ['loss', 'reconstruction', 'kl'] as const) {
    expectClose(
      compiled.losses.map((loss) => loss[term]),
      eager.losses.map((loss) => loss[term]),
      1e-4,
    );
  }
  compiled.weights.forEach((weights, i) => {
    expectClose(weights, eager.weights[i] ?? [], 1e-4);
  });
}

const PRIORS: readonly PriorOptions[] = [{ kind: 'standard-normal' }, { kind: 'gaussian-mixture', components: 3 }];

describe('the compiled training step', () => {
  for (const prior of PRIORS) {
    for (const [name, network] of Object.entries(DENSE_NETWORKS)) {
      it(`is the eager one, losses and weights over 20 steps: ${prior.kind}, ${name}`, async () => {
        const eager = await run('eager', prior, network);
        const compiled = await run('cpu', prior, network);
        expectSame(compiled, eager);
      });
    }
  }

  const mixture: PriorOptions = { kind: 'gaussian-mixture', components: 3 };
  const variants = {
    'a full-covariance mixture': [{ ...mixture, covariance: 'full' }, {}],
    'a VampPrior': [{ kind: 'vamp', components: 4 }, {}],
    'a Gaussian likelihood': [mixture, { likelihood: 'gaussian' }],
    'the importance-weighted bound': [mixture, { bound: 'iwae' }],
    'sticking the landing': [mixture, { stickingTheLanding: true }],
    'sticking the landing with a closed form': [{ kind: 'standard-normal' }, { stickingTheLanding: true }],
  } as const satisfies Record<string, readonly [PriorOptions, object]>;
  for (const [name, [prior, options]] of Object.entries(variants)) {
    it(`is the eager one, losses and weights over 20 steps: ${name}`, async () => {
      expectSame(
        await run('cpu', prior, DENSE_NETWORKS.gated, options),
        await run('eager', prior, DENSE_NETWORKS.gated, options),
      );
    });
  }

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await run('eager', { kind: 'standard-normal' }, DENSE_NETWORKS.relu);
    await run('cpu', { kind: 'gaussian-mixture', components: 3 }, DENSE_NETWORKS.relu);
    expect(tf.memory().numTensors).toBe(before);
  });
});
