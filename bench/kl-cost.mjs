// What quadratureKl and klBounds cost, in turns with another build of the library.
// After `npm run build`, here and there: node bench/kl-cost.mjs OTHER-CHECKOUT/dist [--rounds 15] [--of klBounds]
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, of: { type: 'string', default: '' } },
  allowPositionals: true,
});
if (positionals[0] === undefined) {
  process.stderr.write('usage: node bench/kl-cost.mjs OTHER-CHECKOUT/dist [--rounds 15] [--of klBounds]\n');
  process.exit(2);
}

/** @param {string} folder */
async function load(folder) {
  const from = async (/** @type {string} */ file) => (await import(join(resolve(folder), file))).default;
  const { Normal } = await from('distributions/normal.js');
  const { MultivariateNormal } = await from('distributions/multivariate-normal.js');
  const { GaussianMixture } = await from('distributions/gaussian-mixture.js');
  const { quadratureKl } = await from('kl/quadrature.js');
  const { klBounds } = await from('kl/bounds.js');
  return { Normal, MultivariateNormal, GaussianMixture, quadratureKl, klBounds };
}

/** Normals and mixtures of one to five components with widths of ½ to 2, some units apart. */
const EASY = {
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

/** A mixture of `count` components in d dimensions, means within 2 units of 0 and widths of ½ to 1½; each component correlated if `full`. */
function scattered({ MultivariateNormal, GaussianMixture }, count, d, { seed, full = false }) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const components = Array.from({ length: count }, () => {
    const mean = Array.from({ length: d }, () => 4 * uniform() - 2);
    const sigma = Array.from({ length: d }, () => 0.5 + uniform());
    if (!full) return MultivariateNormal.diagonal(mean, sigma);
    const covariance = (at) => {
      const [i, j] = [Math.floor(at / d), at % d];
      return sigma[i] * sigma[j] * 0.3 ** Math.abs(i - j);
    };
    return MultivariateNormal.full(
      mean,
      Array.from({ length: d * d }, (_, at) => covariance(at)),
    );
  });
  const [first] = components;
  return count === 1 ? first : new GaussianMixture(Array(count).fill(1 / count), components);
}

const pair = (own, other, d, full) => (library) => [
  scattered(library, own, d, { seed: 1, full }),
  scattered(library, other, d, { seed: 2, full }),
];
const PROBLEMS = {
  quadratureKl: EASY,
  klBounds: {
    ...EASY,
    'a diagonal normal and 500 components, 40-D': pair(1, 500, 40, false),
    '10 and 10 diagonal components, 2-D': pair(10, 10, 2, false),
    '50 and 50 diagonal components, 16-D': pair(50, 50, 16, false),
    'a full normal and 20 full components, 8-D': pair(1, 20, 8, true),
    '10 and 10 full components, 8-D': pair(10, 10, 8, true),
  },
};

/** Processor seconds of one evaluation, compiled to full speed. */
function cost(evaluate, q, p, atLeast = 20_000) {
  const began = process.cpuUsage();
  let times = 0;
  let micros = 0;
  do {
    evaluate(q, p);
    times++;
    const { user, system } = process.cpuUsage(began);
    micros = user + system;
  } while (micros < atLeast);
  return micros / times / 1e6;
}

const [ours, other] = [await load('dist'), await load(positionals[0])];
const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1];
for (const [of, problems] of Object.entries(PROBLEMS)) {
  if (!of.includes(options.of)) continue;
  process.stdout.write(`${of}\n`);
  for (const [name, make] of Object.entries(problems)) {
    const [own, others] = [ours, other].map((library) => [library[of], ...make(library)]);
    for (const side of [own, others]) cost(...side, 300_000);
    const turns = Array.from({ length: Number(options.rounds) }, () => [cost(...own), cost(...others)]);
    const [a, b] = [0, 1].map((side) => 1000 * median(turns.map((turn) => turn[side])));
    const ratio = median(turns.map(([x, y]) => x / y));
    process.stdout.write(`  ${name}: ${a.toFixed(4)} ms, the other ${b.toFixed(4)} ms, ratio ${ratio.toFixed(2)}\n`);
  }
}
