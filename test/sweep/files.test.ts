import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepCommand } from './command';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-files-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const run = (...more: string[]) => sweepCommand(cwd, 'run', 's.yaml', '--output', 'a', ...more);
const write = (yaml: string) => writeFile(join(cwd, 's.yaml'), yaml);
const hundred = Array.from({ length: 100 }, (_, i) => i + 1).join(',');
const T = 'data: synthetic, epochs: 1';

/** Files that cannot be meant, and what is said of them. */
const REFUSED = {
  'a key twice': [`train: {${T}}\ntrain: {epochs: 2}`, 'Map keys must be unique at line 2'],
  'an option twice': ['train: {epochs: 1, epochs: 2}', 'Map keys must be unique'],
  'an unknown option': ['train: {epoch: 2}', '--epoch=2: not an option of "gmm-vae train"'],
  'code of networks made by hand': [
    'train: {network: net.mjs}',
    'network: net.mjs: a sweep takes gated, dense or conv',
  ],
  'an unknown switch that is off': ['train: {quick: false}', '--quick=false: not an option of "gmm-vae train"'],
  'an unknown option of evaluate': [`train: {${T}}\nevaluate: {sample: 3}`, 'not an option of "gmm-vae evaluate"'],
  'an option with dashes': ['train: {--epochs: 2}', '--epochs: write options without dashes'],
  'an alias of nothing': ['train: *nope', 'not YAML: Unresolved alias'],
  'aliases that multiply': [
    `a: &a [${hundred}]\nb: &b [${'*a,'.repeat(99)}*a]\ntrain: {x: *b}`,
    'Excessive alias count',
  ],
  'an unknown tag': ['train: !!js/function "x"', 'Unresolved tag'],
  'an empty list': [`train: {${T}}\ngrid: {seed: []}`, 'grid.seed: expected at least one value'],
  'a value for a list': [`train: {${T}}\ngrid: {seed: 1}`, 'grid.seed: expected a list of values, got 1'],
  'a million trials': [
    `train: {${T}}\ngrid: {seed: [${hundred}], latent: [${hundred}], batch-size: [${hundred}]}`,
    '1000000 combinations: a sweep has at most 10000',
  ],
  'a million draws': [`train: {${T}}\nranges: {latent: [2, 3]}\nsearch: {draws: 1000000}`, 'search.draws'],
  'a word for a number': ['train: {epochs: many}', "--epochs: expected a positive whole number, got 'many'"],
  'a mapping for a number': ['train: {epochs: {a: 1}}', 'train.epochs: expected text, a finite number'],
  'nothing for a number': [
    'train: {epochs: null}',
    'train.epochs: expected text, a finite number, true, false or a list of numbers, got nothing',
  ],
  'a date for a number': ['train: {seed: 2026-11-30}', "--seed: expected a whole number, got '2026-11-30'"],
  'a timestamp for a name': ['train: {data: !!timestamp 2026-11-30}', 'train.data: expected text'],
  infinity: ['train: {learning-rate: .inf}', 'train.learning-rate: expected text, a finite number'],
  'a number beyond all numbers': [
    'train: {epochs: 2,\n learning-rate: 1e999}',
    's.yaml: line 2: 1e999 exceeds the largest number, 1.7976931348623157e+308',
  ],
  'text that is a number beyond all numbers': [
    'train: {learning-rate: "1e999"}',
    "--learning-rate: expected a number > 0, got '1e999'",
  ],
  'yes for a number': ['train: {epochs: true}', 'epochs: expected a value, got true'],
  'no for a name': ['train: {prior: no}', "'no' is invalid. Allowed choices are normal, gmm, vamp"],
  'text for a switch': [
    'train: {sticking-the-landing: "no"}',
    'sticking-the-landing: expected true or false, got "no"',
  ],
  'two lines in a value': ['train: {data: "a\\nb"}', 'data: expected one line, got "a\\nb"'],
  tabs: ['train:\n\tepochs: 1', 'Tabs are not allowed as indentation at line 2'],
  'a bracket left open': ['train: {epochs: 1', 'not YAML'],
  'two documents': [`train: {${T}}\n---\ntrain: {${T}}`, 'expected one document, got several'],
  nothing: ['# no more than a comment', 'the file: expected train, grid and other keys, got nothing'],
  'a list of keys': ['- train', 'the file: expected train, grid and other keys, got ["train"]'],
  'a key without options': ['train:', 'train: expected options and their values, got nothing'],
  'too many threads': ['train: {threads: 1025}', 'threads: expected an integer from 1 to 1024, got 1025'],
  'a core count in words': [`train: {${T}}\nslurm: {cpus-per-task: two}`, 'slurm.cpus-per-task: expected a positive'],
  'data that are not there': [
    'train: {data: no/such/folder}',
    'expected mnist, synthetic or a path of your own; there is no',
  ],
  'an option that the data do not have': [
    'train: {data: synthetic, resize: 8x8}',
    '--resize: synthetic is read as it is',
  ],
  'images to score on that are not there': [
    `train: {${T}}\nevaluate: {data: no/such/folder}`,
    'expected mnist, synthetic or a path of your own; there is no',
  ],
  'images to score on that are nothing to read': [
    `train: {${T}}\nevaluate: {data: s.yaml}`,
    's.yaml: expected a folder, a file of IDX images',
  ],
  'labels of images that are not there': [
    `train: {${T}}\nevaluate: {data: ., labels: y.npy}`,
    '--labels: there is no ',
  ],
  'an option that the images to score on do not have': [
    `train: {${T}}\nevaluate: {resize: 8x8}`,
    '--resize: synthetic is read as it is',
  ],
  'networks of a module to score': [
    `train: {${T}}\nevaluate: {network: net.mjs}`,
    'evaluate.network: a sweep trains no networks that a module makes',
  ],
  'an option that one of its priors has no use for': [
    `train: {${T}, pseudo-inputs: noise}\ngrid: {prior: [vamp, normal]}`,
    '--pseudo-inputs: only --prior vamp has pseudo-inputs, not normal',
  ],
  'something to leave out that no combination has': [
    `train: {${T}}\ngrid: {prior: [normal, gmm]}\nexclude: [{prior: gmm, epochs: 1}, {prior: gm}]`,
    'exclude: no combination has prior gm, so nothing is left out',
  ],
  'more draws of a grid than a sweep may have': [
    `train: {${T}}\ngrid: {seed: [${hundred}]}\nranges: {latent: [2, 3]}\nsearch: {draws: 101}`,
    'search.draws: 101 draws of 100 combinations: a sweep has at most 10000',
  ],
  'a number for a range': [`train: {${T}}\nranges: {latent: 5}`, 'ranges.latent: expected a list of values, or from'],
  'half of a range': [`train: {${T}}\nranges: {latent: {from: 1}}`, 'or from and to, got {"from":1}'],
  'fractions as the ends of whole numbers': [
    `train: {${T}}\nranges: {latent: {from: 2.5, to: 9, integer: true}}`,
    'ranges.latent: expected whole numbers for from and to where integer is set',
  ],
  'a number for ranges': [`train: {${T}}\nranges: 5`, 'ranges: expected options and where to draw them from, got 5'],
  'one entry for those to leave out': [`train: {${T}}\nexclude: {seed: 1}`, 'exclude: expected a list of options and'],
  'no draws': [
    `train: {${T}}\nranges: {latent: [2]}\nsearch: {draws: 0}`,
    'search.draws: expected a whole number from 1 to 10000, got 0',
  ],
  'a cycle and a warm-up': ['train: {kl-cycle: 2, warm-up: 2}', '--kl-cycle: takes the place of --warm-up'],
  'an exclusion of what no trial has': [`train: {${T}}\nexclude: [{sead: 1}]`, 'exclude: sead: neither train, grid'],
} as const;

describe('a file that cannot be meant', () => {
  it.each(Object.entries(REFUSED))(
    'with %s is refused in one line, before anything is written',
    async (_, [yaml, message]) => {
      await write(`${yaml}\n`);
      const { code, err, out } = await run();
      expect([code, out, err.split('\n').length]).toEqual([2, '', 2]);
      expect(err).toContain(message);
      expect(await readdir(cwd)).toEqual(['s.yaml']);
    },
  );

  it('is refused also where an option is for another engine, or for a table', async () => {
    await write(`train: {${T}}\nslurm: {limit: 2}\n`);
    expect(await run('--engine', 'slurm', '--jobs', '2')).toMatchObject({
      code: 2,
      err: 'gmm-vae: --jobs: trials at a time on this machine; with --engine slurm, slurm.limit in the file\n',
    });
    expect(await sweepCommand(cwd, 'collect', 'a', '--json', '--metrics', 'loss')).toMatchObject({
      code: 2,
      err: 'gmm-vae: --metrics: the columns of a table; --json prints every metric\n',
    });
  });

  it('or a folder, is told to Slurm so that sbatch takes no letter of it for a sign of its own', async () => {
    await write(`train: {${T}}\nslurm: {comment: "it's \\"#1\\"", constraint: "a|b", mem: 4G}\n`);
    const script = async (folder: string) =>
      sweepCommand(cwd, 'run', 's.yaml', '--output', folder, '--engine', 'slurm', '--dry-run');
    const { out } = await script("it's 100% #2");
    expect(out).toContain(`#SBATCH --output="${cwd}/it\\'s 100%% \\#2/logs/%A_%a.log"\n`);
    expect(out).toContain(`#SBATCH --comment="it\\'s \\"\\#1\\""\n#SBATCH --constraint=a|b\n#SBATCH --mem=4G\n`);
    expect(out).toContain(`'${cwd}/it'\\''s 100% #2/lists/IDS.txt'`);
    for (const folder of ['a\\b', 'a\nb']) {
      const { code, err } = await script(folder);
      expect([code, err.split('\n').length]).toEqual([2, 2]);
      expect(err).toContain('--output: expected a path without backslashes and line breaks');
    }
  });

  it('is refused also where only Slurm would not take it', async () => {
    for (const [slurm, message] of [
      ['{limit: many}', 'slurm.limit: expected a positive whole number, got "many"'],
      ['{limit: 1.5}', 'slurm.limit: expected a positive whole number, got 1.5'],
      ['{array: 1-2}', 'slurm.array: a sweep says that itself'],
      ['{comment: "a\\nb"}', 'slurm.comment: expected one line'],
      ['[a]', 'slurm: expected options and their values, got ["a"]'],
    ] as const) {
      await write(`train: {${T}}\nslurm: ${slurm}\n`);
      const { code, err } = await run('--engine', 'slurm');
      expect([code, err.split('\n').length]).toEqual([2, 2]);
      expect(err).toContain(message);
    }
    expect(await readdir(cwd)).toEqual(['s.yaml']);
  });

  it('or a folder that is none, is refused in one line', async () => {
    await write(`train: {${T}}\n`);
    await writeFile(join(cwd, 'a'), '');
    await mkdir(join(cwd, 'b'));
    await writeFile(join(cwd, 'b', 'sweep.json'), '{"format": "another"}');
    const refused = async (...args: string[]) => {
      const { code, err } = await sweepCommand(cwd, ...args);
      expect([code, err.split('\n').length], err).toEqual([2, 2]);
      return err;
    };
    expect(await refused('run', 's.yaml', '--output', 'a')).toContain('a: cannot be written: is a file');
    expect(await refused('run', 's.yaml', '--output', 'b')).toContain('not a sweep of gmm-vae');
    expect(await refused('run', '.', '--output', 'c')).toContain('is a folder');
    expect(await refused('run', 'no.yaml', '--output', 'c')).toContain('no such file');
    expect(await refused('status', 'a')).toContain('a: is a file, expected a folder');
    expect(await refused('collect', '.')).toContain('no sweep here');
    expect(await refused('s.yaml', '--output', 'c')).toContain(
      '"gmm-vae sweep run s.yaml --output FOLDER" runs a file',
    );
    expect(await refused('rnu', 's.yaml')).toContain('expected run, status, collect, cancel or retry, got rnu');
  });
});

describe('a file that says it in another way', () => {
  const trialsOf = async (yaml: string) => {
    await write(yaml);
    const { code, out, err } = await run('--dry-run');
    expect(code, err).toBe(0);
    return out.match(/^\S+: gmm-vae train .*$/gm) ?? [];
  };

  it('by anchors, merge keys, a byte order mark or nested lists, is the same', async () => {
    const plain = await trialsOf('train: {data: synthetic, epochs: 1, seed: 2, hidden: [12, 12]}\n');
    expect(await trialsOf('train: {<<: {data: synthetic, epochs: 1}, seed: 2, hidden: "12,12"}\n')).toEqual(plain);
    expect(
      await trialsOf('\ufefftrain: {data: &d synthetic, epochs: 1}\ngrid: {seed: [2], hidden: [[12, 12]]}\n'),
    ).toEqual(plain);
    expect(
      await trialsOf('train: {data: synthetic, epochs: 1}\ngrid: {seed: [2, 2, 2.0], hidden: [[12, 12]]}\n'),
    ).toEqual(plain);
  });

  it('leaves an option out where its list has null, also one that only some priors have a use for', async () => {
    const zip = 'prior: [normal, gmm, vamp], pseudo-inputs: [null, null, noise], covariance: [null, full, null]';
    const trials = await trialsOf(`train: {data: synthetic, epochs: 1}\nzip: {${zip}}\n`);
    expect(trials.map((trial) => /--covariance=(\w+) .*--pseudo-inputs=(\w+) /.exec(trial)?.slice(1))).toEqual([
      ['diagonal', 'images'],
      ['full', 'images'],
      ['diagonal', 'noise'],
    ]);
    // A protocol is for all priors: it takes noise for those that have pseudo-inputs.
    expect(
      await trialsOf(
        'train: {data: synthetic, train-images: 500, validation-images: 100, protocol: vampprior}\ngrid: {prior: [normal, gmm, vamp]}\n',
      ),
    ).toHaveLength(3);
  });

  it('keeps the trials that an earlier version planned, which did not know the newest options', async () => {
    const evaluate = 'evaluate: {samples: 4}';
    await write(`train: {data: synthetic, epochs: 1}\ngrid: {seed: [1, 2]}\n${evaluate}\n`);
    const planned = async () => {
      const { code, out, err } = await run('--dry-run', '--json');
      expect(code, err).toBe(0);
      return JSON.parse(out).trials as { id: string; options: Record<string, unknown>; evaluate: object }[];
    };
    const [first, second] = await planned();
    const { 'free-bits': _young, 'steps-per-run': _younger, ...options } = first?.options ?? {};
    const earlier = 'gmm-s1-0123abcd';
    await mkdir(join(cwd, 'a', 'trials', earlier), { recursive: true });
    const trial = { options, evaluate: first?.evaluate };
    await writeFile(join(cwd, 'a', 'trials', earlier, 'trial.json'), JSON.stringify(trial));
    const sweep = { format: 'gmm-vae sweep', version: 1, trials: [earlier] };
    await writeFile(join(cwd, 'a', 'sweep.json'), JSON.stringify(sweep));
    expect((await planned()).map(({ id }) => id)).toEqual([earlier, second?.id]);
    // Of an option that was set, its absence is another training; and so is another scoring.
    await write(`train: {data: synthetic, epochs: 1, free-bits: 1}\ngrid: {seed: [1, 2]}\n${evaluate}\n`);
    for (const { id } of await planned()) expect(id).not.toBe(earlier);
    await write('train: {data: synthetic, epochs: 1}\ngrid: {seed: [1, 2]}\nevaluate: {samples: 5}\n');
    for (const { id } of await planned()) expect(id).not.toBe(earlier);
  });

  it('names files from the folder in which a trial was planned first, wherever a later run begins', async () => {
    const [one, other] = [join(cwd, 'one'), join(cwd, 'other')];
    for (const folder of [one, other]) {
      await mkdir(join(folder, 'pictures'), { recursive: true });
      await writeFile(join(folder, 'pictures', '1.png'), '');
    }
    const planned = async (from: string) => {
      const run = ['run', '../s.yaml', '--output', '../a', '--engine', 'slurm', '--dry-run', '--json'];
      return JSON.parse((await sweepCommand(from, ...run)).out).trials[0].cwd;
    };
    await write('train: {data: pictures, epochs: 1}\nevaluate: {samples: 1}\n');
    expect([await planned(one), await planned(other)]).toEqual([one, other]);
    const { id, ...trial } = JSON.parse(
      (await sweepCommand(one, 'run', '../s.yaml', '--output', '../a', '--dry-run', '--json')).out,
    ).trials[0];
    await mkdir(join(cwd, 'a', 'trials', id), { recursive: true });
    await writeFile(join(cwd, 'a', 'trials', id, 'trial.json'), JSON.stringify(trial));
    await writeFile(
      join(cwd, 'a', 'sweep.json'),
      JSON.stringify({ format: 'gmm-vae sweep', version: 1, trials: [id] }),
    );
    expect(await planned(other)).toBe(one);
    // Where they are gone, others of the same name do not take their place.
    await rm(join(one, 'pictures'), { recursive: true });
    const gone = await sweepCommand(other, 'run', '../s.yaml', '--output', '../a');
    expect([gone.code, gone.err]).toEqual([2, expect.stringContaining(`there is no ${join(one, 'pictures')}`)]);
    // A name of the package's own, and a whole path, start from nowhere.
    await write(`train: {data: ${join(other, 'pictures')}, epochs: 1}\n`);
    expect(await planned(other)).toBeUndefined();
  });

  it('takes an option of a size as it is typed, through its folder, and a cycle in the place of the warm-up', async () => {
    await mkdir(join(cwd, 'my pictures'));
    await writeFile(join(cwd, 'my pictures', '1.png'), '');
    await writeFile(join(cwd, 'my table.csv'), '');
    const table = 'train: {data: my table.csv, shape: 28x28x3, categorical: "a,b", epochs: 4}\n';
    const [rows = ''] = await trialsOf(table);
    for (const typed of ['--data=my table.csv', '--shape=28x28x3', '--categorical=a,b']) expect(rows).toContain(typed);
    const yaml = 'train: {data: my pictures, resize: 8x8, kl-cycle: 2, epochs: 4}\n';
    const [trial = ''] = await trialsOf(yaml);
    for (const typed of ['--data=my pictures', '--resize=8x8', '--warm-up=0']) expect(trial).toContain(typed);
    // Written by an engine that runs nothing, and read again.
    await write(`${yaml}kubernetes: {image: i, claim: c}\n`);
    const written = await run('--engine', 'kubernetes');
    expect(written.code, written.err).toBe(0);
    const { code, out, err } = await sweepCommand(cwd, 'status', 'a');
    expect([code, out.trim()], err).toEqual([0, `waiting   ${trial.split(':')[0]}`]);
    expect(
      JSON.parse(await readFile(join(cwd, 'a', 'trials', trial.split(':')[0] ?? '', 'trial.json'), 'utf8')),
    ).toMatchObject({
      options: { resize: '8x8' },
    });
  });
});

describe('the sweeps of the docs', () => {
  const dryRun = async (name: string, ...more: string[]) => {
    const { code, out, err } = await sweepCommand(
      cwd,
      'run',
      join(process.cwd(), 'docs/benchmarks/sweeps', name),
      '--output',
      'a',
      '--dry-run',
      ...more,
    );
    expect(code, err).toBe(0);
    return { trials: out.match(/^\S+: gmm-vae train .*$/gm) ?? [], out };
  };

  it('have the trials that the pages say', async () => {
    const thirty = await dryRun('thirty-epochs.yaml', '--engine', 'slurm');
    expect(thirty.trials).toHaveLength(20);
    expect(thirty.out).toContain('#SBATCH --array=0-19%20\n');
    for (const trial of thirty.trials) expect(trial).toContain('--epochs=30 --batch-size=100 --optimizer=adam ');
    const published = await dryRun('published-protocol.yaml');
    expect(published.trials).toHaveLength(12);
    const values = ['--initialiser=he-everywhere', '--pseudo-inputs=noise', '--epochs=2000', '--warm-up=100'];
    for (const value of [...values, '--patience=51', '--optimizer=adam-norm-grad', '--train-images=50000'])
      expect(
        published.trials.filter((trial) => trial.includes(value)),
        value,
      ).toHaveLength(12);
    expect(published.trials.filter((trial) => trial.includes('--fit-prior-after=100'))).toHaveLength(6);
    expect((await dryRun('em-start.yaml')).trials).toHaveLength(4);
    await mkdir(join(cwd, 'mnist-files'));
    await writeFile(join(cwd, 'mnist-files', 'train-images-idx3-ubyte'), '');
    expect((await dryRun('factors.yaml')).trials).toHaveLength(18);
  });
});
