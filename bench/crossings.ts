// What the estimators make of the Jensen–Shannon divergence of two normals far apart, known by quadrature:
// npx vite-node bench/crossings.ts
import { type EstimatorName, estimateDivergence, Normal, quadratureDivergence } from '../src/index';

const ESTIMATORS: readonly EstimatorName[] = ['plain', 'control-variate', 'rqmc', 'component-wise'];
const SAMPLES = 20_000;

console.log(`| d | ln 2 − JS | ${ESTIMATORS.map((name) => `\`${name}\``).join(' | ')} |`);
console.log(`|---|---|${ESTIMATORS.map(() => '---|').join('')}`);
for (const distance of [4, 6, 8, 10, 12]) {
  const [q, p] = [new Normal(0, 1), new Normal(distance, 1)];
  const exact = quadratureDivergence('jensen-shannon', q, p);
  const cells = ESTIMATORS.map((estimator) => {
    const options = { estimator, samples: SAMPLES, seed: 1 } as const;
    const { value, standardError, warnings } = estimateDivergence('jensen-shannon', q, p, options);
    const times = Math.abs(value - exact) / (standardError ?? Number.NaN);
    return `${standardError?.toExponential(1)}, ${times.toFixed(1)}${warnings.length > 0 ? ', warned of' : ''}`;
  });
  console.log(`| ${distance} | ${(Math.LN2 - exact).toExponential(1)} | ${cells.join(' | ')} |`);
}
