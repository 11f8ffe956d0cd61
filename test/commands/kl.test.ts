import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-kl-'));
afterAll(() => rmSync(folder, { recursive: true }));

const q = { type: 'normal', mean: [1.2], stddev: [0.5] };
const standard = { type: 'normal', mean: [0], stddev: [1] };
const mixture = {
  type: 'mixture',
  weights: [0.25, 0.75],
  components: [
    { type: 'normal', mean: [-1], stddev: [0.5] },
    { type: 'normal', mean: [2], covariance: [[1]] },
  ],
};

const normal = (mean: number, stddev: number) => ({ type: 'normal', mean: [mean], stddev: [stddev] });

const kl = (spec: unknown, ...args: string[]) =>
  gmmVae(['kl', '-', ...args], { stdin: typeof spec === 'string' ? spec : JSON.stringify(spec) });

async function klJson(spec: unknown, ...args: string[]) {
  const { code, stdout, stderr } = await kl(spec, '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('gmm-vae kl', () => {
  it('answers with the closed form where there is one: ln 2 + 0.345', async () => {
    const answer = await klJson({ q, p: standard });
    expect(Object.keys(answer)).toEqual(['value', 'method', 'standardError', 'samples', 'lower', 'upper']);
    const nothing = { standardError: null, samples: null, lower: null, upper: null };
    expect(answer).toEqual({ value: expect.closeTo(Math.LN2 + 0.345, 14), method: 'closed-form', ...nothing });
    expect((await kl({ q, p: standard })).stdout).toMatch(/^KL\(q‖p\) = 1\.03814718\d+ nats \(closed-form\)\n$/);
  });

  it('answers with Monte Carlo and its bounds for a mixture, the truth 0.91817 (30-digit quadrature) among them', async () => {
    const spec = { q: { type: 'normal', mean: [0.5], stddev: [0.75] }, p: mixture };
    const truth = 0.918170392019015769;
    const answer = await klJson(spec);
    expect(answer).toMatchObject({ method: 'monte-carlo', samples: 100_000 });
    expect(Math.abs(answer.value - truth)).toBeLessThan(4 * answer.standardError);
    expect(answer.lower).toBeLessThan(truth);
    expect(answer.upper).toBeGreaterThan(truth);
    expect((await klJson(spec, '--method', 'quadrature')).value).toBeCloseTo(truth, 8);
    const bounds = await klJson(spec, '--method', 'bounds');
    const { lower, upper } = answer;
    expect(bounds).toEqual({ value: null, method: 'bounds', standardError: null, samples: null, lower, upper });
    expect((await kl(spec)).stdout).toMatch(/^KL\(q‖p\) ≈ .*100000 samples\)\n.* ≤ KL\(q‖p\) ≤ .* nats \(bounds\)\n$/);
  });

  it('takes --samples and --seed, and gives the same number for the same ones', async () => {
    const run = (...args: string[]) => klJson({ q, p: standard }, '--method', 'monte-carlo', ...args);
    const first = await run('--samples', '50000', '--seed', '7');
    expect(first).toMatchObject({ samples: 50_000, lower: null, upper: null });
    expect(await run('--samples', '5e4', '--seed', '7')).toEqual(first);
    expect((await run('--samples', '50000', '--seed', '-7')).value).not.toBe(first.value);
    expect((await run('--samples', '1')).standardError).toBeNull();
  });

  it('takes logits for weights', async () => {
    const logits = { ...mixture, weights: undefined, logits: [5, 5 + Math.log(3)] };
    const [first, second] = [
      await klJson({ q, p: mixture }, '--method', 'quadrature'),
      await klJson({ q, p: logits }, '--method', 'quadrature'),
    ];
    expect(second.value).toBeCloseTo(first.value, 12);
  });

  it('computes Jeffreys’ and the Jensen–Shannon divergence by the same methods', async () => {
    const spec = {
      q: mixture,
      p: { type: 'mixture', weights: [0.5, 0.5], components: [normal(-2, 1), normal(0.5, 1)] },
    };
    // By mpmath with 30 digits.
    for (const [name, symbol, truth] of [
      ['jeffreys', 'J', 2.92656311784477403],
      ['jensen-shannon', 'JS', 0.207536243751240215],
    ] as const) {
      const named = ['--divergence', name];
      expect((await klJson(spec, ...named, '--method', 'quadrature')).value).toBeCloseTo(truth, 7);
      const estimate = await klJson(spec, ...named);
      expect(Math.abs(estimate.value - truth)).toBeLessThan(4.5 * estimate.standardError);
      expect(estimate.lower).toBeLessThan(truth);
      expect(estimate.upper).toBeGreaterThan(truth);
      const best = await klJson(spec, ...named, '--estimator', 'best', '--target-error', '1e-3');
      expect(best.parts).toHaveLength(2);
      expect(best.standardError).toBeLessThanOrEqual(1e-3);
      expect((await kl(spec, ...named)).stdout).toMatch(
        new RegExp(`^${symbol}\\(q, p\\) ≈ .*\n.* ≤ ${symbol}\\(q, p\\) ≤ `),
      );
    }
    const closed = await klJson({ q, p: standard }, '--divergence', 'jeffreys');
    expect(closed).toMatchObject({ method: 'closed-form', value: expect.closeTo(4.725, 13) });
  });

  it('reads a file, relative to the working folder', async () => {
    writeFileSync(join(folder, 'spec.json'), `\uFEFF${JSON.stringify({ q, p: standard })}`);
    const { code, stdout } = await gmmVae(['kl', 'spec.json'], { cwd: folder });
    expect([code, stdout.slice(0, 9)]).toEqual([0, 'KL(q‖p) =']);
  });

  it('writes an infinite divergence as the string "Infinity", which JSON has no number for', async () => {
    const answer = await klJson({ q: { ...q, mean: [1e200] }, p: { ...standard, stddev: [1e-200] } });
    expect(answer.value).toBe('Infinity');
  });

  it('stops when it is interrupted, with exit code 130', async () => {
    const abort = new AbortController();
    abort.abort();
    const args = ['kl', '-', '--method', 'monte-carlo', '--samples', '1e12'];
    const { code, stdout, stderr } = await gmmVae(args, {
      stdin: JSON.stringify({ q, p: standard }),
      signal: abort.signal,
    });
    expect([code, stdout, stderr]).toEqual([130, '', 'gmm-vae: interrupted\n']);
  });
});

describe('gmm-vae kl refuses bad input with one line that names the field, and exit code 2:', () => {
  const withComponent = (component: object) => ({ ...mixture, components: [mixture.components[0], component] });
  it.each<[string, unknown, ...string[]]>([
    ['standard input: not JSON: ', '{"q": NaN}'],
    [
      'q.mean: given twice: only one of them would be read',
      JSON.stringify({ q, p: standard }).replace('"mean"', '"mean":[7],"mean"'),
    ],
    ['standard input: not JSON: ', ''],
    ['the specification: expected an object, got an array of 0', []],
    ['p: expected an object, but it is missing', { q }],
    ['q: expected an object, got 5', { q: 5, p: standard }],
    ['q.type: expected "normal" or "mixture", but it is missing', { q: { mean: [0], stddev: [1] }, p: standard }],
    ['the specification: unknown field "r"', { q, p: standard, r: 1 }],
    ['q.type: expected "normal" or "mixture", got "gauss"', { q: { ...q, type: 'gauss' }, p: standard }],
    ['q.mean: expected an array, got 0', { q: { ...q, mean: 0 }, p: standard }],
    ['q: expected exactly one of "stddev" and "covariance"', { q: { type: 'normal', mean: [0] }, p: standard }],
    ['q: expected exactly one of "stddev" and "covariance"', { q: { ...q, covariance: [[1]] }, p: standard }],
    ['q.stddev: expected 1 entry, one per dimension of mean, got 2', { q: { ...q, stddev: [1, 1] }, p: standard }],
    ['p.components[1].type: expected "normal", got "mixture"', { q, p: withComponent(mixture) }],
    ['q: unknown field "sigma"', { q: { ...q, sigma: 1 }, p: standard }],
    ['q.mean: expected at least one number, got an empty array', { q: { ...q, mean: [], stddev: [] }, p: standard }],
    ['q.mean[0]: expected a finite number, got null', { q: { ...q, mean: [null] }, p: standard }],
    ['q.mean[0]: expected a finite number, got "1"', { q: { ...q, mean: ['1'] }, p: standard }],
    [
      'q.mean[0]: expected a finite number, got Infinity',
      `{"q": {"type": "normal", "mean": [1e999], "stddev": [1]}, "p": ${JSON.stringify(standard)}}`,
    ],
    ['q.stddev[0]: expected a finite number > 0, got 0', { q: { ...q, stddev: [0] }, p: standard }],
    [
      'p.components[1].stddev[0]: expected a finite number > 0, got -1',
      { q, p: withComponent({ type: 'normal', mean: [0], stddev: [-1] }) },
    ],
    [
      'p.components[1].covariance: expected a positive definite matrix, but pivot 0',
      { q, p: withComponent({ type: 'normal', mean: [0], covariance: [[-1]] }) },
    ],
    [
      'p.components[1]: expected event shape [1] like components[0], got [2]',
      { q, p: withComponent({ type: 'normal', mean: [0, 0], stddev: [1, 1] }) },
    ],
    ['p.components: expected 2 entries, one per weight, got 1', { q, p: { ...mixture, components: [standard] } }],
    ['p.weights: expected a sum of 1', { q, p: { ...mixture, weights: [0.5, 0.6] } }],
    ['p.weights[1]: expected a weight ≥ 0, got -0.5', { q, p: { ...mixture, weights: [1.5, -0.5] } }],
    [
      "p: expected event shape [1], the same as q's, got [2]",
      { q, p: { type: 'normal', mean: [0, 0], stddev: [1, 1] } },
    ],
    ['--method closed-form: none is known for a mixture', { q, p: mixture }, '--method', 'closed-form'],
    ["--samples: expected a positive whole number, got '0'", { q, p: mixture }, '--samples', '0'],
    ["--samples: expected a positive whole number, got 'many'", { q, p: mixture }, '--samples', 'many'],
    ["--seed: expected a whole number, got '0.5'", { q, p: mixture }, '--seed', '0.5'],
    ["--seed: expected a whole number, got ''", { q, p: mixture }, '--seed', ''],
    [
      "--seed: expected a whole number of at most 9007199254740991, beyond which they cannot be told apart, got '9007199254740993'",
      { q, p: mixture },
      '--seed',
      '9007199254740993',
    ],
    ["option '--divergence <name>' argument 'js' is invalid", { q, p: mixture }, '--divergence', 'js'],
    [
      '--method closed-form: none is known for a mixture, whose log density is the logarithm of a sum (½q + ½p is one)',
      { q, p: standard },
      '--divergence',
      'jensen-shannon',
      '--method',
      'closed-form',
    ],
    ['p: expected exactly one of "weights" and "logits"', { q, p: { ...mixture, logits: [0, 1] } }],
    [
      'p.logits[1]: expected a number below Infinity, got "1"',
      { q, p: { ...mixture, weights: undefined, logits: [0, '1'] } },
    ],
    ["option '--method <name>' argument 'exact' is invalid", { q, p: mixture }, '--method', 'exact'],
    [
      'q: expected at most 3 dimensions for quadrature, got 4',
      {
        q: { type: 'normal', mean: [0, 0, 0, 0], stddev: [1, 1, 1, 1] },
        p: { type: 'normal', mean: [0, 0, 0, 0], stddev: [1, 1, 1, 1] },
      },
      '--method',
      'quadrature',
    ],
  ])('%s', async (message, spec, ...args) => {
    const { code, stdout, stderr } = await kl(spec, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^gmm-vae: [^\n]+\n$/);
    expect(stderr).toContain(`gmm-vae: ${message}`);
  });

  it('a file that is not there, or is a folder', async () => {
    const missing = await gmmVae(['kl', 'nosuch.json'], { cwd: folder });
    expect([missing.code, missing.stderr]).toEqual([2, 'gmm-vae: nosuch.json: no such file\n']);
    const directory = await gmmVae(['kl', '.'], { cwd: folder });
    expect([directory.code, directory.stderr]).toEqual([2, 'gmm-vae: .: is a folder\n']);
  });
});
