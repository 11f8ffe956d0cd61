// The batched log density of a mixture with diagonal covariances, in turns with PyTorch's MixtureSameFamily.log_prob in float64.
// After `npm run build`: node bench/estimators.mjs [--points 1000000] [--rounds 5] [--python /usr/bin/python3]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import library from '../dist/index.js';

const { values: options } = parseArgs({
  options: {
    points: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
});
const [D, K, N] = [16, 32, Number(options.points)];
const { GaussianMixture, MultivariateNormal, RandomStream } = library;

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
  const script = join(dirname(fileURLToPath(import.meta.url)), 'estimators_torch.py');
  const child = spawn(options.python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line) => {
    child.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch ended early');
    return JSON.parse(value);
  };
  return { hello: await ask(JSON.stringify(given)), ask, close: () => child.stdin.end() };
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-bench-'));
try {
  for (const spread of [3, 1]) {
    const { mixture, points, given } = mixtureOf(spread);
    const file = join(folder, 'points');
    writeFileSync(file, points);
    const peer = await startPeer({ ...given, file });
    const out = new Float64Array(N);
    const [ours, theirs] = [[], []];
    mixture.logProbs(points.subarray(0, 20_000 * D));
    for (let round = 0; round < Number(options.rounds); round++) {
      const start = performance.now();
      mixture.logProbs(points, out);
      ours.push((performance.now() - start) / 1000);
      theirs.push(await peer.ask('run'));
    }
    peer.close();
    const { name, chunk, threads, first } = peer.hello;
    const apart = Math.max(...first.map((value, i) => Math.abs(out[i] / value - 1)));
    const ratios = ours.map((seconds, i) => seconds / theirs[i]);
    console.log(`D=${D}, K=${K}, ${N} points, component means of spread ${spread}, float64`);
    console.log(
      `  ours ${median(ours).toFixed(2)} s on 1 thread; ${name} ${median(theirs).toFixed(2)} s, ${threads} threads, chunks of ${chunk}`,
    );
    console.log(
      `  ratio, median of ${ratios.length} turns: ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}); largest relative difference ${apart.toExponential(1)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
