// The batched log density of a mixture with diagonal covariances, in turns with PyTorch's MixtureSameFamily.log_prob in float64.
// After `npm run build`: node bench/estimators.mjs [--points 1000000] [--rounds 5] [--threads 2] [--python /usr/bin/python3]
// Then the size from which `estimateKlInParallel` pays: node bench/estimators.mjs --threads-pay
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { logProbsInParallel } from '../dist/distributions/log-probs-in-parallel.js';
import library from '../dist/index.js';
import { estimateKlInParallel } from '../dist/kl/estimate-in-parallel.js';
import { startPython } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    points: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    'threads-pay': { type: 'boolean', default: false },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const [D, K, N] = [16, 32, Number(options.points)];
const threads = Number(options.threads);
const { estimateKl, GaussianMixture, MultivariateNormal, RandomStream } = library;

/** Component means N(0, spread²) in each coordinate, standard deviations ½ … 1½, equal weights. */
function mixtureOf(spread) {
  const stream = RandomStream.of(1, 'bench/estimators');
  const rows = (value) => Array.from({ length: K }, () => Array.from({ length: D }, value));
  const means = rows(() => spread * stream.normal());
  const stddevs = rows(() => 0.5 + stream.uniform());
  const weights = new Array(K).fill(1 / K);
  const components = means.map((mean, k) => MultivariateNormal.diagonal(mean, stddevs[k]));
  const mixture = new GaussianMixture(weights, components);
  const points = new Float64Array(N * D);
  for (let i = 0; i < N; i++) mixture.sampleInto(stream, points, i * D);
  return { mixture, points, given: { dimension: D, weights, means: means.flat(), stddevs: stddevs.flat() } };
}

async function startPeer(given) {
  const peer = startPython(options.python, 'estimators_torch.py');
  return { ...peer, hello: await peer.ask(JSON.stringify(given)) };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const shownRatio = (values) =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

async function seconds(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The batched log density against PyTorch's, on one thread and on several, in turns. */
async function logDensities(folder) {
  for (const spread of [3, 1]) {
    const { mixture, points, given } = mixtureOf(spread);
    const file = join(folder, 'points');
    writeFileSync(file, points);
    const peer = await startPeer({ ...given, file });
    const out = new Float64Array(N);
    const [one, several, theirs] = [[], [], []];
    mixture.logProbs(points.subarray(0, 20_000 * D));
    for (let round = 0; round < Number(options.rounds); round++) {
      one.push(await seconds(() => mixture.logProbs(points, out)));
      several.push(await seconds(() => logProbsInParallel(mixture, points, { threads, out })));
      theirs.push(await peer.ask('run'));
    }
    peer.close();
    const { name, chunk, threads: peerThreads, first } = peer.hello;
    const apart = Math.max(...first.map((value, i) => Math.abs(out[i] / value - 1)));
    const ratios = (ours) => shownRatio(ours.map((value, i) => value / theirs[i]));
    console.log(`D=${D}, K=${K}, ${N} points, component means of spread ${spread}, float64, ${one.length} turns`);
    console.log(`  ${name}: ${median(theirs).toFixed(2)} s, ${peerThreads} threads, chunks of ${chunk}`);
    console.log(`  ours on 1 thread: ${median(one).toFixed(2)} s, ratio ${ratios(one)}`);
    console.log(`  ours on ${threads} threads: ${median(several).toFixed(2)} s, ratio ${ratios(several)}`);
    console.log(`  largest relative difference ${apart.toExponential(1)}`);
  }
}

/** `estimateKl` in turns with `estimateKlInParallel`, for more and more draws. */
async function threadsPay() {
  const normal = (mean, stddev) => MultivariateNormal.diagonal(new Array(8).fill(mean), new Array(8).fill(stddev));
  const p = new GaussianMixture(
    new Array(10).fill(0.1),
    Array.from({ length: 10 }, (_, k) => normal(k - 4.5, 1)),
  );
  const q = normal(0.3, 0.8);
  estimateKl(q, p, { estimator: 'plain', samples: 200_000, seed: 1 });
  for (const samples of [1e5, 2e5, 4e5, 8e5, 1.6e6, 3.2e6]) {
    const [one, several] = [[], []];
    for (let seed = 0; seed < Number(options.rounds); seed++) {
      const given = { estimator: 'plain', samples, seed };
      one.push(await seconds(() => estimateKl(q, p, given)));
      several.push(await seconds(() => estimateKlInParallel(q, p, { ...given, threads })));
    }
    const gain = shownRatio(one.map((value, i) => value / several[i]));
    console.log(
      `${samples} draws, 8 dimensions, K = 10: 1 thread ${median(one).toFixed(2)} s, ${threads} threads ${median(several).toFixed(2)} s, times as fast: ${gain}`,
    );
  }
}

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-bench-'));
try {
  await (options['threads-pay'] ? threadsPay() : logDensities(folder));
} finally {
  rmSync(folder, { recursive: true });
}
