// Processor time of the parts of a training step, and of what an epoch ends with, one thread: milliseconds, the first quartile of many.
// After `npm run build`: node bench/step-parts.mjs [--steps 200]
import { parseArgs } from 'node:util';
import { Batches } from '../dist/data/batches.js';
import { syntheticDigits } from '../dist/data/glyphs.js';
import { fillNormal } from '../dist/data/random-kernels.js';
import { RandomStream } from '../dist/math/random.js';
import { Vae } from '../dist/vae/model.js';
import { pseudoInputs } from '../dist/vae/priors/pseudo-inputs.js';
import { adam } from '../dist/vae/training/adam.js';
import { makeUpdateStep } from '../dist/vae/training/step.js';
import { HeldOut } from '../dist/vae/training/validation.js';

const { values: options } = parseArgs({ options: { steps: { type: 'string', default: '200' } } });
const steps = Number(options.steps);
const [latent, batchSize, seed] = [40, 100, 1];
const { train: set } = syntheticDigits({ train: 5000, test: 1, seed });
const pixels = set.width * set.height;

/** The first quartile, which other processes' traces in the caches raise least. */
async function quartile(count, run) {
  const times = [];
  for (let i = 0; i < count; i++) {
    const { user, system } = process.cpuUsage();
    await run(i);
    const after = process.cpuUsage();
    times.push((after.user + after.system - user - system) / 1e3);
  }
  return times.toSorted((a, b) => a - b)[count >> 2].toFixed(2);
}

const batches = new Batches(set, { batchSize, seed, binarisation: 'dynamic', lastBatch: 'drop' });
const noise = new Float32Array(batchSize * latent);
const draw = (step) => fillNormal(RandomStream.of(seed, `vae/train/noise/${step}`), noise);
console.log(`batch, drawn bits and all: ${await quartile(steps, () => batches.next())}`);
console.log(`noise: ${await quartile(steps, draw)}`);

const PRIORS = {
  normal: { kind: 'standard-normal' },
  'gmm, K = 10': { kind: 'gaussian-mixture', components: 10 },
  'vamp, K = 500': { kind: 'vamp', components: 500, pseudoInputs: pseudoInputs(set, 500, seed) },
};
for (const [name, prior] of Object.entries(PRIORS)) {
  const model = new Vae({ pixels, latent, hidden: [300, 300], network: { kind: 'gated' }, prior, seed });
  const { optimizer } = adam({ optimizer: 'adam', learningRate: 5e-4 }, model.variables);
  const update = await makeUpdateStep(model, optimizer, { device: 'cpu', batchSize, samples: 1, threads: 1 });
  const { pixels: x } = batches.next();
  const step = await quartile(steps, () => update.run({ x, noise, klWeight: Float32Array.of(1) }));
  const how = { seed, binarisation: 'dynamic', device: 'cpu', threads: 1, bound: 'elbo', samples: 1 };
  const heldOut = await HeldOut.create(model, { ...set, count: 1000 }, how);
  const sync = await quartile(10, () => update.sync());
  const held = await quartile(10, () => heldOut.loss());
  console.log(
    `${name}: step with its update ${step}; an epoch's end: variables ${sync}, 1,000 held-out images ${held}`,
  );
  await heldOut.dispose();
  await update.dispose();
}
