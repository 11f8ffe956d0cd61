// Did the mixture help? N(0, I), the same with a sampled KL term, one learned normal, mixtures: one change at a time, several seeds.
// After `npm run build`: node bench/control.mjs plane|forty OUTPUT.json [--seeds 5] [--threads 1]
// What the file already holds is not run again. MNIST has to be there: gmm-vae data mnist.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { takeImages } from '../dist/data/dataset.js';
import { loadMnist } from '../dist/data/mnist.js';
import { writeAtomically } from '../dist/files.js';
import { rungs, runRungs } from '../dist/vae/comparison/control.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '5' }, threads: { type: 'string', default: '1' } },
});
const [name = '', output = ''] = positionals;

/** The sizes of notebook 4, and forty latent dimensions in the networks of the literature on fewer images than theirs. */
const EXPERIMENTS = {
  plane: {
    sizes: { trainImages: 6000, testImages: 1000 },
    components: [10],
    options: {
      latent: 2,
      hidden: [100, 100],
      network: { kind: 'dense' },
      epochs: 20,
      learningRate: 2e-3,
      warmUpEpochs: 0,
      fitPriorAfter: 3,
      samples: 100,
    },
  },
  forty: {
    sizes: { trainImages: 10_000, testImages: 1000 },
    components: [10, 100],
    options: {
      latent: 40,
      hidden: [300, 300],
      network: { kind: 'gated' },
      epochs: 30,
      learningRate: 1e-3,
      warmUpEpochs: 10,
      fitPriorAfter: 10,
      samples: 500,
    },
  },
};

const experiment = EXPERIMENTS[name];
if (!experiment || output === '') {
  process.stderr.write('usage: node bench/control.mjs plane|forty OUTPUT.json [--seeds 5] [--threads 1]\n');
  process.exit(2);
}
const { sizes, components, options } = experiment;
const ladder = rungs(components);
const digits = await loadMnist();
const settings = {
  ...options,
  train: takeImages(digits.train, sizes.trainImages),
  test: takeImages(digits.test, sizes.testImages),
  threads: Number(values.threads),
};
const kept = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')).runs : [];
mkdirSync(dirname(output), { recursive: true });
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  if (kept.some((run) => run.seed === seed)) continue;
  const runs = await runRungs(ladder, settings, seed, (run) => {
    process.stderr.write(`seed ${seed}, ${run.prior}: ln p(x) ${run.logLikelihood.toFixed(3)}\n`);
  });
  kept.push(...runs);
  await writeAtomically(output, `${JSON.stringify(described(kept), rounded, 1)}\n`);
}

function described(runs) {
  return {
    command: `node bench/control.mjs ${name} ${output} --seeds ${values.seeds}`,
    data: digits.train.name,
    ...sizes,
    ...options,
    rungs: ladder.map(({ name, label }) => ({ name, label })),
    runs,
  };
}

/** More digits than the spread between seeds leaves meaning to. */
function rounded(_key, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(7)) : value;
}
