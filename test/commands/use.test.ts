import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { intensities } from '../../src/data/intensities';
import { loadAllImages } from '../../src/data/load';
import { decodeSafetensors } from '../../src/vae/checkpoint/safetensors';
import { writeHubFolder } from '../../src/vae/hub-folder';
import { decode, encode, samplePrior } from '../../src/vae/inference';
import { type LoadedCheckpoint, loadCheckpoint } from '../../src/vae/load';
import { SMALL, vaeCommand } from './vae-command';

let cwd: string;
let loaded: LoadedCheckpoint;
const run = (args: string) => vaeCommand(args.split(' '), { cwd });
const read = async (name: string): Promise<Float32Array> =>
  (await loadAllImages(join(cwd, name))).images as Float32Array;

/** The first test images of the drawn digits, which the trained model takes unless told otherwise. */
const tested = intensities(syntheticDigits({ train: 350, test: 2000, seed: 1 }).test);

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-use-'));
  await vaeCommand(['train', ...SMALL, '--epochs', '1', '--prior', 'gmm', '--components', '3', '--checkpoint', 'run'], {
    cwd,
  });
  loaded = await loadCheckpoint(join(cwd, 'run'));
});
afterAll(async () => {
  loaded.model.dispose();
  await rm(cwd, { recursive: true });
});

const closeTo = (got: ArrayLike<number>, expected: ArrayLike<number>, digits = 5): void => {
  expect(got.length).toBe(expected.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(expected[i] as number, digits);
};

describe('gmm-vae sample', () => {
  it('draws what samplePrior draws, of all or of one component, as numbers or as a picture', async () => {
    const { out, code } = await run('sample --checkpoint run --component 2 --count 5 --seed 7 --output s.npy');
    expect([out, code]).toEqual([`${join(cwd, 's.npy')}\n`, 0]);
    closeTo(await read('s.npy'), samplePrior(loaded.model, { count: 5, seed: 7, component: 2 }).images);
    expect((await run('sample --checkpoint run --count 9 --output s.png')).code).toBe(0);
    const { width, height } = PNG.sync.read(await readFile(join(cwd, 's.png')));
    expect([width, height]).toEqual([3 * 30 + 2, 3 * 30 + 2]);
  });
});

describe('gmm-vae reconstruct and interpolate', () => {
  it('give all images and then all that is made of them as numbers, with nothing to fill up a row of the picture', async () => {
    await run('reconstruct --checkpoint run --count 11 --output r11.npy');
    const numbers = await read('r11.npy');
    const originals = tested.subarray(0, 11 * 784);
    closeTo(numbers.subarray(0, 11 * 784), originals);
    closeTo(numbers.subarray(11 * 784), decode(loaded.model, encode(loaded.model, originals).means));
    await run('reconstruct --checkpoint run --count 11 --output r11.png');
    const { width, height } = PNG.sync.read(await readFile(join(cwd, 'r11.png')));
    expect([width, height]).toEqual([8 * 30 + 2, 4 * 30 + 2]);
  });

  it('decode the codes of test images, and the straight line between two of them', async () => {
    await run('reconstruct --checkpoint run --count 3 --output r.npy');
    const { means } = encode(loaded.model, tested.subarray(0, 3 * 784));
    const pairs = await read('r.npy');
    closeTo(pairs.subarray(0, 3 * 784), tested.subarray(0, 3 * 784));
    closeTo(pairs.subarray(3 * 784), decode(loaded.model, means));
    await run('interpolate --checkpoint run --from 0 --to 2 --steps 3 --output i.npy');
    const middle = [0, 1].map((j) => ((means[j] as number) + (means[4 + j] as number)) / 2);
    closeTo(await read('i.npy'), decode(loaded.model, [...means.subarray(0, 2), ...middle, ...means.subarray(4, 6)]));
  });
});

describe('gmm-vae encode', () => {
  it('writes the same codes as CSV, .npy and safetensors', async () => {
    const { means, stddevs } = encode(loaded.model, tested.subarray(0, 4 * 784));
    for (const name of ['c.csv', 'c.npy', 'c.safetensors']) {
      expect((await run(`encode --checkpoint run --limit 4 --output ${name}`)).code).toBe(0);
    }
    const [head, ...rows] = (await readFile(join(cwd, 'c.csv'), 'utf8')).trim().split('\n');
    expect(head).toBe('image,class,component,mean1,mean2,stddev1,stddev2');
    const cells = rows.map((row) => row.split(',').map(Number));
    closeTo(
      cells.flatMap((row) => row.slice(3, 5)),
      means,
    );
    closeTo(
      cells.flatMap((row) => row.slice(5)),
      stddevs,
    );
    closeTo(await read('c.npy'), means);
    const tensors = decodeSafetensors(await readFile(join(cwd, 'c.safetensors')), 'c');
    closeTo(tensors.get('mean')?.values ?? [], means);
    expect([...(tensors.get('component')?.values ?? [])]).toEqual(cells.map((row) => row[2]));
    expect([...(tensors.get('label')?.values ?? [])]).toEqual(cells.map((row) => row[1]));
  });
});

describe('gmm-vae export', () => {
  it('writes a folder that ONNX Runtime and any reader of safetensors take', async () => {
    expect((await run('export --checkpoint run --output hub')).code).toBe(0);
    const folder = join(cwd, 'hub');
    expect((await readdir(folder)).sort()).toEqual([
      'README.md',
      'config.json',
      'decoder.onnx',
      'encoder.onnx',
      'model.safetensors',
    ]);
    const encoder = await ort.InferenceSession.create(join(folder, 'encoder.onnx'));
    const x = tested.subarray(0, 2 * 784);
    const { mean } = await encoder.run({ images: new ort.Tensor('float32', x, [2, 784]) });
    closeTo(mean?.data as Float32Array, encode(loaded.model, x).means);
    const tensors = decodeSafetensors(await readFile(join(folder, 'model.safetensors')), 'model');
    for (const [name, variable] of loaded.model.variables) {
      expect(tensors.get(name)).toEqual({ shape: variable.shape, values: variable.dataSync() });
    }
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'gmm-vae',
      latent: 2,
      image: { height: 28, width: 28, channels: 1 },
    });
  });
});

describe('a folder that gmm-vae export writes to', () => {
  const names = ['README.md', 'config.json', 'decoder.onnx', 'encoder.onnx', 'model.safetensors'];
  const textOf = (folder: string, name: string) => readFile(join(cwd, folder, name), 'utf8');

  it('keeps what is of no export: a project, or a model of another library', async () => {
    for (const [name, text] of [
      ['README.md', '# My project\n'],
      ['config.json', '{"model_type": "bert"}'],
      ['model.safetensors', 'weights'],
    ] as const) {
      await mkdir(join(cwd, `of-${name}`));
      await writeFile(join(cwd, `of-${name}`, name), text);
      const { code, err } = await run(`export --checkpoint run --output of-${name}`);
      expect(code).toBe(2);
      expect(err).toContain(`has a ${name} that is not of an export and would be lost: name another folder\n`);
      expect(await readdir(join(cwd, `of-${name}`))).toEqual([name]);
      expect(await textOf(`of-${name}`, name)).toBe(text);
    }
  });

  it('has an earlier export replaced, but for a README that somebody has edited', async () => {
    await run('export --checkpoint run --output again');
    const path = join(cwd, 'again', 'README.md');
    const first = await textOf('again', 'README.md');
    await writeFile(path, first.replace('\n1 epochs on', '\n1009 epochs on'));
    const { out, err } = await run('export --checkpoint run --output again');
    expect([out, err]).toEqual([expect.stringContaining('README.md'), '']);
    expect(await textOf('again', 'README.md')).toBe(first);
    await writeFile(path, `${first}\nLicence: MIT\n`);
    await writeFile(join(cwd, 'again', 'decoder.onnx'), '');
    const kept = await run('export --checkpoint run --output again');
    expect([kept.code, kept.out.includes('README.md')]).toEqual([0, false]);
    expect(kept.err).toContain('README.md was edited and is kept');
    expect(await textOf('again', 'README.md')).toContain('Licence: MIT');
    expect((await readFile(join(cwd, 'again', 'decoder.onnx'))).length).toBeGreaterThan(1000);
    expect((await readdir(join(cwd, 'again'))).sort()).toEqual(names);
  });

  it('says what numbers the encoder takes, and what they mean', async () => {
    const { manifest, model } = loaded;
    const columns = [{ name: 'age', start: 0, levels: null }];
    const of = (likelihood: 'bernoulli' | 'student-t') =>
      writeHubFolder(join(cwd, likelihood), model, {
        ...manifest,
        model: { ...manifest.model, likelihood },
        data: { ...manifest.data, train: { ...manifest.data.train, ...(likelihood === 'student-t' && { columns }) } },
      });
    await of('bernoulli');
    expect(await textOf('bernoulli', 'README.md')).toContain('`images` [n, 784] in [0, 1] →');
    expect(JSON.parse(await textOf('bernoulli', 'config.json'))).not.toHaveProperty('columns');
    await of('student-t');
    expect(await textOf('student-t', 'README.md')).not.toContain('[0, 1]');
    expect(await textOf('student-t', 'README.md')).toContain(
      '`images` [n, 784] as they are in the data, not standardised',
    );
    expect(JSON.parse(await textOf('student-t', 'config.json'))).toMatchObject({ columns });
  });
});

describe('what cannot be used', () => {
  it('is refused in one line', async () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['sample --checkpoint run --output s.gif', /--output: expected a file that ends in \.png, \.npy, got 's\.gif'/],
      ['sample --checkpoint run --component 3 --output s.png', /component: expected 0 to 2, got 3/],
      ['sample --checkpoint run --count 1000000000 --output s.png', /count: expected an array of at most \d+ numbers/],
      ['interpolate --checkpoint run --steps 1000000000 --output s.png', /steps: expected an array of at most \d+ num/],
      ['sample --checkpoint none --output s.png', /no checkpoint here/],
      ['interpolate --checkpoint run --to 2000 --output i.png', /--to: expected 0 to 1999/],
      ['interpolate --checkpoint run --steps 1 --output i.png', /--steps: expected at least 2/],
      ['encode --checkpoint run --data nowhere --output c.csv', /--data: expected mnist, synthetic or a path/],
      ['encode --checkpoint none --output nowhere/c.csv', /nowhere\/c\.csv: cannot be written: there is no folder/],
      ['sample --checkpoint none --output nowhere/s.png', /nowhere\/s\.png: cannot be written: there is no folder/],
      [
        'sample --checkpoint none --output run/last.json/s.png',
        /last\.json\/s\.png: cannot be written: .*last\.json is a file, expected a folder/,
      ],
      ['export --checkpoint run --output run/last.json/x', /last\.json\/x: cannot be written/],
    ];
    for (const [args, message] of cases) {
      const { err, out, code } = await run(args);
      expect(err).toMatch(message);
      expect([out, code, err.trim().split('\n').length]).toEqual(['', 2, 1]);
    }
  });
});
