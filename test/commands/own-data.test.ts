import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { npy } from '../data/npy-for-tests';
import { vaeCommand } from './vae-command';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-own-'));
  const { images, labels } = syntheticDigits({ train: 120, test: 1, seed: 1 }).train;
  for (let i = 0; i < 120; i++) {
    const png = new PNG({ width: 28, height: 28 });
    for (let at = 0; at < 784; at++) png.data.fill(images[784 * i + at] as number, 4 * at, 4 * at + 3);
    for (let at = 0; at < 784; at++) png.data[4 * at + 3] = 255;
    const folder = join(cwd, 'digits', `digit ${labels[i]}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${i}.png`), PNG.sync.write(png, { colorType: 0, inputColorType: 6 }));
  }
  await writeFile(join(cwd, 'x.npy'), npy('|u1', [60, 28, 28], images.subarray(0, 60 * 784)));
});
afterAll(() => rm(cwd, { recursive: true }));

const SMALL = '--latent 2 --hidden 8 --batch-size 20 --components 3 --threads 1'.split(' ');
const run = (args: string) => vaeCommand(args.split(' '), { cwd });
const train = (args: string) => vaeCommand(['train', ...args.split(' '), ...SMALL, '--json'], { cwd });

describe('a folder of pictures', () => {
  it('is trained on, resumed with nothing typed again, and scored on what was held out', async () => {
    const first = await train('--data digits --resize 8 --epochs 1 --checkpoint run');
    expect([first.code, first.err.includes('warning')]).toEqual([0, false]);
    const more = await run('train --resume --checkpoint run --epochs 2 --json');
    expect([more.code, JSON.parse(more.out).last.epoch]).toEqual([0, 2]);
    const scored = JSON.parse((await run('evaluate --checkpoint run --samples 5 --json')).out);
    expect([scored.nll > 0, scored.clusterAccuracy >= 0.1]).toEqual([true, true]);
    expect((await run('evaluate --checkpoint run --samples 5')).out).toContain('(12 test images, 5 samples each)');
    // Moved, it is the same training; with another split it is not.
    await rename(join(cwd, 'digits'), join(cwd, 'moved'));
    const moved = await run('train --resume --checkpoint run --data moved --epochs 3 --json');
    expect([moved.err, moved.code]).toEqual([expect.not.stringContaining('gmm-vae: '), 0]);
    const other = await run('train --resume --checkpoint run --data moved --split-seed 2 --epochs 4');
    expect(other.err).toMatch(
      /its training has --data moved train \(\d+ images, SHA-256 \w{8}…\), not moved train \(\d+ images, SHA-256 \w{8}…\): /,
    );
    await rename(join(cwd, 'moved'), join(cwd, 'digits'));
  });

  it('without labels, as another path, is scored whole, and cluster measures are null', async () => {
    await train('--data digits --epochs 1 --checkpoint plain');
    const { out, code } = await run('evaluate --checkpoint plain --data x.npy --samples 5 --json');
    expect([code, JSON.parse(out).clusterAccuracy, JSON.parse(out).nmi]).toEqual([0, null, null]);
    const said = (await run('evaluate --checkpoint plain --data x.npy --samples 5')).out;
    expect(said).toContain('(60 test images, 5 samples each)');
    expect(said).toContain('clusters: the images have no labels to compare them with');
  });
});

describe('bits that are kept as bytes', () => {
  it('are trained on with a warning, and without one once white is named or a byte is larger', async () => {
    const bits = (most: number) => Uint8Array.from({ length: 40 * 16 }, (_, i) => (i === 639 ? most : i % 2));
    await writeFile(join(cwd, 'bits.npy'), npy('|u1', [40, 4, 4], bits(1)));
    await writeFile(join(cwd, 'more.npy'), npy('|u1', [40, 4, 4], bits(2)));
    const warning = 'warning: bytes 0 and 1 only: they count as intensities 0 and 1/255; say --white 1 if 1 is white\n';
    const said = async (args: string) => (await train(`${args} --epochs 1`)).err;
    expect(await said('--data bits.npy')).toContain(warning);
    expect(await said('--data bits.npy --white 1')).not.toContain('warning');
    // Which images are held out is drawn; the larger byte is in the last one.
    expect(await said('--data more.npy --validation-images 1')).not.toContain('warning');
  });
});

describe('pictures in colour', () => {
  it('of an odd size are trained on by convolutions and a mixture of logistics, resumed, scored, drawn, encoded and exported', async () => {
    const pixels = Uint8Array.from({ length: 60 * 7 * 5 * 3 }, (_, i) => (i * 89) % 256);
    await writeFile(join(cwd, 'colour.npy'), npy('|u1', [60, 7, 5, 3], pixels));
    const options =
      '--data colour.npy --network conv --feature-maps 3,4 --likelihood logistic-mixture --mixtures 2 --latent 2 --batch-size 20 --threads 1';
    const first = await run(`train ${options} --epochs 1 --checkpoint colour --json`);
    expect([first.code, first.err.includes('gmm-vae: ')]).toEqual([0, false]);
    // To name a default makes no other training.
    const more = await run('train --resume --checkpoint colour --residual-blocks 1 --epochs 2 --json');
    expect([more.code, JSON.parse(more.out).last.epoch]).toEqual([0, 2]);
    const inOneGo = await run(`train ${options} --epochs 2 --checkpoint whole --json`);
    expect(JSON.parse(inOneGo.out).last.loss).toBe(JSON.parse(more.out).last.loss);
    const { nll, bitsPerDimension } = JSON.parse((await run('evaluate --checkpoint colour --samples 5 --json')).out);
    expect(bitsPerDimension).toBeCloseTo(nll / 105 / Math.LN2, 10);
    // Near the 8 bits that a byte has when nothing is known of it.
    expect(bitsPerDimension).toBeGreaterThan(4);
    expect(bitsPerDimension).toBeLessThan(12);
    for (const use of ['sample', 'reconstruct', 'interpolate', 'encode', 'export']) {
      const output = { encode: 'codes.csv', export: 'hub' }[use] ?? `${use}.png`;
      expect((await run(`${use} --checkpoint colour --output ${output}`)).code).toBe(0);
    }
  });
});

describe('a posterior that is no normal', () => {
  it.each(['--flow planar --flow-length 2', '--flow iaf --flow-units 9 --flow-length 2', '--hierarchy 3'])(
    '%s is trained, resumed to the same bits, scored, encoded and exported',
    async (posterior) => {
      const pixels = Uint8Array.from({ length: 60 * 16 }, (_, i) => (i * 89) % 256);
      await writeFile(join(cwd, 'small.npy'), npy('|u1', [60, 4, 4], pixels));
      const options = `--data small.npy --prior gmm --components 3 --latent 2 --hidden 9 --batch-size 20 --threads 1 ${posterior}`;
      const [once, twice] = ['once', 'twice'].map((times) => `${posterior.replaceAll(' ', '')}-${times}`);
      const whole = await run(`train ${options} --epochs 2 --checkpoint ${once} --json`);
      expect([whole.code, whole.err.includes('gmm-vae: ')]).toEqual([0, false]);
      await run(`train ${options} --epochs 1 --checkpoint ${twice} --json`);
      const resumed = await run(`train --resume --epochs 2 --checkpoint ${twice} --json`);
      expect(JSON.parse(resumed.out).last.loss).toBe(JSON.parse(whole.out).last.loss);
      const { nll, elbo } = JSON.parse((await run(`evaluate --checkpoint ${once} --samples 5 --json`)).out);
      expect(-nll).toBeGreaterThan(elbo);
      for (const use of ['sample', 'reconstruct', 'interpolate', 'encode', 'export']) {
        const output = { encode: 'codes.csv', export: 'hub' }[use] ?? `${use}.png`;
        expect((await run(`${use} --checkpoint ${once} --output ${output}`)).code).toBe(0);
      }
    },
  );
});

describe('what cannot be trained on', () => {
  it('is refused in one line', async () => {
    await writeFile(join(cwd, 'bad.csv'), 'a,b\n1,2\n3,x\n5,6\n');
    await writeFile(join(cwd, 'wide.csv'), 'a,b\n1,2\n3,4\n5,6\n7,8\n9,10\n11,12\n');
    const cases: readonly (readonly [string, RegExp])[] = [
      ['--data bad.csv', /bad\.csv: line 3, column b: expected a finite number, got "x"/],
      ['--data wide.csv --batch-size 2', /data\.images\[\d\]: expected an intensity in \[0, 1\]/],
      ['--data mnist --resize 8', /--resize: mnist is read as it is/],
      ['--data digits --resize 8y9', /--resize: expected height x width in pixels/],
      ['--data digits --test-share 2', /--test-share: expected a number between 0 and 1/],
      ['--data digits --validation-images 108', /validation: expected 1 to 107|more than the 108 images/],
    ];
    for (const [args, message] of cases) {
      const { err, code } = await run(`train ${args}`);
      expect(err).toMatch(message);
      expect([code, err.trim().split('\n').length]).toEqual([2, 1]);
    }
  });
});

describe('images of as many pixels in another shape', () => {
  it('are no test images, but the rows of a table are', async () => {
    const pixels = Uint8Array.from({ length: 40 * 24 }, (_, i) => (i * 89) % 256);
    const shapes = { tall: [40, 6, 4], wide: [40, 4, 6], colour: [40, 4, 2, 3], rows: [40, 24] };
    for (const [name, shape] of Object.entries(shapes))
      await writeFile(join(cwd, `${name}.npy`), npy('|u1', shape, pixels));
    expect((await train('--data tall.npy --epochs 1 --checkpoint tall')).code).toBe(0);
    const score = (name: string) => run(`evaluate --checkpoint tall --data ${name}.npy --samples 2`);
    for (const [name, shape] of [
      ['wide', '4×6'],
      ['colour', '4×2×3'],
    ] as const) {
      const { code, err } = await score(name);
      expect([code, err]).toEqual([2, `--data: expected images of 6×4, as for the training, got ${shape}\n`]);
    }
    expect((await score('rows')).code).toBe(0);
  });
});

describe('a table of its own for testing', () => {
  /** The rows as text, columns in this order. */
  const table = (order: readonly ('x' | 'y' | 'c')[], names: readonly string[]): string => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ x: i / 40, y: 90 + i, c: names[i % names.length] as string }));
    return [order, ...rows.map((row) => order.map((name) => row[name]))].map((cells) => cells.join()).join('\n');
  };

  it('is scored by what its columns and categories are called, not by where they stand', async () => {
    const files = {
      'table.csv': table(['x', 'y', 'c'], ['blue', 'green', 'red', 'green']),
      'same.csv': table(['x', 'y', 'c'], ['blue', 'green', 'red', 'green']),
      'swapped.csv': table(['c', 'y', 'x'], ['blue', 'green', 'red', 'green']),
      'green.csv': table(['x', 'y', 'c'], ['green']),
      'green-too.csv': table(['y', 'c', 'x'], ['green']),
      'other.csv': table(['x', 'y', 'c'], ['blue', 'green', 'yellow']),
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    await train('--data table.csv --categorical c --likelihood normal --epochs 2 --checkpoint table');
    const score = (name: string) => run(`evaluate --checkpoint table --data ${name} --samples 5 --json`);
    const nll = async (name: string): Promise<number> => JSON.parse((await score(name)).out).nll;
    expect(await nll('swapped.csv')).toBe(await nll('same.csv'));
    expect(await nll('green-too.csv')).toBe(await nll('green.csv'));
    const { code, err } = await score('other.csv');
    expect([code, err]).toEqual([2, expect.stringContaining('"yellow" is no category that the model was trained on')]);
  });
});
