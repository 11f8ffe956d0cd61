// Seconds per image of importance-weighted scoring, 5,000 samples each, ours in turns with PyTorch's at the fastest of its settings, and the share
// that the matrix products of the decoder would take at the rate of one large product.
// After `npm run build`: node bench/scoring.mjs [--rounds 8] [--images 30] [--samples 5000] [--components 10] [--threads 2] [--python /usr/bin/python3]
// Ours includes drawing the noise; PyTorch draws its own. The scores of the first image, with the same noise, are compared before.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { largeProduct } from '../dist/bench/measure.js';
import { pixelRows } from '../dist/data/batches.js';
import { syntheticDigits } from '../dist/data/glyphs.js';
import { RandomStream } from '../dist/math/random.js';
import { encodeSafetensors } from '../dist/vae/checkpoint/safetensors.js';
import { importanceScores } from '../dist/vae/evaluation/importance.js';
import { Vae } from '../dist/vae/model.js';
import { beside, startPython } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    images: { type: 'string', default: '30' },
    samples: { type: 'string', default: '5000' },
    components: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const [rounds, perTurn, samples, threads] = [options.rounds, options.images, options.samples, options.threads].map(
  Number,
);
const SEED = 1;
const [latent, hidden] = [40, 300];
/** Longer than OpenBLAS's threads keep a core busy after their last product. */
const SETTLE_MS = 100;

const { train: set } = syntheticDigits({ train: perTurn, test: 1, seed: SEED });
const pixels = set.width * set.height;
const prior = { kind: 'gaussian-mixture', components: Number(options.components) };
const model = new Vae({ pixels, latent, hidden: [hidden, hidden], network: { kind: 'gated' }, prior, seed: SEED });
/** Counts the operations of the decoder's matrix products, for one image. */
const flops = 2 * samples * (2 * latent * hidden + 2 * hidden * hidden + hidden * pixels);

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-scoring-'));
const file = (name, values) => {
  writeFileSync(join(folder, name), values);
  return join(folder, name);
};
try {
  await compare();
} finally {
  rmSync(folder, { recursive: true });
}

async function compare() {
  const { logLikelihood } = await importanceScores(model, { ...set, count: 1 }, { samples, seed: SEED, threads });
  const peer = await fastestPeer();
  console.log(
    `ln p of the first image, same noise: ours ${logLikelihood[0].toFixed(5)}, ${peer.name} ${peer.first.toFixed(5)}`,
  );
  const product = await largeProduct({ device: 'cpu', threads });
  const [own, theirs, rates] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    await setTimeout(SETTLE_MS);
    own.push(await ours());
    await setTimeout(SETTLE_MS);
    theirs.push(...(await peer.turn(Math.ceil(perTurn / 3))));
    await setTimeout(SETTLE_MS);
    for (let i = 0; i < 8; i++) {
      const start = [performance.now(), processorSeconds()];
      await product.run();
      const wall = (performance.now() - start[0]) / 1e3;
      if (i >= 3)
        rates.push({
          wall: product.flops / wall / 1e9,
          processor: product.flops / (processorSeconds() - start[1]) / 1e9,
        });
    }
  }
  await product.dispose();
  peer.close();
  report(own, theirs, rates, peer.settings);
}

/** Seconds per image of one call for so many images: the last two thirds, and the whole call with everything that it begins with. */
async function ours() {
  const at = () => ({ wall: performance.now() / 1e3, processor: processorSeconds() });
  const begin = at();
  let first = null;
  let last = begin;
  await importanceScores(model, set, {
    samples,
    seed: SEED,
    threads,
    onProgress: (done) => {
      last = { ...at(), done };
      if (done >= perTurn / 3) first ??= last;
    },
  });
  const each = (from, images) => (key) => (last[key] - from[key]) / images;
  const [steady, whole] = [each(first, perTurn - first.done), each(begin, perTurn)];
  return { wall: steady('wall'), processor: steady('processor'), whole: whole('wall') };
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** PyTorch with the kernels, threads, chunk and form of the cross-entropy that score two images fastest. */
async function fastestPeer() {
  const stream = RandomStream.of(SEED, 'vae/importance/noise/0');
  const noise = new Float32Array(samples * latent);
  stream.fillNormal(noise);
  const order = Uint32Array.from({ length: set.count }, (_, i) => i);
  const images = pixelRows(set, order, { binarisation: 'fixed', seed: SEED });
  const tensors = new Map(
    [...model.variables].map(([name, variable]) => [name, { shape: variable.shape, values: variable.dataSync() }]),
  );
  const task = JSON.stringify({
    weights: file('model.safetensors', encodeSafetensors(tensors)),
    images: file('images', images),
    noise: file('noise', noise),
    count: set.count,
    ...{ pixels, latent, samples },
  });
  const families = JSON.parse(
    execFileSync(options.python, [beside('torch_products.py'), '--families'], { encoding: 'utf8' }),
  );
  const peers = [];
  for (const family of families) {
    // OpenBLAS has threads of its own, which PyTorch's setting does not reach.
    for (const blasThreads of new Set([1, threads])) {
      const env = { ...process.env, OPENBLAS_NUM_THREADS: blasThreads, ...(family && { OPENBLAS_CORETYPE: family }) };
      const { ask, close } = startPython(options.python, 'torch_scoring.py', env);
      peers.push({ ...(await ask(task)), family, blasThreads, ask, close });
    }
  }
  /** The fastest of three images, so that what else runs counts little; none where a tenth of the samples shows that it is far slower. */
  const tried = async (peer, setting) => {
    const few = Math.ceil(samples / 10);
    const trial = await peer.ask(JSON.stringify([...setting, 1, few]));
    if ((trial.wall[0] * samples) / few > 4 * best.seconds) return { seconds: Infinity };
    const { wall } = await peer.ask(JSON.stringify([...setting, 3, samples]));
    return { ...peer, setting, seconds: Math.min(...wall) };
  };
  let best = { seconds: Infinity, setting: [1, Math.min(500, samples), 'softplus'] };
  const keepFaster = (trial) => {
    if (trial.seconds < best.seconds) best = trial;
  };
  for (const peer of peers) keepFaster(await tried(peer, best.setting));
  for (const { close } of peers) if (close !== best.close) close();
  // One setting after the other.
  const settings = [
    [1, threads],
    [100, 250, 500, 1000, samples],
    ['softplus', 'cross-entropy'],
  ];
  for (const [i, choices] of settings.entries()) {
    for (const choice of choices)
      if (choice !== best.setting[i]) keepFaster(await tried(best, best.setting.with(i, choice)));
  }
  const [torchThreads, chunk, form] = best.setting;
  return {
    ...best,
    settings: `${best.name}, ${torchThreads} thread(s), OpenBLAS ${best.blasThreads}, ${chunk} samples at a time, ${form}${best.family ? `, OpenBLAS for ${best.family}` : ''}`,
    turn: async (count) => {
      const { wall, processor } = await best.ask(JSON.stringify([...best.setting, count, samples]));
      return wall.map((seconds, i) => ({ wall: seconds, processor: processor[i] }));
    },
  };
}

function report(own, theirs, rates, settings) {
  const sorted = (values) => values.toSorted((a, b) => a - b);
  const at = (values, share) => sorted(values)[Math.floor(share * values.length)];
  const of = (all, key) => all.map((one) => one[key]);
  const ms = (seconds) => (1e3 * seconds).toFixed(1);
  console.log(`| per image | ours, ${threads} threads | ${settings} | ratio |\n|---|---|---|---|`);
  const row = (what, a, b) => console.log(`| ${what} | ${ms(a)} ms | ${ms(b)} ms | ${(a / b).toFixed(2)} |`);
  for (const key of ['wall', 'processor']) {
    row(`${key}, median`, at(of(own, key), 0.5), at(of(theirs, key), 0.5));
    row(`${key}, fastest`, at(of(own, key), 0), at(of(theirs, key), 0));
  }
  row(`wall of a whole call for ${perTurn} images`, at(of(own, 'whole'), 0.5), at(of(theirs, 'wall'), 0.5));
  for (const key of ['wall', 'processor']) {
    const rate = at(of(rates, key), 0.5);
    const share = (all) => `${Math.round((100 * flops) / rate / 1e9 / at(of(all, key), 0.5))} %`;
    console.log(
      `one large product: ${Math.round(rate)} GFLOP per second of ${key} time; ours reaches ${share(own)} of it, PyTorch ${share(theirs)}`,
    );
  }
}
