import { describe, expect, it } from 'vitest';
import { Normal } from '../../src/distributions/normal';
import { derivation, derivationGrid } from '../../src/kl/derivation';
import { derivationGradients } from '../../src/kl/derivation-gradients';
import { gaussHermite } from '../../src/math/gauss-hermite';
import { linspace } from '../../src/math/grid';

describe('gaussHermite', () => {
  it('has the published nodes and weights of the 3-point rule: 0 and ±√3 with 2/3 and 1/6', () => {
    const { nodes, weights } = gaussHermite(3);
    [-Math.sqrt(3), 0, Math.sqrt(3)].forEach((node, i) => {
      expect(nodes[i]).toBeCloseTo(node, 14);
    });
    [1 / 6, 2 / 3, 1 / 6].forEach((weight, i) => {
      expect(weights[i]).toBeCloseTo(weight, 14);
    });
  });

  it('gives the even moments (2k − 1)!! of the standard normal up to degree 2n − 1', () => {
    const { nodes, weights } = gaussHermite(10);
    let doubleFactorial = 1;
    for (let k = 1; k <= 9; k++) {
      doubleFactorial *= 2 * k - 1;
      const moment = nodes.reduce((sum, u, i) => sum + weights[i]! * u ** (2 * k), 0);
      expect(moment / doubleFactorial).toBeCloseTo(1, 11);
    }
  });

  it('refuses a rule without points', () => {
    expect(() => gaussHermite(0)).toThrow('n: expected a positive integer, got 0');
  });
});

describe('the derivation (1) to (9)', () => {
  it('gives ½(ln 4 − 1 + 1.44 + 0.25) at μ = 1.2, σ = 0.5 on every line', () => {
    const lines = derivation(new Normal(1.2, 0.5));
    expect(lines.map((row) => row.line).join(' ')).toBe('(1) (2) (3) (4) (5) (6) (7) (8) (9)');
    for (const { nats } of lines) expect(nats).toBeCloseTo(Math.LN2 + 0.345, 11);
  });

  it('stays one number over a grid of (μ, σ)', () => {
    const rows = derivationGrid(linspace(-3, 3, 5), linspace(0.2, 3, 5));
    expect(rows).toHaveLength(8);
    for (const row of rows) expect(row['largest difference']).toBeLessThan(1e-11);
  });

  it('is refused for what no normal has, and for no points at all, under the name of the argument', () => {
    const at = { mu: 0, sigma: 1 };
    expect(() => derivationGrid([], [1])).toThrow('means: expected at least one number, got an empty array');
    expect(() => derivationGrid([0, Number.NaN], [1])).toThrow('means[1]: expected a finite number, got NaN');
    expect(() => derivationGrid([0], [1, -1])).toThrow('stddevs[1]: expected a finite number > 0, got -1');
    expect(() => derivationGradients({ means: [0], stddevs: [] }, at)).toThrow('stddevs: expected at least one number');
    expect(() => derivationGradients({ means: [0], stddevs: [1] }, { mu: 0, sigma: 0 })).toThrow('sigma: expected');
  });

  it('has the gradient (μ, σ − 1/σ)', () => {
    const { mean, stddev } = derivationGradients({ means: [-2, 0, 1], stddevs: [0.3, 1, 2] }, { mu: 1.2, sigma: 0.5 });
    expect(stddev.formula(2)).toBe(1.5);
    expect(mean.largestDifference).toBeLessThan(1e-9);
    expect(stddev.largestDifference).toBeLessThan(1e-8);
  });
});
