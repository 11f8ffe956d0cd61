// quadratureKl against independent oracles on random problems: npx vite-node bench/quadrature.ts
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
  '1-D mixtures': 600,
  'closed forms': 400,
  '2-D, independent coordinates, mixed': 200,
  '2-D, two normals at any angle': 300,
  '2-D, a common regression': 200,
  '2-D, clusters': 100,
  '2-D, concentric': 100,
  '2-D, axes of their own, K ≤ 4': 30,
  '2-D, axes of their own, K ≤ 20': 5,
  '3-D, independent coordinates, mixed': 20,
  '3-D, two normals at any angle': 60,
  '3-D, a common regression': 60,
  '3-D, clusters': 30,
  '3-D, concentric': 20,
  '3-D, a plane and a line, mixed': 30,
  '3-D, axes of their own, wide': 10,
};
const total = { problems: 0, wrong: 0, refused: 0 };
/** Milliseconds, which a busy machine does not lengthen. */
const processorTime = (): number => process.cpuUsage().user / 1000;
const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

for (const [name, make] of Object.entries(FAMILIES)) {
  if (!name.includes(options.family)) continue;
  let [wrong, refused, undecided] = [0, 0, 0];
  const problems = Number(options.problems ?? COUNTS[name]);
  let worst = 0;
  const times: number[] = [];
  const refusals: number[] = [];
  for (let i = from; i < from + problems; i++) {
    const problem = make(RandomStream.of(i, `quadrature/${name}`));
    const start = processorTime();
    let value: number;
    try {
      value = quadratureKl(problem.q, problem.p);
    } catch (error) {
      if (!(error instanceof QuadratureError)) throw error;
      refused++;
      refusals.push(processorTime() - start);
      if (options.verbose)
        console.log(`  #${i} ${problem.describe}: ${error.message} after ${(processorTime() - start).toFixed(0)} ms`);
      continue;
    }
    const time = processorTime() - start;
    times.push(time);
    const truth = problem.truth();
    if (Number.isNaN(truth)) {
      undecided++;
      continue;
    }
    const excess = Math.abs(value - truth) / (1e-8 * Math.max(1, truth));
    worst = Math.max(worst, excess);
    if (!(excess < 1)) {
      wrong++;
      console.log(
        `  #${i} ${problem.describe}: ${value}, oracle ${truth}, ${excess.toFixed(2)} times the promise, ${time.toFixed(0)} ms`,
      );
    } else if (options.verbose)
      console.log(
        `  #${i} ${problem.describe}: ${excess.toExponential(1)} ${time.toFixed(0)} ms, oracle ${(processorTime() - start - time).toFixed(0)} ms`,
      );
  }
  const longest = Math.max(0, ...times);
  console.log(
    `${name}: ${problems} problems, ${wrong} wrong, ${refused} refused, ${undecided} beyond the oracle, worst ${worst.toExponential(1)} of 1e-8·max(1, KL), ` +
      `${median(times).toFixed(1)} ms in the middle, ${longest.toFixed(0)} ms at most; refusals ${median(refusals).toFixed(0)} ms, ${Math.max(0, ...refusals).toFixed(0)} at most`,
  );
  total.problems += problems - undecided;
  total.wrong += wrong;
  total.refused += refused;
}
console.log(`in all ${total.problems} problems, ${total.wrong} wrong, ${total.refused} refused`);
if (total.wrong > 0) process.exitCode = 1;
