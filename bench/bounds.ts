// klBounds on the random problems of bench/quadrature.ts, whose divergence is known: npx vite-node bench/bounds.ts
// [--problems N of each family] [--family TEXT]. Exit code 1 where a bound lies on the wrong side.
import { parseArgs } from 'node:util';
import { klBounds } from '../src/kl/bounds';
import { RandomStream } from '../src/math/random';
import { FAMILIES } from '../test/kl/quadrature-problems';

const { values: options } = parseArgs({
  options: { problems: { type: 'string', default: '100' }, family: { type: 'string', default: '' } },
});

for (const [name, make] of Object.entries(FAMILIES)) {
  if (!name.includes(options.family)) continue;
  let wrong = 0;
  let problems = 0;
  for (let i = 0; i < Number(options.problems); i++) {
    const { q, p, truth, describe } = make(RandomStream.of(i, `quadrature/${name}`));
    const exact = truth();
    if (Number.isNaN(exact)) continue;
    problems++;
    const { lower, upper } = klBounds(q, p);
    // What the oracle may be wrong by, and rounding.
    const room = 1e-9 * Math.max(1, exact);
    if (lower <= exact + room && exact <= upper + room) continue;
    wrong++;
    console.log(`  #${i} ${describe}: ${lower} ≤ ${exact} ≤ ${upper} does not hold`);
  }
  console.log(`${name}: ${problems} problems, ${wrong} with a bound on the wrong side`);
  if (wrong > 0) process.exitCode = 1;
}
