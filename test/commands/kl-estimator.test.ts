import { describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';

const normal = (mean: number, stddev: number) => ({ type: 'normal', mean: [mean], stddev: [stddev] });
const spec = {
  q: normal(0.5, 0.75),
  p: { type: 'mixture', weights: [0.25, 0.75], components: [normal(-1, 0.5), normal(2, 1)] },
};
/** KL(q‖p) by 30-digit quadrature. */
const truth = 0.918170392019015769;

const kl = (given: unknown, ...args: string[]) => gmmVae(['kl', '-', ...args], { stdin: JSON.stringify(given) });

describe('gmm-vae kl --estimator', () => {
  it('adds the estimator’s fields after the six that every answer has', async () => {
    const { code, stdout, stderr } = await kl(spec, '--json', '--estimator', 'rqmc', '--target-error', '1e-4');
    expect([code, stderr]).toEqual([0, '']);
    const answer = JSON.parse(stdout);
    expect(Object.keys(answer)).toEqual([
      'value',
      'method',
      'standardError',
      'samples',
      'lower',
      'upper',
      'interval',
      'estimator',
      'evaluations',
      'stoppedBy',
      'warnings',
    ]);
    expect(answer).toMatchObject({ method: 'monte-carlo', estimator: 'rqmc', stoppedBy: 'target-error', warnings: [] });
    expect(answer.standardError).toBeLessThanOrEqual(1e-4);
    expect(Math.abs(answer.value - truth)).toBeLessThan(5 * answer.standardError);
    expect([answer.lower < truth, truth < answer.upper]).toEqual([true, true]);
  });

  it('says what best compared', async () => {
    const { stdout } = await kl(spec, '--estimator', 'best', '--samples', '20000');
    expect(stdout).toMatch(/^KL\(q‖p\) ≈ 0\.918\d+ nats \((\S+), standard error .*, \d+ samples, \d+ evaluations\)\n/);
    expect(stdout).toMatch(/\npilot standard errors: .*plain .*\n.* ≤ KL\(q‖p\) ≤ .* nats \(bounds\)\n$/);
    const json = JSON.parse((await kl(spec, '--estimator', 'best', '--samples', '20000', '--json')).stdout);
    expect(json.compared[0].estimator).toBe(json.estimator);
  });

  it('takes plain when only a target error or a confidence is given, and answers with it where a closed form exists', async () => {
    const q = normal(1, 0.5);
    const answer = JSON.parse((await kl({ q, p: normal(0, 1) }, '--json', '--target-error', '0.01')).stdout);
    expect(answer).toMatchObject({ method: 'monte-carlo', estimator: 'plain', stoppedBy: 'target-error' });
    const { stdout } = await kl(spec, '--method', 'monte-carlo', '--confidence', '0.9');
    expect(stdout).toMatch(
      /\(plain, .* 100000 samples, 100000 evaluations\)\n.* nats \(interval with confidence 0.9\)\n$/,
    );
  });

  it('gives the same answer for every number of threads, with an estimator named and without', async () => {
    for (const named of [[], ['--estimator', 'antithetic']]) {
      const args = ['--json', '--method', 'monte-carlo', '--samples', '60000', ...named];
      const alone = await kl(spec, ...args, '--threads', '1');
      expect(alone.code).toBe(0);
      expect(await kl(spec, ...args, '--threads', '2')).toEqual(alone);
      expect(await kl(spec, ...args)).toEqual(alone);
    }
  });

  it('warns on stderr, in one line, of a missed target, an infinite value, k2’s bias and k3’s infinite variance', async () => {
    const missed = await kl(spec, '--json', '--target-error', '1e-6', '--samples', '5000');
    expect(missed.code).toBe(0);
    expect(missed.stderr).toMatch(
      /^gmm-vae: warning: the standard error did not reach 1e-6 within 5000 samples: it is 0\.0\d+; [^\n]+\n$/,
    );
    expect(JSON.parse(missed.stdout)).toMatchObject({ stoppedBy: 'max-samples', samples: 5000 });
    expect((await kl(spec, '--estimator', 'k2')).stderr).toMatch(/^gmm-vae: warning: k2 is biased[^\n]+\n$/);
    const far = await kl({ q: normal(1e200, 1), p: normal(0, 1e-200) }, '--target-error', '0.1');
    expect(far.stderr).toMatch(/^gmm-vae: warning: a draw fell where the density of p is below every float[^\n]+\n$/);
    expect(far.stdout).toContain('≈ Infinity nats (plain, no standard error, 4096 samples');
    const narrow = await kl({ ...spec, q: normal(0, 0.5) }, '--json', '--estimator', 'k3');
    expect(narrow.stderr).toMatch(/^gmm-vae: warning: the variance of k3 is not finite here[^\n]+\n$/);
    expect(JSON.parse(narrow.stdout)).toMatchObject({ standardError: null, interval: null });
  });

  it('warns of components of q that the draws miss, also where no estimator was asked for', async () => {
    const components = [normal(0, 1), normal(1000, 1)];
    const rare = { q: { type: 'mixture', weights: [1 - 1e-6, 1e-6], components }, p: normal(0, 1) };
    const expected = /^gmm-vae: warning: the standard error is not reliable below about 1e7 draws: [^\n]+\n$/;
    for (const args of [[], ['--json'], ['--estimator', 'plain'], ['--target-error', '0.1', '--samples', '5000']]) {
      const { code, stderr } = await kl(rare, ...args);
      expect([code, stderr]).toEqual([0, expect.stringMatching(expected)]);
    }
    const best = await kl(rare, '--json', '--estimator', 'best');
    expect(best.stderr).toBe('');
    expect(JSON.parse(best.stdout).value).toBeCloseTo(0.49998518, 7);
  });

  it('stops when it is interrupted, with exit code 130', async () => {
    const abort = new AbortController();
    abort.abort();
    const result = await gmmVae(['kl', '-', '--estimator', 'plain', '--samples', '1e12'], {
      stdin: JSON.stringify(spec),
      signal: abort.signal,
    });
    expect(result).toEqual({ code: 130, stdout: '', stderr: 'gmm-vae: interrupted\n' });
  });

  const wide = (d: number, mean: number) => ({ type: 'normal', mean: Array(d).fill(mean), stddev: Array(d).fill(1) });
  it.each<[string, unknown, ...string[]]>([
    ['--estimator: expected one of plain,', spec, '--estimator', 'magic'],
    ['--estimator: expected one of plain,', spec, '--estimator', 'toString'],
    [
      '--estimator: rqmc has direction numbers for at most 64 dimensions, got 65',
      { q: wide(65, 0), p: wide(65, 1) },
      '--estimator',
      'rqmc',
    ],
    ['--estimator: analytic-entropy needs an entropy', { q: spec.p, p: spec.q }, '--estimator', 'analytic-entropy'],
    [
      '--estimator: k3 has no finite variance',
      { ...spec, q: normal(0, 0.5) },
      '--estimator',
      'k3',
      '--target-error',
      '0.1',
    ],
    ["--target-error: expected a number > 0, got '0'", spec, '--target-error', '0'],
    ["--target-error: expected a number > 0, got 'small'", spec, '--target-error', 'small'],
    ["--target-error: expected a number > 0, got ''", spec, '--target-error', ''],
    ['--estimator: expected one of plain,', spec, '--estimator', '', '--target-error', '1e-3'],
    ["--confidence: expected a number between 0 and 1, got ''", spec, '--confidence', ''],
    ["--confidence: expected a number between 0 and 1, got '95'", spec, '--confidence', '95'],
    ['--samples: expected at least 32 for rqmc here, got 8', spec, '--estimator', 'rqmc', '--samples', '8'],
    ["--threads: expected a positive whole number, got '0'", spec, '--threads', '0'],
    ["--threads: expected 'auto' or an integer from 1 to 64, got 65", spec, '--threads', '65'],
    ['--estimator, --target-error and --confidence are for', spec, '--estimator', 'best', '--method', 'bounds'],
  ])('refuses with one line and exit code 2: %s', async (message, given, ...args) => {
    const { code, stdout, stderr } = await kl(given, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^gmm-vae: [^\n]+\n$/);
    expect(stderr).toContain(`gmm-vae: ${message}`);
  });
});
