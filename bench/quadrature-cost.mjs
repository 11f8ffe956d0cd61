// What quadratureKl costs on easy problems, in turns with another build of the library.
// After `npm run build`, here and there: node bench/quadrature-cost.mjs OTHER-CHECKOUT/dist [--rounds 15]
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '15' } },
  allowPositionals: true,
});
if (positionals[0] === undefined) {
  process.stderr.write('usage: node bench/quadrature-cost.mjs OTHER-CHECKOUT/dist [--rounds 15]\n');
  process.exit(2);
}

/** @param {string} folder */
async function load(folder) {
  const from = async (/** @type {string} */ file) => (await import(join(resolve(folder), file))).default;
  const { Normal } = await from('distributions/normal.js');
  const { MultivariateNormal } = await from('distributions/multivariate-normal.js');
  const { GaussianMixture } = await from('distributions/gaussian-mixture.js');
  const { quadratureKl } = await from('kl/quadrature.js');
  return { Normal, MultivariateNormal, GaussianMixture, quadratureKl };
}

/** Normals and mixtures of one to five components with widths of ½ to 2, some units apart. */
const PROBLEMS = {
  'a normal and two components, 1-D': ({ Normal, GaussianMixture }) => [
    new Normal(0.5, 0.75),
    new GaussianMixture([0.25, 0.75], [new Normal(-1, 0.5), new Normal(2, 1)]),
  ],
  'two and five components, 1-D': ({ Normal, GaussianMixture }) => [
    new GaussianMixture([0.5, 0.5], [new Normal(-1, 0.5), new Normal(1, 0.5)]),
    new GaussianMixture(
      Array(5).fill(0.2),
      [-2, -1, 0, 1, 2].map((mean) => new Normal(mean, 0.7)),
    ),
  ],
  'a diagonal normal and three components, 2-D': ({ MultivariateNormal: { diagonal }, GaussianMixture }) => [
    diagonal([0, 0], [0.7, 1]),
    new GaussianMixture(
      [0.3, 0.3, 0.4],
      [diagonal([-1, 0], [0.6, 1]), diagonal([1, 1], [1, 0.8]), diagonal([0, -1], [1.5, 1])],
    ),
  ],
  'a full normal and two full components, 2-D': ({ MultivariateNormal: { full }, GaussianMixture }) => [
    full([0, 0], [1, 0.4, 0.4, 0.8]),
    new GaussianMixture([0.5, 0.5], [full([-1, 0], [1, -0.3, -0.3, 1]), full([1, 1], [0.7, 0.2, 0.2, 1.2])]),
  ],
  'a diagonal normal and two components, 3-D': ({ MultivariateNormal: { diagonal }, GaussianMixture }) => [
    diagonal([0, 0, 0], [0.7, 1, 0.9]),
    new GaussianMixture([0.4, 0.6], [diagonal([-1, 0, 0.5], [0.8, 1, 1]), diagonal([1, 1, 0], [1, 0.8, 1.2])]),
  ],
};

/** Processor seconds of one evaluation. */
function cost(library, make) {
  const [q, p] = make(library);
  const began = process.cpuUsage();
  let times = 0;
  let micros = 0;
  do {
    library.quadratureKl(q, p);
    times++;
    const { user, system } = process.cpuUsage(began);
    micros = user + system;
  } while (micros < 20_000);
  return micros / times / 1e6;
}

const [ours, other] = [await load('dist'), await load(positionals[0])];
const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];
for (const [name, make] of Object.entries(PROBLEMS)) {
  const turns = Array.from({ length: Number(options.rounds) }, () => [cost(ours, make), cost(other, make)]);
  const [own, others] = [0, 1].map((side) => 1000 * median(turns.map((turn) => turn[side])));
  const ratio = median(turns.map(([a, b]) => a / b));
  process.stdout.write(`${name}: ${own.toFixed(2)} ms, the other ${others.toFixed(2)} ms, ratio ${ratio.toFixed(2)}\n`);
}
