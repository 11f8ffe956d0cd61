// Processor time of a training step for each kind of q(z|x), one thread, in turns: milliseconds, median (least).
// After `npm run build`: node bench/posteriors.mjs [--rounds 6] [--steps 20]
import { parseArgs } from 'node:util';
import { syntheticDigits } from '../dist/data/glyphs.js';
import { fillNormal } from '../dist/data/random-kernels.js';
import { RandomStream } from '../dist/math/random.js';
import { Vae } from '../dist/vae/model.js';
import { adam } from '../dist/vae/training/adam.js';
import { makeUpdateStep } from '../dist/vae/training/step.js';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '6' }, steps: { type: 'string', default: '20' } },
});
const [latent, batchSize, seed] = [40, 100, 1];
const x = Float32Array.from(syntheticDigits({ train: batchSize, test: 1, seed }).train.images, (byte) => byte / 255);
const KINDS = {
  'diagonal normal': {},
  'planar flow, 4 steps': { flow: { kind: 'planar', length: 4 } },
  'IAF, 4 steps of 64 units': { flow: { kind: 'iaf', length: 4, units: 64 } },
  'two levels, 20 dimensions each': { hierarchy: { top: 20 } },
};

/** @param {(typeof KINDS)[keyof typeof KINDS]} more */
async function stepOf(more) {
  const model = new Vae({
    pixels: 784,
    latent,
    hidden: [300, 300],
    network: { kind: 'gated' },
    prior: { kind: 'gaussian-mixture', components: 10 },
    seed,
    ...more,
  });
  const { optimizer } = adam({ optimizer: 'adam', learningRate: 5e-4 }, model.variables);
  const update = await makeUpdateStep(model, optimizer, { batchSize, samples: 1, device: 'cpu', threads: 1 });
  const noise = new Float32Array(batchSize * model.latent);
  fillNormal(RandomStream.of(seed, 'bench/posteriors'), noise);
  return () => update.run({ x, noise, klWeight: Float32Array.of(1) });
}

const runs = await Promise.all(
  Object.entries(KINDS).map(async ([name, more]) => ({
    name,
    step: await stepOf(more),
    times: /** @type {number[]} */ ([]),
  })),
);
for (let round = 0; round < Number(options.rounds); round++) {
  for (const { step, times } of runs) {
    await step();
    for (let i = 0; i < Number(options.steps); i++) {
      const used = process.cpuUsage();
      await step();
      const { user, system } = process.cpuUsage(used);
      times.push((user + system) / 1000);
    }
  }
}
console.log('| q(z\\|x) | ms of the processor, median (least) | ratio of the medians |\n| --- | --- | --- |');
const medianOf = (/** @type {readonly number[]} */ times) => times.toSorted((a, b) => a - b)[times.length >> 1];
const first = medianOf(runs[0].times);
for (const { name, times } of runs) {
  console.log(
    `| ${name} | ${medianOf(times).toFixed(1)} (${Math.min(...times).toFixed(1)}) | ${(medianOf(times) / first).toFixed(2)} |`,
  );
}
