// quadratureKl against independent oracles on random problems, 2,020 of them in all: npx vite-node bench/quadrature.ts
// [--problems N of each family] [--family TEXT] [--from N] [--verbose]. Exit code 1 where a value misses the promise without a word.
import { parseArgs } from 'node:util';
import { quadratureKl } from '../src/kl/quadrature';
import { QuadratureError } from '../src/math/quadrature';
import { RandomStream } from '../src/math/random';
import { FAMILIES } from '../test/kl/quadrature-problems';

const { values: options } = parseArgs({
  options: {
    problems: { type: 'string' },
    family: { type: 'string', default: '' },
    from: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
});
const from = Number(options.from);

/** How many of each family: fewer where the oracle, or the integral, takes seconds. */
const COUNTS: { readonly [name in keyof typeof FAMILIES]: number } = {
  '1-D mixtures': 700,
  '2-D, independent coordinates, mixed': 300,
  '3-D, independent coordinates, mixed': 50,
  '2-D, axes of their own, K ≤ 4': 200,
  '2-D, axes of their own, K ≤ 20': 30,
  '3-D, a plane and a line, mixed': 100,
  'closed forms': 640,
};
const total = { problems: 0, wrong: 0, refused: 0 };
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

for (const [name, make] of Object.entries(FAMILIES)) {
  if (!name.includes(options.family)) continue;
  let [wrong, refused] = [0, 0];
  const problems = Number(options.problems ?? COUNTS[name]);
  let worst = 0;
  const times: number[] = [];
  const refusals: number[] = [];
  for (let i = from; i < from + problems; i++) {
    const problem = make(RandomStream.of(i, `quadrature/${name}`));
    const start = performance.now();
    let value: number;
    try {
      value = quadratureKl(problem.q, problem.p);
    } catch (error) {
      if (!(error instanceof QuadratureError)) throw error;
      refused++;
      refusals.push(performance.now() - start);
      if (options.verbose)
        console.log(`  #${i} ${problem.describe}: ${error.message} after ${(performance.now() - start).toFixed(0)} ms`);
      continue;
    }
    const time = performance.now() - start;
    times.push(time);
    const truth = problem.truth();
    const excess = Math.abs(value - truth) / (1e-8 * Math.max(1, truth));
    worst = Math.max(worst, excess);
    if (!(excess < 1)) {
      wrong++;
      console.log(
        `  #${i} ${problem.describe}: ${value}, oracle ${truth}, ${excess.toFixed(2)} times the promise, ${time.toFixed(0)} ms`,
      );
    } else if (options.verbose)
      console.log(
        `  #${i} ${problem.describe}: ${excess.toExponential(1)} ${time.toFixed(0)} ms, oracle ${(performance.now() - start - time).toFixed(0)} ms`,
      );
  }
  const longest = Math.max(0, ...times);
  console.log(
    `${name}: ${problems} problems, ${wrong} wrong, ${refused} refused, worst ${worst.toExponential(1)} of 1e-8·max(1, KL), ` +
      `${median(times).toFixed(1)} ms in the middle, ${longest.toFixed(0)} ms at most; refusals ${median(refusals).toFixed(0)} ms, ${Math.max(0, ...refusals).toFixed(0)} at most`,
  );
  total.problems += problems;
  total.wrong += wrong;
  total.refused += refused;
}
console.log(`in all ${total.problems} problems, ${total.wrong} wrong, ${total.refused} refused`);
if (total.wrong > 0) process.exitCode = 1;
