// What a prior costs: one training step of the protocol (gated 784-300-300-40, batch 100, Adam), compiled for the CPU, the priors in turns.
// After `npm run build`: node bench/priors.mjs [--threads 1,2] [--rounds 20] [--vamp]

import { parseArgs } from 'node:util';
import random from '../dist/math/random.js';
import models from '../dist/vae/model.js';
import optimizers from '../dist/vae/training/adam.js';
import steps from '../dist/vae/training/step.js';

const { RandomStream } = random;
const { adam } = optimizers;
const { makeUpdateStep } = steps;
const { Vae } = models;

const { values: options } = parseArgs({
  options: {
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '20' },
    vamp: { type: 'boolean', default: false },
  },
});
const STEPS = 25;
const WARM = 5;
const [pixels, latent, batchSize] = [784, 40, 100];
const PRIORS = {
  'N(0, I)': { kind: 'standard-normal' },
  'mixture, K = 1': { kind: 'gaussian-mixture', components: 1 },
  'mixture, K = 10': { kind: 'gaussian-mixture', components: 10 },
  'mixture, K = 100': { kind: 'gaussian-mixture', components: 100 },
  ...(options.vamp && { 'VampPrior, K = 500': { kind: 'vamp', components: 500 } }),
};

const stream = RandomStream.of(1, 'bench/priors');
const x = Float32Array.from({ length: batchSize * pixels }, () => (stream.normal() > 1 ? 1 : 0));
const noise = new Float32Array(batchSize * latent);
stream.fillNormal(noise);

/** Update steps for one number of threads, by their row's name. */
async function contenders(threads) {
  const made = {};
  for (const [name, prior] of Object.entries(PRIORS)) {
    const model = new Vae({ pixels, latent, hidden: [300, 300], network: { kind: 'gated' }, prior, seed: 1 });
    const { optimizer } = adam({ optimizer: 'adam', learningRate: 5e-4 }, model.variables);
    made[name] = await makeUpdateStep(model, optimizer, { device: 'cpu', batchSize, samples: 1, threads });
  }
  return made;
}

for (const threads of options.threads.split(',').map(Number)) {
  const made = await contenders(threads);
  const times = Object.fromEntries(Object.keys(made).map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, update] of Object.entries(made)) {
      for (let step = -WARM; step < STEPS; step++) {
        const start = performance.now();
        await update.run({ x, noise, klWeight: Float32Array.of(1) });
        if (step >= 0) times[name].push(performance.now() - start);
      }
    }
  }
  const [first] = Object.values(times).map(summary);
  for (const [name, values] of Object.entries(times)) {
    const { median, tenth } = summary(values);
    const over = (value, base) => `${value >= base ? '+' : '−'}${Math.abs(100 * (value / base - 1)).toFixed(0)} %`;
    console.log(
      `${threads} thread${threads > 1 ? 's' : ''}  ${name.padEnd(20)} median ${median.toFixed(2)} ms (${over(median, first.median)})  fastest tenth ${tenth.toFixed(2)} ms (${over(tenth, first.tenth)})`,
    );
  }
  for (const update of Object.values(made)) await update.dispose();
}

function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1], tenth: sorted[Math.floor(sorted.length / 10)] };
}
