import { describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';

const normal = (mean: number, stddev: number) => ({ type: 'normal', mean: [mean], stddev: [stddev] });
const mixture = { type: 'mixture', weights: [0.25, 0.75], components: [normal(-1, 0.5), normal(2, 1)] };
/** By mpmath with 30 digits. */
const TRUTH = 1.74730448058721039;

const entropy = (spec: unknown, ...args: string[]) =>
  gmmVae(['entropy', '-', ...args], { stdin: JSON.stringify(spec) });

async function entropyJson(spec: unknown, ...args: string[]) {
  const { code, stdout, stderr } = await entropy(spec, '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('gmm-vae entropy', () => {
  it('answers with the closed form where there is one: ½ ln(2πe·4)', async () => {
    const value = 0.5 * Math.log(2 * Math.PI * Math.E * 4);
    expect(await entropyJson(normal(1, 2))).toMatchObject({ value: expect.closeTo(value, 14), method: 'closed-form' });
    expect((await entropy(normal(1, 2))).stdout).toMatch(/^H = 2\.1120857\d+ nats \(closed-form\)\n$/);
  });

  it('answers with Monte Carlo and bounds for a mixture, with quadrature and any estimator where asked', async () => {
    const estimate = await entropyJson(mixture);
    expect(estimate).toMatchObject({ method: 'monte-carlo', samples: 100_000 });
    expect(Math.abs(estimate.value - TRUTH)).toBeLessThan(4.5 * estimate.standardError);
    expect(estimate.lower).toBeLessThan(TRUTH);
    expect(estimate.upper).toBeGreaterThan(TRUTH);
    expect((await entropyJson(mixture, '--method', 'quadrature')).value).toBeCloseTo(TRUTH, 8);
    const target = await entropyJson(mixture, '--estimator', 'component-wise', '--target-error', '1e-3');
    expect(target).toMatchObject({ estimator: 'component-wise', stoppedBy: 'target-error' });
    expect(Math.abs(target.value - TRUTH)).toBeLessThan(4.5e-3);
    expect((await entropy(mixture)).stdout).toMatch(/^H ≈ .*100000 samples\)\n.* ≤ H ≤ .* nats \(bounds\)\n$/);
  });

  it.each<[string, unknown, ...string[]]>([
    ['type: expected "normal" or "mixture", got "gmm"', { ...mixture, type: 'gmm' }],
    [
      'components[1].stddev[0]: expected a finite number > 0, got 0',
      { ...mixture, components: [normal(0, 1), normal(0, 0)] },
    ],
    ['weights: expected a sum of 1', { ...mixture, weights: [1, 1] }],
    ['--method closed-form: none is known for a mixture', mixture, '--method', 'closed-form'],
    ['--estimator: analytic-entropy needs an entropy', mixture, '--estimator', 'analytic-entropy'],
  ])('refuses in one line, with exit code 2: %s', async (message, spec, ...args) => {
    const { code, stdout, stderr } = await entropy(spec, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^gmm-vae: [^\n]+\n$/);
    expect(stderr).toContain(`gmm-vae: ${message}`);
  });
});
