// Fits of Gaussian mixtures by EM beside scikit-learn's, in turns: the time of the same number of starts and iterations, or the likelihoods that
// the best of five starts reaches on twenty data sets.
// After `npm run build`: node bench/em.mjs [--rounds 5] [--threads 1,2] [--python /usr/bin/python3] [--peer-threads 1]
// GMM_VAE_DATA=folder-of-mnist node bench/em.mjs --likelihoods [--starts 5] [--seeds 1] [--only part-of-a-name]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import library from '../dist/index.js';
import { clusters, dataSets } from './em-data.mjs';
import { startPython } from './python.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '1,2' },
    likelihoods: { type: 'boolean', default: false },
    starts: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    python: { type: 'string', default: '/usr/bin/python3' },
    'peer-threads': { type: 'string', default: '0' },
  },
});
const { fitGaussianMixtureInParallel } = library;
const ITERATIONS = 30;
const FLOOR = 1e-6;

const SIZES = [
  { points: 2000, d: 40, components: 10, covariance: 'diagonal' },
  { points: 2000, d: 40, components: 100, covariance: 'diagonal' },
  { points: 20_000, d: 16, components: 32, covariance: 'full' },
  { points: 20_000, d: 8, components: 20, covariance: 'diagonal' },
];

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
/** @param {readonly number[]} values */
const range = (values) =>
  `${median(values).toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;

/** scikit-learn with these points. */
async function startPeer(folder, points, { d, components, covariance, iterations, tolerance }) {
  const file = join(folder, 'points');
  writeFileSync(file, points);
  const peer = startPython(options.python, 'em_sklearn.py');
  const names = { full: 'full', tied: 'tied', diagonal: 'diag', spherical: 'spherical' };
  const given = {
    file,
    points: points.length / d,
    dimension: d,
    components,
    covariance: names[covariance],
    iterations,
    tolerance,
  };
  const hello = await peer.ask(JSON.stringify({ ...given, floor: FLOOR, threads: Number(options['peer-threads']) }));
  return { hello, close: peer.close, fit: (seed, starts) => peer.ask(JSON.stringify({ seed, starts })) };
}

/** @param {Float64Array} points @param {number} d */
const asRows = (points, d) => Array.from({ length: points.length / d }, (_, n) => points.subarray(n * d, (n + 1) * d));

async function timed(rows, { components, covariance, iterations, tolerance }, { seed, starts, threads }) {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const { logLikelihoods } = await fitGaussianMixtureInParallel(rows, {
    components,
    covarianceType: covariance,
    seed,
    starts,
    threads,
    maxIterations: iterations,
    tolerance,
    covarianceFloor: { absolute: FLOOR },
  });
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - began) / 1000,
    cpu: (user + system) / 1e6,
    logLikelihood: logLikelihoods.at(-1),
  };
}

/** One start and 30 iterations, whole fits, in turns. */
async function times(folder) {
  const threads = options.threads.split(',').map((text) => (text === 'auto' ? text : Number(text)));
  for (const size of SIZES) {
    for (const spread of [1, 3]) {
      const points = clusters(size.points, size.d, size.components, spread);
      const problem = { ...size, iterations: ITERATIONS, tolerance: 0 };
      const peer = await startPeer(folder, points, problem);
      const rows = asRows(points, size.d);
      for (const count of threads) await timed(rows, problem, { seed: 99, starts: 1, threads: count });
      const theirs = [];
      const ours = threads.map(() => []);
      for (let seed = 0; seed < Number(options.rounds); seed++) {
        theirs.push(await peer.fit(seed, 1));
        for (const [i, count] of threads.entries())
          ours[i].push(await timed(rows, problem, { seed, starts: 1, threads: count }));
      }
      peer.close();
      const { points: n, d, components, covariance } = size;
      console.log(
        `${n} × ${d}, K = ${components}, ${covariance}, centres of spread ${spread}, ${theirs.length} turns; seconds`,
      );
      const seconds = (fits) => fits.map((fit) => fit.seconds);
      const cpu = (fits) => fits.map((fit) => fit.cpu);
      console.log(
        `  ${peer.hello.name}, ${peer.hello.threads} threads: ${range(seconds(theirs))}, processor time ${range(cpu(theirs))}`,
      );
      for (const [i, count] of threads.entries()) {
        const ratios = (of) => range(of(ours[i]).map((value, turn) => value / of(theirs)[turn]));
        console.log(
          `  ours, ${count} threads: ${range(seconds(ours[i]))}, ratio ${ratios(seconds)}; processor time ${range(cpu(ours[i]))}, ratio ${ratios(cpu)}`,
        );
      }
    }
  }
}

/** The likelihood that the best of several starts reaches, on average over seeds. */
async function likelihoods(folder) {
  const starts = Number(options.starts);
  let worst = Infinity;
  for (const { name, d, points, components, covariance } of dataSets(process.env.GMM_VAE_DATA)) {
    if (!name.includes(options.only)) continue;
    const problem = { d, components, covariance, iterations: 500, tolerance: 1e-6 };
    const peer = await startPeer(folder, points, problem);
    const [theirs, ours] = [[], []];
    for (let seed = 1; seed <= Number(options.seeds); seed++) {
      theirs.push(await peer.fit(seed, starts));
      ours.push(await timed(asRows(points, d), problem, { seed, starts, threads: 1 }));
    }
    peer.close();
    const mean = (fits, of) => fits.reduce((sum, fit) => sum + of(fit), 0) / fits.length;
    const [own, other] = [ours, theirs].map((fits) => mean(fits, (fit) => fit.logLikelihood));
    const gain = own - other;
    worst = Math.min(worst, gain);
    const shape = `${points.length / d} × ${d}, K = ${components}, ${covariance}`;
    const [cpu, otherCpu] = [ours, theirs].map((fits) => mean(fits, (fit) => fit.cpu).toFixed(2));
    console.log(
      `${name} (${shape}): ours ${own.toFixed(4)}, scikit-learn ${other.toFixed(4)}, ${gain >= 0 ? '+' : ''}${gain.toFixed(4)}; processor time ${cpu} s, ${otherCpu} s`,
    );
  }
  console.log(`smallest difference ${worst.toFixed(4)} nats a point`);
}

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-bench-'));
try {
  await (options.likelihoods ? likelihoods(folder) : times(folder));
} finally {
  rmSync(folder, { recursive: true });
}
