// Time per training step end to end, batches, noise, Adam, held-out images and all: `gmm-vae train` in turns with bench/torch_vae.py, both on MNIST
// with the settings of docs/benchmarks/priors.md. What a run begins with is taken off: the time of the epochs after the first, as a whole run's less a one-epoch run's.
// After `npm run build`, with GMM_VAE_DATA set: node bench/training.mjs [--rounds 3] [--epochs 5] [--train-images 50000] [--validation-images 10000]
//   [--threads 2] [--priors normal,gmm,vamp] [--settings 1/1,1/2,2/2] [--python /usr/bin/python3] [--within SECONDS]
// --settings are PyTorch's threads/OpenBLAS's threads, of which the fastest counts. No round begins that would probably not end --within that time.
// All priors on idle cores in less than eight minutes:
//   node bench/training.mjs --rounds 3 --epochs 2 --train-images 20000 --validation-images 2000 --settings 1/2,2/2 --within 480
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { beside } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '5' },
    'train-images': { type: 'string', default: '50000' },
    'validation-images': { type: 'string', default: '10000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    priors: { type: 'string', default: 'normal,gmm,vamp' },
    settings: { type: 'string', default: '1/1,1/2,2/2' },
    python: { type: 'string', default: '/usr/bin/python3' },
    within: { type: 'string', default: 'Infinity' },
  },
});
const folder = process.env.GMM_VAE_DATA;
if (folder === undefined) throw new Error('set GMM_VAE_DATA to the folder that holds mnist/');
const cli = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const images = Number(options['train-images']);
const shared = (prior, epochs) => [
  ...['--prior', prior, '--epochs', epochs, '--seed', '1', '--train-images', images],
  ...['--validation-images', options['validation-images']],
];

const CONTENDERS = {
  ours: (prior, epochs) => ({
    command: [
      process.execPath,
      cli,
      'train',
      '--data',
      'mnist',
      ...shared(prior, epochs),
      '--threads',
      options.threads,
    ],
  }),
  ...Object.fromEntries(
    options.settings.split(',').map((setting) => {
      const [threads, blas] = setting.split('/');
      const run = [beside('torch_vae.py'), '--data', join(folder, 'mnist'), '--samples', '1', '--limit', '2'];
      return [
        `PyTorch, ${threads} thread(s), OpenBLAS ${blas}`,
        (prior, epochs) => ({
          command: [options.python, ...run, ...shared(prior, epochs), '--threads', threads],
          env: { OPENBLAS_NUM_THREADS: blas },
        }),
      ];
    }),
  ),
};

/** Seconds of wall and of processor time that a program takes, of the latter by the shell, which waits for it. */
function timed({ command, env }) {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&1; } 2>&1';
    const child = spawn('bash', ['-c', script, 'bash', ...command.map(String)], { env: { ...process.env, ...env } });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.on('close', (code) => {
      const [wall, user, system] = said.trim().split(' ').map(Number);
      if (code === 0) resolve({ wall, processor: user + system });
      else reject(new Error(`${command.join(' ')} ended with ${code}`));
    });
  });
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const steps = Math.floor(images / 100) * (Number(options.epochs) - 1);
const priors = options.priors.split(',');
const found = Object.fromEntries(
  priors.map((prior) => [
    prior,
    Object.fromEntries(Object.keys(CONTENDERS).map((name) => [name, { wall: [], processor: [] }])),
  ]),
);
const began = performance.now();
let rounds = 0;
while (rounds < Number(options.rounds)) {
  for (const prior of priors) {
    for (const [name, run] of Object.entries(CONTENDERS)) {
      const [one, all] = [await timed(run(prior, 1)), await timed(run(prior, options.epochs))];
      for (const key of ['wall', 'processor']) found[prior][name][key].push((1e3 * (all[key] - one[key])) / steps);
    }
  }
  rounds++;
  const seconds = (performance.now() - began) / 1e3;
  if (seconds * (1 + 1 / rounds) > Number(options.within)) break;
}
console.log(`${rounds} round(s), medians`);
for (const prior of priors) {
  const of = (name, key) => median(found[prior][name][key]);
  const { ours: _, ...peers } = found[prior];
  const best = Object.keys(peers).reduce((a, b) => (of(b, 'wall') < of(a, 'wall') ? b : a));
  for (const key of ['wall', 'processor']) {
    const [a, b] = [of('ours', key), of(best, key)];
    console.log(`| ${prior} | ${key} | ${a.toFixed(1)} ms | ${b.toFixed(1)} ms | ${(a / b).toFixed(2)} | ${best} |`);
  }
}
