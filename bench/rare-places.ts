// How often an estimate is off by more than six of its standard errors without a warning, on random mixtures in one and two
// dimensions whose divergence or entropy is known by quadrature: npx vite-node bench/rare-places.ts [PROBLEMS]
import { type EstimatorName, KL_ESTIMATORS } from '../src/index';
import { randomProblems } from '../test/kl/random-problems';

const SAMPLES = 4096;
const count = Number(process.argv[2] ?? 1000);
const names = [...KL_ESTIMATORS.filter((name) => name !== 'k2'), 'best'] satisfies (EstimatorName | 'best')[];
const found = new Map(names.map((name) => [name, { estimates: 0, warned: 0, off: 0, offWithoutWarning: 0 }]));
for (const { exact, estimate, seed } of randomProblems(1, count)) {
  for (const [estimator, row] of found) {
    const made = estimate({ estimator, samples: SAMPLES, seed });
    if (made === null) continue;
    const off = Math.abs(made.value - exact) > 6 * made.standardError + 1e-8 * Math.max(1, Math.abs(exact));
    row.estimates++;
    if (made.warnings.length > 0) row.warned++;
    if (off) row.off++;
    if (off && made.warnings.length === 0) row.offWithoutWarning++;
  }
}
console.log('| estimator | estimates | warned of | off by 6 standard errors | without a warning |');
console.log('|---|---|---|---|---|');
for (const [name, row] of found)
  console.log(`| \`${name}\` | ${row.estimates} | ${row.warned} | ${row.off} | ${row.offWithoutWarning} |`);
