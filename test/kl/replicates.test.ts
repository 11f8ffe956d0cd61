import { describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { replicateMonteCarloKl } from '../../src/kl/replicates';
import { summarize } from '../../src/math/summary';

const q = new Normal(1, 0.5);
const p = new Normal(0, 1);

describe('replicateMonteCarloKl', () => {
  it('starts with the estimate that a single run with this seed gives', () => {
    const [first] = replicateMonteCarloKl(q, p, { samples: 64, replications: 3, seed: 5 });
    expect(first).toBe(monteCarloKl(q, p, { samples: 64, seed: 5 }).value);
  });

  it('has the mean and the variance that theory gives', () => {
    const estimates = replicateMonteCarloKl(q, p, { samples: 4, replications: 20_000, seed: 1 });
    const { mean, standardError, standardDeviation } = summarize(estimates);
    // Equation (9): ½(ln 4 − 1 + 1 + 0.25); rule 11: Var of one term is ½(σ² − 1)² + μ²σ² = 0.53125. The seed is fixed; over
    // random seeds the first check would fail once in 16,000 (4 standard errors), the second (4 % ≈ 8 of them) never.
    expect(Math.abs(mean - (Math.LN2 + 0.125))).toBeLessThan(4 * standardError!);
    expect(standardDeviation! ** 2 / (0.53125 / 4)).toBeCloseTo(1, 1);
  });

  it('does not repeat itself', () => {
    expect(new Set(replicateMonteCarloKl(q, p, { samples: 1, replications: 1000, seed: 2 })).size).toBe(1000);
  });

  it('refuses counts that are none', () => {
    expect(() => replicateMonteCarloKl(q, p, { samples: 1, replications: 0, seed: 2 })).toThrow(
      'replications: expected',
    );
    expect(() => replicateMonteCarloKl(q, p, { samples: 0.5, replications: 1, seed: 2 })).toThrow('samples: expected');
  });
});
