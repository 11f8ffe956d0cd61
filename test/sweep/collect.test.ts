import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Options } from '../../src/sweep/spec';
import { runningPath, runningText } from '../../src/sweep/state';
import { sweepCommand } from './command';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-collect-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const collect = (...args: string[]) => sweepCommand(cwd, 'collect', 's', ...args);

interface Made {
  readonly options: Options;
  readonly metrics?: Readonly<Record<string, number | null>>;
  readonly images?: readonly number[];
  /** What the images are. */
  readonly of?: string;
  readonly evaluate?: Options;
  readonly error?: string;
}

/** A sweep's folder as its tasks leave it. */
async function sweepOf(trials: readonly Made[]): Promise<void> {
  const ids = trials.map(
    ({ options, evaluate }) =>
      `${options.prior}-${String(options.hidden ?? 'h').replace(',', '-')}-s${options.seed}${evaluate ? `-${evaluate.samples}` : ''}`,
  );
  for (const [i, { options, metrics, images, of, evaluate = null, error }] of trials.entries()) {
    const folder = join(cwd, 's', 'trials', ids[i] as string);
    await mkdir(folder, { recursive: true });
    const write = (name: string, value: object) => writeFile(join(folder, name), JSON.stringify(value));
    await write('trial.json', { options, evaluate });
    if (images) await write('images.json', { logLikelihood: images, images: of });
    if (metrics) await write('result.json', { metrics, weights: 'w', attempt: 'a' });
    if (error !== undefined) await write('failed.json', { error });
  }
  await writeFile(join(cwd, 's', 'sweep.json'), JSON.stringify({ format: 'gmm-vae sweep', version: 1, trials: ids }));
}

// Three seeds of each. The values of a seed go up and down together, so that the differences are far closer to each other than the values.
const NORMAL = [100, 101, 105];
const GMM = [98, 99.5, 103.3];
// Tables of Student's t, 97.5 %: two degrees of freedom, and three.
const [T2, T3] = [4.302652729911275, 3.182446305284263];

const threeSeeds = (): Made[] => [
  ...NORMAL.map((nll, i) => ({
    options: { prior: 'normal', seed: i + 1 },
    metrics: { 'test/nll': nll, 'test/nmi': 0.1 },
    images: [-nll, -nll - 1, -nll + 3, -nll],
  })),
  ...GMM.map((nll, i) => ({
    options: { prior: 'gmm', components: 10, seed: i + 1 },
    metrics: { 'test/nll': nll, 'test/nmi': 0.4 + i / 100 },
    images: [-nll, -nll - 2, -nll + 3, -nll + 1],
  })),
];

function byHand(values: readonly number[], t: number) {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const error = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1) / n);
  return { n, mean, error, low: mean - t * error, high: mean + t * error };
}

describe('retry', () => {
  it('takes back a cancel that a running trial has yet to notice, and leaves alone one that is done', async () => {
    await sweepOf([{ options: { prior: 'normal', seed: 1 } }, ...threeSeeds().slice(1, 2)]);
    const [running = '', done = ''] = ['normal-h-s1', 'normal-h-s2'].map((id) => join(cwd, 's', 'trials', id));
    await mkdir(join(running, 'attempts', 'local.1'), { recursive: true });
    await writeFile(runningPath(join(running, 'attempts', 'local.1')), runningText());
    expect((await sweepCommand(cwd, 'cancel', 's')).out).toBe('1 of 2 trials cancelled\n');
    await writeFile(join(done, 'cancelled.json'), '{}');
    expect((await sweepCommand(cwd, 'status', 's')).out).toBe('running   normal-h-s1\ndone      normal-h-s2\n');
    expect((await sweepCommand(cwd, 'retry', 's')).out).toBe('1 of 2 trials will be tried again by the next run\n');
    expect([existsSync(join(running, 'cancelled.json')), existsSync(join(done, 'cancelled.json'))]).toEqual([
      false,
      true,
    ]);
  });
});

describe('collect', () => {
  it('gives the mean over seeds with its t interval, and paired differences by seed and by image', async () => {
    await sweepOf(threeSeeds());
    const { code, out } = await collect('--json', '--baseline', 'prior=normal');
    expect(code).toBe(0);
    const { groups, differences, baseline } = JSON.parse(out);
    expect(baseline).toEqual({ prior: 'normal' });
    const expected = byHand(NORMAL, T2);
    expect(groups[0]).toMatchObject({ options: { prior: 'normal' }, n: 3 });
    expect(groups[0].mean['test/nll']).toBeCloseTo(expected.mean, 10);
    expect(groups[0].standardError['test/nll']).toBeCloseTo(expected.error, 10);
    expect(groups[0].interval['test/nll'][0]).toBeCloseTo(expected.low, 8);
    expect(groups[0].interval['test/nll'][1]).toBeCloseTo(expected.high, 8);

    const paired = byHand(
      GMM.map((value, i) => value - (NORMAL[i] as number)),
      T2,
    );
    expect(differences).toHaveLength(1);
    const { bySeed, byImage } = differences[0];
    expect(bySeed['test/nll'].mean).toBeCloseTo(paired.mean, 10);
    expect(bySeed['test/nll'].interval[0]).toBeCloseTo(paired.low, 8);
    // Each image's gain averaged over the seeds, then the spread over the images.
    const gain = -paired.mean;
    const images = byHand([gain, gain - 1, gain, gain + 1], T3);
    expect(byImage).toMatchObject({ n: 4 });
    expect(byImage.mean).toBeCloseTo(images.mean, 10);
    expect(byImage.interval[1]).toBeCloseTo(images.high, 8);
  });

  it('counts trials that were run elsewhere and copied in, which the file here never named', async () => {
    await sweepOf(threeSeeds());
    const whole = JSON.parse((await collect('--json', '--baseline', 'prior=normal')).out);
    const trials = ['normal-h-s1', 'gmm-h-s1'];
    await writeFile(join(cwd, 's', 'sweep.json'), JSON.stringify({ format: 'gmm-vae sweep', version: 1, trials }));
    const { groups, differences } = JSON.parse((await collect('--json', '--baseline', 'prior=normal')).out);
    expect(groups.map(({ n, trials: of }: { n: number; trials: string[] }) => [n, of.length])).toEqual([
      [3, 3],
      [3, 3],
    ]);
    expect(differences[0].bySeed).toEqual(whole.differences[0].bySeed);
    expect(differences[0].byImage.n).toBe(4);
  });

  it('says of which seeds a mean is where some have no such number', async () => {
    const made = (prior: string, seed: number, kl: number | null) => ({
      options: { prior, seed },
      metrics: { loss: seed, kl },
    });
    await sweepOf([made('gmm', 1, 3), made('gmm', 2, null), made('gmm', 3, 5), made('vamp', 1, 1), made('vamp', 2, 2)]);
    const { out } = await collect('--baseline', 'prior=vamp', '--metrics', 'kl');
    expect(out).toContain('| gmm | 3 | 4 ± 13 (2 of 3 seeds) |\n| vamp | 2 | 1.5 ± 6.4 |\n');
    // Of the two seeds that both have, the second has no such difference.
    expect(out).toContain('| gmm | 2 | 2 (1 of 2 seeds) |\n');
    expect(JSON.parse((await collect('--json')).out).groups[0]).toMatchObject({ n: 3, counts: { loss: 3, kl: 2 } });
  });

  it('compares images with themselves alone: not those of another split, or of other data, which may be as many', async () => {
    const splitBySeed = (made: Made, i: number) => ({ ...made, of: `split ${i % 3}` });
    const byImage = async (of: (made: Made, i: number) => Made) => {
      await sweepOf(threeSeeds().map(of));
      const { byImage: images, bySeed } = JSON.parse((await collect('--json')).out).differences[0];
      expect(bySeed['test/nll'].n).toBe(3);
      return images;
    };
    expect(await byImage((made) => ({ ...made, of: 'the same' }))).toMatchObject({ n: 4 });
    expect(await byImage(splitBySeed)).toBeNull();
    expect(await byImage((made) => ({ ...made, of: String(made.options.prior) }))).toBeNull();
  });

  it('takes as baseline any setting of its table: lists, numbers in any notation, options that are not set, other scorings', async () => {
    let seed = 0;
    const made = (hidden: number[], rate: number, more: Options, samples: number) => ({
      options: { prior: 'normal', hidden, 'learning-rate': rate, ...more, seed: ++seed },
      evaluate: { samples, limit: 7 },
      metrics: { loss: 1 },
    });
    await sweepOf([
      made([8], 5e-4, {}, 5),
      made([8, 9], 5e-4, {}, 5),
      made([8, 9], 5e-4, { flow: 'iaf' }, 5),
      made([8, 9], 1e-3, { flow: 'iaf' }, 5),
      made([8, 9], 1e-3, { flow: 'iaf' }, 50),
    ]);
    const baseline = async (text: string) => {
      const { out, err } = await collect('--json', '--baseline', text);
      expect(err).toBe('');
      return JSON.parse(out).baseline;
    };
    expect(await baseline('hidden=8,9,flow=unset')).toMatchObject({ hidden: [8, 9], 'learning-rate': 5e-4 });
    expect(await baseline('hidden=[8, 9],flow=unset,')).toMatchObject({ hidden: [8, 9] });
    expect(await baseline('hidden=8, flow=unset')).toMatchObject({ hidden: [8] });
    expect(await baseline('flow=iaf,learning-rate=5e-4')).toMatchObject({ flow: 'iaf', 'learning-rate': 5e-4 });
    const scored = await baseline('learning-rate=.001,evaluate.samples=50');
    expect(scored).toMatchObject({ 'learning-rate': 1e-3, 'evaluate.samples': 50 });
    expect(scored).not.toHaveProperty('evaluate.limit');
    expect((await collect()).out).toMatch(/^\| .*evaluate\.samples.* \| seeds \| loss \|\n/);
    expect((await collect('--baseline', 'normal')).err).toContain('--baseline: expected options and their values, as ');
  });

  it('prints Markdown with as many digits as the interval allows, ranked, with what is not done by its name', async () => {
    await sweepOf([
      ...threeSeeds(),
      { options: { prior: 'vamp', components: 500, seed: 1 }, metrics: { 'test/nll': 97.123456, 'test/nmi': 0.2 } },
      { options: { prior: 'vamp', components: 500, seed: 2 }, error: 'training stopped at step 7' },
      { options: { prior: 'vamp', components: 500, seed: 3 } },
    ]);
    const { out } = await collect('--rank', 'test/nll', '--baseline', 'prior=normal');
    const lines = out.split('\n');
    expect(lines.slice(0, 5)).toEqual([
      '| prior | components | seeds | test/nll | test/nmi |',
      '| --- | --- | --- | --- | --- |',
      '| vamp | 500 | 1 of 3 | 97.123 | 0.2 |',
      // 4.30 · standard errors of 1.58 and 1.53.
      '| gmm | 10 | 3 | 100.3 ± 6.8 | 0.410 ± 0.025 |',
      '| normal | – | 3 | 102.0 ± 6.6 | 0.1 ± 0 |',
    ]);
    expect(out).toContain('| gmm | 10 | 3 | −1.73 ± 0.63 |');
    expect(out).toContain('Minus the value of prior normal, paired by seed');
    expect(out).toMatch(/Not done:\n\n- vamp-h-s2: failed: training stopped at step 7\n- vamp-h-s3: waiting\n$/);
    const narrow = await collect('--metrics', 'test/nmi');
    expect(narrow.out).toMatch(/^\| prior \| components \| seeds \| test\/nmi \|\n/);
    // More is better for what is no loss.
    const byNmi = (await collect('--rank', 'test/nmi')).out.split('\n').slice(2, 5);
    expect(byNmi.map((line) => line.split(' ')[1])).toEqual(['gmm', 'vamp', 'normal']);
  });

  it('prints CSV that a spreadsheet reads: quoted where it must be, numbers as they are', async () => {
    await sweepOf([
      { options: { prior: 'gmm', hidden: '300,300', seed: 1 }, metrics: { loss: 1.5 } },
      { options: { prior: 'gmm', hidden: '300,300', seed: 2 }, metrics: { loss: 2.5 } },
      { options: { prior: 'gmm', hidden: '12', seed: 1 }, metrics: { loss: 4 } },
    ]);
    const [head = '', first = '', second = ''] = (await collect('--csv')).out.split('\n');
    expect(head).toMatch(/^hidden,trials,done,loss mean,loss standard error,loss low,loss high,difference loss mean,/);
    expect(first).toMatch(/^"300,300",2,2,2,0\.5,-4\.35310\d*,8\.35310\d*,,,,,/);
    expect(second).toMatch(/^12,1,1,4,,,,2\.5,,,,/);
  });

  it('writes a page with tables and figures that stands by itself', async () => {
    await sweepOf(threeSeeds());
    const { code, err } = await collect('--report', 'page.html', '--rank', 'test/nll');
    expect(code, err).toBe(0);
    const page = await readFile(join(cwd, 'page.html'), 'utf8');
    expect(page).toContain('<h1 id="s">s</h1>');
    expect(page).toMatch(/<table>[\s\S]*100\.3\s±\s6\.8/);
    expect(page.match(/<figcaption/g)).toHaveLength(2);
    expect(page).toContain('Test −ln p(x) (nats per image)');
    expect(page).not.toContain('All reports');
  });

  it('names settings on its page by what they change of the baseline where they differ in much', async () => {
    const setting = (hidden: string, optimizer: string, latent: number) => ({
      options: { prior: 'normal', hidden, optimizer, latent, seed: hidden.length + optimizer.length + latent },
      metrics: { 'test/nll': 90, loss: 91, reconstruction: 70, 'test/bitsPerDimension': 0.16 },
    });
    await sweepOf([setting('12', 'adam', 2), setting('300', 'adam', 2), setting('12', 'adam-norm-grad', 3)]);
    const { code, err } = await collect('--report', 'page.html', '--baseline', 'hidden=12,latent=2');
    expect(code, err).toBe(0);
    const page = await readFile(join(cwd, 'page.html'), 'utf8');
    expect(page).toContain('Baseline: hidden 12, optimizer adam, latent 2. Other settings are named by what they');
    for (const name of ['"baseline"', '"hidden 300"', '"optimizer adam-norm-grad, latent 3"'])
      expect(page).toContain(name);
    // Its tables have what a page is wide enough for; the rest is in the CSV.
    expect(page).toMatch(/<th>setting<\/th>\s*<th>seeds<\/th>\s*<th>test\/nll<\/th>/);
    expect(page).not.toMatch(/bitsPerDimension|<th>reconstruction/);
    expect((await collect('--csv')).out).toContain('test/bitsPerDimension mean');
  });

  it('refuses a copy of a trial, whose seed would count twice', async () => {
    await sweepOf(threeSeeds());
    const trials = join(cwd, 's', 'trials');
    await cp(join(trials, 'normal-h-s1'), join(trials, 'normal-h-s1.old'), { recursive: true });
    const { code, err, out } = await collect();
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(
      `normal-h-s1.old: the same trial as normal-h-s1, which would count twice: move the copy out of ${trials}`,
    );
  });

  it('says of a file that was damaged by hand which it is, what is wrong with it, and what to do', async () => {
    const [id = ''] = ['normal-h-s1'];
    const result = { metrics: { loss: 1 }, weights: 'w', attempt: 'a' };
    const damaged: readonly (readonly [string, string, string])[] = [
      ['sweep.json', '{"format": "gmm-vae sweep"', 'not a sweep of gmm-vae: it is not JSON, or cut short; remove the'],
      ['sweep.json', '[]', 'not a sweep of gmm-vae: the file: expected an object, got an array of 0; remove the file'],
      ['sweep.json', '{"format": "gmm-vae sweep", "version": 2}', 'version: expected 1, got 2; remove the file, and'],
      [
        `trials/${id}/trial.json`,
        '{"options": {"seed": null}, "evaluate": null}',
        'not a trial: options.seed: expected',
      ],
      [
        `trials/${id}/trial.json`,
        '{"options": {"seed": 1}}',
        'not a trial: evaluate: expected options and their values, got nothing; remove',
      ],
      [
        `trials/${id}/result.json`,
        JSON.stringify({ ...result, metrics: { loss: '1' } }),
        'metrics.loss: expected a num',
      ],
      [`trials/${id}/result.json`, JSON.stringify({ ...result, attempt: '../b' }), 'attempt: expected text like /'],
      [
        `trials/${id}/result.json`,
        '{',
        'not the result of a trial: it is not JSON, or cut short; remove the file, and ',
      ],
      [
        `trials/${id}/images.json`,
        '{"logLikelihood": [1, "2"]}',
        'scores of images: logLikelihood[1]: expected a number',
      ],
      [`trials/normal-h-s2/failed.json`, '{"why": 1}', 'error: expected text, but it is missing; remove the file, and'],
    ];
    const both = threeSeeds().filter(({ options: { seed } }) => seed === 1);
    const failed: Made = { options: { prior: 'normal', seed: 2 }, error: 'x' };
    for (const [name, text, said] of damaged) {
      await rm(join(cwd, 's'), { recursive: true, force: true });
      await sweepOf([...both, failed]);
      await writeFile(join(cwd, 's', name), text);
      const { code, err, out } = await collect();
      expect([code, out, err.split('\n').length], name + err).toEqual([2, '', 2]);
      expect(err).toMatch(/^gmm-vae: \/\S+\.json: /);
      expect(err).toContain(join('s', name));
      expect(err).toContain(said);
    }
  });

  it('refuses in one line a baseline that is none or several, and a metric that nobody has', async () => {
    await sweepOf(threeSeeds());
    const refused = async (...args: string[]) => {
      const { code, err } = await collect(...args);
      expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
      return err;
    };
    expect(await refused('--baseline', 'prior=vamp')).toContain(
      '--baseline prior=vamp: 0 settings match, expected one; settings differ in prior, components',
    );
    expect(await refused('--baseline', 'seed=1')).toContain('0 settings match');
    expect(await refused('--rank', 'nll')).toContain(
      "--rank: no trial that is done has 'nll'; there is test/nll, test/nmi",
    );
    // No name of what every object has.
    expect(await refused('--metrics', 'test/nll, constructor')).toContain("has 'constructor'; there is test/nll");
    expect(await refused('--json', '--csv')).toContain('--json and --csv: give only one of them');
    expect(existsSync(join(cwd, 'page.html'))).toBe(false);
  });
});
