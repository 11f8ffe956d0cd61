import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writePictures } from '../../src/data/formats/write-pictures';
import { imagesFromArray } from '../../src/data/from-code';
import { syntheticDigits } from '../../src/data/glyphs';
import { encodeIdx } from '../../src/data/idx';
import { intensities } from '../../src/data/intensities';
import { loadAllImages, loadImages } from '../../src/data/load';
import { bytesOf, npy } from './npy-for-tests';
import { zip } from './zip-for-tests';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-load-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes files by name into a folder of their own; returns its path. */
async function files(name: string, contents: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  for (const [file, bytes] of Object.entries(contents)) {
    const path = join(folder, name, file);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
  }
  return join(folder, name);
}

const ramp = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (from + i) % 256);

/** A grey picture written by another library than the one that reads it. */
function greyPng(height: number, width: number, pixels: ArrayLike<number>): Uint8Array {
  const png = new PNG({ width, height });
  for (let i = 0; i < height * width; i++) png.data.set([pixels[i], pixels[i], pixels[i], 255] as number[], 4 * i);
  return PNG.sync.write(png, { colorType: 0, inputColorType: 6 });
}

describe('arrays that are called train and test and nothing else', () => {
  const train = { 'train.npy': npy('|u1', [4, 2], ramp(8)) };
  const test = { 'test.npy': npy('|u1', [2, 2], ramp(4, 50)) };
  const archive = (name: string, arrays: Readonly<Record<string, Uint8Array>>) =>
    files(name, { 'a.npz': zip(Object.entries(arrays).map(([file, contents]) => ({ name: file, contents }))) });

  it('are taken at their word, in a folder and in an archive, with labels of their own', async () => {
    const all = { ...train, ...test, 'y_train.npy': npy('|u1', [4], Uint8Array.of(0, 1, 1, 0)) };
    for (const path of [await files('parts', all), join(await archive('parts-npz', all), 'a.npz')]) {
      const read = await loadImages(path);
      expect([read.split, read.train.images, read.test.images, read.notes]).toEqual([
        'files',
        ramp(8),
        ramp(4, 50),
        [],
      ]);
      expect([...(read.train.labels as Uint8Array)]).toEqual([0, 1, 1, 0]);
    }
  });

  it('are tested on beside an array without a part, which is trained on', async () => {
    const read = await loadImages(await files('parts-data', { ...test, 'data.npy': npy('|u1', [4, 2], ramp(8)) }));
    expect([read.split, read.train.images, read.test.images, read.notes]).toEqual(['files', ramp(8), ramp(4, 50), []]);
  });

  it('are left alone beside images of that part, and noted', async () => {
    const read = await loadImages(
      await files('parts-beside', { ...train, ...test, 'x_train.npy': npy('|u1', [3, 2], ramp(6, 9)) }),
    );
    expect(read.train.images).toEqual(ramp(6, 9));
    expect(read.notes).toEqual(['train: neither images nor labels by its name, left alone']);
  });
});

describe('IDX files', () => {
  const images = (count: number, from = 0) => encodeIdx({ shape: [count, 3, 2], values: ramp(6 * count, from) });
  const labels = (values: number[]) => encodeIdx({ shape: [values.length], values: Uint8Array.from(values) });

  it('of any size are read in pairs, packed or not, training beside test images', async () => {
    const path = await files('idx', {
      'train-images-idx3-ubyte': images(4),
      'train-labels-idx1-ubyte.gz': gzipSync(labels([0, 1, 2, 0])),
      't10k-images-idx3-ubyte.gz': gzipSync(images(2, 100)),
      't10k-labels-idx1-ubyte': labels([1, 2]),
    });
    for (const named of [path, join(path, 'train-images-idx3-ubyte')]) {
      const { train, test, split } = await loadImages(named);
      expect([train.count, train.height, train.width, split]).toEqual([4, 3, 2, 'files']);
      expect([train.images, [...(train.labels as Uint8Array)]]).toEqual([ramp(24), [0, 1, 2, 0]]);
      expect([test.images, [...(test.labels as Uint8Array)]]).toEqual([ramp(12, 100), [1, 2]]);
    }
  });

  it('with labels from 1 on, as those of EMNIST’s letters, are counted from 0 and keep their names', async () => {
    const path = await files('letters', {
      'emnist-letters-train-images-idx3-ubyte': images(3),
      'emnist-letters-train-labels-idx1-ubyte': labels([26, 1, 26]),
    });
    const set = await loadAllImages(path);
    expect([[...(set.labels as Uint8Array)], set.classes]).toEqual([
      [1, 0, 1],
      ['1', '26'],
    ]);
  });

  it('of bits are brought to black and white by the number that is white', async () => {
    const bits = encodeIdx({ shape: [2, 1, 2], values: Uint8Array.of(0, 1, 1, 0) });
    const path = await files('bits', { 'train-images-idx3-ubyte': bits });
    expect((await loadAllImages(path, { white: 1 })).images).toEqual(Uint8Array.of(0, 255, 255, 0));
  });

  it('are read with what holds of other files, where they have a use for it', async () => {
    const path = await files('other', { 'train-images-idx3-ubyte': images(2) });
    const set = await loadAllImages(path, {}, { resize: { height: 9, width: 9 }, white: 51 });
    expect([set.height, set.width, set.images]).toEqual([3, 2, ramp(12).map((byte) => 5 * byte)]);
  });

  it('that are there packed and unpacked have to be named, and are then read as named', async () => {
    const path = await files('twice', {
      'train-images-idx3-ubyte': images(4),
      'train-images-idx3-ubyte.gz': gzipSync(images(5)),
      'train-labels-idx1-ubyte': labels([0, 1, 2, 0]),
      't10k-images-idx3-ubyte': images(2),
      't10k-images-idx3-ubyte.gz': gzipSync(images(3)),
    });
    await expect(loadImages(path)).rejects.toThrow(/a second set of .* name one file$/);
    const { train, test } = await loadImages(join(path, 'train-images-idx3-ubyte'));
    expect([train.count, test.count]).toEqual([4, 2]);
    await expect(loadImages(join(path, 'train-images-idx3-ubyte.gz'))).rejects.toThrow(
      'train-labels-idx1-ubyte: expected one label for each of 5 images, got 4',
    );
  });

  it('of several sets in one folder have to be named', async () => {
    const path = await files('emnist', {
      'emnist-letters-train-images-idx3-ubyte': images(2),
      'emnist-digits-train-images-idx3-ubyte': images(3),
    });
    await expect(loadImages(path)).rejects.toThrow(/a second set of train images .* name one file$/);
    expect((await loadAllImages(join(path, 'emnist-digits-train-images-idx3-ubyte'))).count).toBe(3);
  });
});

describe('NumPy arrays', () => {
  it('of bytes are intensities, with labels of any whole type in another file', async () => {
    const path = await files('npy', {
      'x.npy': npy('|u1', [4, 2, 3], ramp(24)),
      'y.npy': npy('<i8', [4, 1], bytesOf(BigInt64Array.of(7n, -1n, 7n, 3n))),
    });
    const set = await loadAllImages(join(path, 'x.npy'), { labels: join(path, 'y.npy') });
    expect(set).toMatchObject({ count: 4, height: 2, width: 3, channels: 1, classes: ['-1', '3', '7'] });
    expect([set.images, [...(set.labels as Uint8Array)]]).toEqual([ramp(24), [2, 0, 2, 1]]);
  });

  it('of floats are numbers as they are, in float16, float32 and float64', async () => {
    const halves = Uint16Array.of(0x3c00, 0x3800, 0x0001, 0xc000); // 1, 0.5, 2^−24, −2
    const types = {
      '<f2': [bytesOf(halves), [1, 0.5, 2 ** -24, -2]],
      '<f4': [bytesOf(Float32Array.of(1, 0.1, 0, -2)), [1, Math.fround(0.1), 0, -2]],
      '<f8': [bytesOf(Float64Array.of(1, 0.1, 0, -2)), [1, Math.fround(0.1), 0, -2]],
    } as const;
    for (const [descr, [bytes, values]] of Object.entries(types)) {
      const path = await files('floats', { 'x.npy': npy(descr, [2, 2], bytes) });
      const set = await loadAllImages(join(path, 'x.npy'));
      expect([set.height, set.width, [...(set.images as Float32Array)]]).toEqual([1, 2, [...values]]);
    }
  });

  it('become intensities by the number that is white', async () => {
    const path = await files('white', {
      'bits.npy': npy('|u1', [2, 3], Uint8Array.of(0, 1, 1, 0, 0, 1)),
      'grey.npy': npy('<f4', [2, 2], bytesOf(Float32Array.of(0, 51, 102, 255))),
      'tenths.npy': npy('<f4', [2, 2], bytesOf(Float32Array.of(0, 1, 5, 10))),
    });
    const of = async (name: string, white: number) => (await loadAllImages(join(path, name), { white })).images;
    expect(await of('bits.npy', 1)).toEqual(Uint8Array.of(0, 255, 255, 0, 0, 255));
    expect(await of('grey.npy', 255)).toEqual(Uint8Array.of(0, 51, 102, 255));
    expect(await of('tenths.npy', 10)).toEqual(Float32Array.of(0, 0.1, 0.5, 1));
  });

  it('in an archive, or in a folder, are paired by their names', async () => {
    const arrays = {
      'x_train.npy': npy('|u1', [3, 2, 2, 3], ramp(36)),
      'y_train.npy': npy('|u1', [3], Uint8Array.of(0, 2, 1)),
      'x_test.npy': npy('|u1', [1, 2, 2, 3], ramp(12, 50)),
      'y_test.npy': npy('|u1', [1], Uint8Array.of(2)),
    };
    const archive = zip(Object.entries(arrays).map(([name, contents]) => ({ name, contents })));
    const path = await files('arrays', arrays);
    for (const where of [path, join(await files('npz', { 'a.npz': archive }), 'a.npz')]) {
      const { train, test } = await loadImages(where);
      expect(train).toMatchObject({ count: 3, height: 2, width: 2, channels: 3 });
      expect([Uint8Array.from(train.images as Uint8Array), [...(train.labels as Uint8Array)]]).toEqual([
        ramp(36),
        [0, 2, 1],
      ]);
      expect([Uint8Array.from(test.images as Uint8Array), [...(test.labels as Uint8Array)]]).toEqual([
        ramp(12, 50),
        [2],
      ]);
    }
  });
});

describe('folders of pictures', () => {
  it('give classes by sub-folder and splits by the folders above them', async () => {
    const path = await files('split', {
      'train/b/1.png': greyPng(2, 2, [1, 2, 3, 4]),
      'train/a/2.png': greyPng(2, 2, [5, 6, 7, 8]),
      'test/b/3.png': greyPng(2, 2, [9, 10, 11, 12]),
      'test/.hidden/4.png': 'not looked at',
    });
    const { train, test, split } = await loadImages(path);
    expect([split, train.classes, [...(train.labels as Uint8Array)]]).toEqual(['files', ['a', 'b'], [0, 1]]);
    expect([...(train.images as Uint8Array)]).toEqual([5, 6, 7, 8, 1, 2, 3, 4]);
    expect([[...(test.images as Uint8Array)], [...(test.labels as Uint8Array)]]).toEqual([[9, 10, 11, 12], [1]]);
  });

  it('may have a class that is called test', async () => {
    const path = await files('classes', {
      'test/1.png': greyPng(1, 1, [1]),
      'exam/2.png': greyPng(1, 1, [2]),
    });
    expect((await loadAllImages(path)).classes).toEqual(['exam', 'test']);
  });

  it('to train and to test on are not classes of what lies beside them', async () => {
    const path = await files('beside', {
      'train/a/1.png': greyPng(1, 1, [1]),
      'test/a/2.png': greyPng(1, 1, [2]),
      'more/3.png': greyPng(1, 1, [3]),
    });
    await expect(loadImages(path)).rejects.toThrow(/more\/3\.png lies beside folders for .+: move it into one of them/);
    const held = await files('held', {
      'train/a/1.png': greyPng(1, 1, [1]),
      'val/a/2.png': greyPng(1, 1, [2]),
      'logo.png': greyPng(1, 1, [3]),
    });
    await expect(loadImages(held)).rejects.toThrow('logo.png lies beside folders for train and validation: move it');
  });

  it('are read from PNG, JPEG and WebP, cut from the middle, scaled and made grey', async () => {
    const flat = (type: 'png' | 'jpeg' | 'webp', height: number, width: number) =>
      sharp({ create: { width, height, channels: 3, background: { r: 200, g: 100, b: 50 } } })
        [type]({ quality: 100 })
        .toBuffer();
    const path = await files('formats', {
      'a/1.png': await flat('png', 12, 20),
      'a/2.jpg': await flat('jpeg', 9, 9),
      'b/3.webp': await flat('webp', 30, 10),
    });
    const colour = await loadAllImages(path, { crop: { height: 8, width: 9 }, resize: { height: 4, width: 4 } });
    expect(colour).toMatchObject({ count: 3, height: 4, width: 4, channels: 3 });
    const expected = [200, 100, 50];
    expect((colour.images as Uint8Array).every((value, i) => Math.abs(value - (expected[i % 3] as number)) <= 3)).toBe(
      true,
    );
    const grey = await loadAllImages(path, { resize: { height: 4, width: 4 }, grey: true });
    // Luminance of sRGB (Rec. 709) on linear light, and back: 0.2126 R + 0.7152 G + 0.0722 B.
    const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const y = 0.2126 * linear(200) + 0.7152 * linear(100) + 0.0722 * linear(50);
    const level = 255 * (1.055 * y ** (1 / 2.4) - 0.055);
    expect(grey.channels).toBe(1);
    expect((grey.images as Uint8Array).every((value) => Math.abs(value - level) <= 3)).toBe(true);
  });

  it('cut from the middle, pixel by pixel', async () => {
    const path = await files('middle', { 'a/1.png': greyPng(4, 5, ramp(20)), 'a/2.png': greyPng(4, 5, ramp(20)) });
    const { images } = await loadAllImages(path, { crop: { height: 2, width: 3 } });
    expect([...(images as Uint8Array)].slice(0, 6)).toEqual([6, 7, 8, 11, 12, 13]);
  });
});

describe('pictures that are written', () => {
  it('are read back as they were, with their classes', async () => {
    const { train } = syntheticDigits({ train: 30, test: 1, seed: 1 });
    const path = join(folder, 'written');
    await writePictures({ ...train, classes: [...'abcdefghij'] }, path);
    const back = await loadAllImages(path);
    // Read in the order of the folders: class by class.
    const order = Array.from({ length: 30 }, (_, i) => i).sort(
      (a, b) => (train.labels[a] as number) - (train.labels[b] as number) || a - b,
    );
    const expected = order.flatMap((i) => [...train.images.subarray(784 * i, 784 * (i + 1))]);
    expect(back).toMatchObject({ count: 30, height: 28, width: 28, channels: 1, classes: [...'abcdefghij'] });
    expect(Buffer.compare(back.images as Uint8Array, Buffer.from(expected))).toBe(0);
    expect([...(back.labels as Uint8Array)]).toEqual(order.map((i) => train.labels[i]));
    const colours = {
      name: 'rgb',
      count: 1,
      height: 1,
      width: 2,
      channels: 3,
      images: Float32Array.of(0, 0.2, 1, 0.4, 0.6, 0.8),
      labels: null,
    };
    await writePictures(colours, join(folder, 'colours'));
    expect([...((await loadAllImages(join(folder, 'colours'))).images as Uint8Array)]).toEqual([
      0, 51, 255, 102, 153, 204,
    ]);
    await expect(writePictures({ ...train, classes: ['..', ...'bcdefghij'] }, path)).rejects.toThrow(
      'expected a name that a folder can have',
    );
  });

  it('are alone in their folder, so that none of an earlier set is read back with them', async () => {
    const path = join(folder, 'again');
    const of = (labels: string[]) =>
      imagesFromArray(new Uint8Array(4 * labels.length), { shape: [labels.length, 2, 2], labels });
    await writePictures(of(['a', 'b', 'a']), path);
    await writePictures(of(['a', 'b', 'a']), path);
    await expect(writePictures(of(['a', 'b']), path)).rejects.toThrow(
      `${path}: holds other pictures (${join('a', '2.png')}): empty it, or name another folder`,
    );
    await expect(writePictures(of(['b', 'b', 'a']), path)).rejects.toThrow(
      `holds other pictures (${join('a', '0.png')})`,
    );
    expect((await loadAllImages(path)).count).toBe(3);
  });

  it.each([1.5, -0.25])('are intensities: %d would become black or white', async (value) => {
    const set = imagesFromArray([0, 1, 0.5, value], { shape: [2, 1, 2] });
    await expect(writePictures(set, join(folder, 'clamped'))).rejects.toThrow(
      `set.images: image 1, number 1: expected an intensity from 0 to 1, got ${value}`,
    );
  });
});

describe('tables', () => {
  const rows = ['a,kind,b,class', '0.5,x,1,cat', '-2,y,1e3,dog', '7,x,0,cat'].join('\n');

  it('give numbers, categories as one number each, and classes', async () => {
    const path = join(await files('csv', { 't.csv': rows }), 't.csv');
    const set = await loadAllImages(path, { labelColumn: 'class', categorical: ['kind'] });
    expect(set.columns).toEqual([
      { name: 'a', start: 0, levels: null },
      { name: 'kind', start: 1, levels: ['x', 'y'] },
      { name: 'b', start: 3, levels: null },
    ]);
    expect([...(set.images as Float32Array)]).toEqual([0.5, 1, 0, 1, -2, 0, 1, 1000, 7, 1, 0, 0]);
    expect([set.classes, [...(set.labels as Uint8Array)]]).toEqual([
      ['cat', 'dog'],
      [0, 1, 0],
    ]);
  });

  it('without names have columns by number, and may be pictures', async () => {
    const path = join(await files('digits', { 'd.csv': '5,0,255,51,0\n4,1,2,3,4\n' }), 'd.csv');
    const set = await loadAllImages(path, { labelColumn: '1', shape: [2, 2], white: 255 });
    expect(set).toMatchObject({ count: 2, height: 2, width: 2, classes: ['4', '5'] });
    expect(set.images).toEqual(Uint8Array.of(0, 255, 51, 0, 1, 2, 3, 4));
  });

  it('beside one of test images are those to train on, and beside one of training images are not left aside', async () => {
    const rows = (n: number) => `a,b\n${'1,2\n3,4\n'.repeat(n)}`;
    const test = await loadImages(await files('named', { 'test.csv': rows(2), 'rows.csv': rows(5) }));
    expect([test.train.count, test.test.count, test.split]).toEqual([10, 4, 'files']);
    const more = await files('more', { 'train.csv': rows(5), 'test.csv': rows(2), 'rest.csv': rows(3) });
    await expect(loadImages(more)).rejects.toThrow(
      /more: rest\.csv beside train\.csv: its name does not say what it is for/,
    );
    const arrays = await files('unnamed', {
      'x.npy': npy('|u1', [9, 1], ramp(9)),
      'x_train.npy': npy('|u1', [9, 1], ramp(9)),
    });
    await expect(loadImages(arrays)).rejects.toThrow('x.npy beside x_train.npy');
    const none = await files('none', { 'val.csv': rows(5), 'test.csv': rows(2) });
    await expect(loadImages(none)).rejects.toThrow('validation and test images, but none to train on');
  });

  it('that name the parts are split by no seed and no share, and are refused where one is given', async () => {
    const rows = (n: number) => `a,b\n${'1,2\n3,4\n'.repeat(n)}`;
    const two = await files('two-parts', { 'train.csv': rows(5), 'test.csv': rows(2) });
    const three = await files('three-parts', { 'train.csv': rows(5), 'val.csv': rows(2), 'test.csv': rows(2) });
    await expect(loadImages(two, { testShare: 0.2 })).rejects.toThrow(
      /^testShare: expected none for \S+two-parts: its files name the parts$/,
    );
    // By the seed, a program may hold out images for validation itself.
    expect((await loadImages(two, { splitSeed: 3 })).split).toBe('files');
    await expect(loadImages(three, { splitSeed: 3 })).rejects.toThrow('splitSeed: expected none for ');
    for (const option of [{ splitSeed: 3 }, { testShare: 0.2 }])
      await expect(loadAllImages(two, option)).rejects.toThrow(
        /: expected none for \S+two-parts: its images are all for/,
      );
    expect((await loadAllImages(two, {}, { splitSeed: 3, testShare: 0.2 })).count).toBe(4);
  });

  it('keep classes apart that are the same number, and take decimal numbers alone', async () => {
    const path = await files('codes', { 'c.csv': 'code,x\n007,1\n7,2\n07,3\n', 'h.csv': 'a,b\n1,2\n0x10,3\n' });
    const set = await loadAllImages(join(path, 'c.csv'), { labelColumn: 'code' });
    expect(set.classes).toHaveLength(3);
    const [column] = (await loadAllImages(join(path, 'c.csv'), { categorical: ['code'] })).columns ?? [];
    expect(column?.levels).toEqual(['007', '07', '7']);
    await expect(loadAllImages(join(path, 'h.csv'))).rejects.toThrow(
      'h.csv: line 3, column a: expected a finite number, got "0x10"',
    );
  });

  it('are one class and one column where a name is written with the same letters in two ways', async () => {
    const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
    const table = `${decomposed},x\n${composed},1\n${decomposed},2\nthé,3\n`;
    const path = await files('letters', { 't.csv': table, [`p/${composed}/1.png`]: greyPng(1, 1, [1]) });
    await files('letters', { [`p/${decomposed}/2.png`]: greyPng(1, 1, [2]) });
    const { classes, labels } = await loadAllImages(join(path, 't.csv'), { labelColumn: composed });
    expect([classes, [...(labels as Uint8Array)]]).toEqual([
      [composed, 'thé'],
      [0, 0, 1],
    ]);
    const [column] = (await loadAllImages(join(path, 't.csv'), { categorical: [composed] })).columns ?? [];
    expect(column).toMatchObject({ name: composed, levels: [composed, 'thé'] });
    expect((await loadAllImages(join(path, 'p'))).classes).toEqual([composed]);
  });

  it('of one column have a number in every line, empty ones at either end left alone', async () => {
    const path = await files('single', {
      'good.csv': '\nx\n1\n2\n3\n\n\n',
      'gap.csv': 'x\n1\n\n3\n',
      'wide.csv': 'x,y\n1,2\n\n3,4\n',
    });
    expect([...((await loadAllImages(join(path, 'good.csv'))).images as Float32Array)]).toEqual([1, 2, 3]);
    expect((await loadAllImages(join(path, 'wide.csv'))).count).toBe(2);
    await expect(loadAllImages(join(path, 'gap.csv'))).rejects.toThrow(
      'gap.csv: line 3: an empty line, in a single column: write its number, or take it out',
    );
  });

  it('say where a first line may be a row that is read as names, or the other way round', async () => {
    const notes = async (name: string, text: string) =>
      (await loadImages(join(await files(name, { 't.csv': text }), 't.csv'))).notes;
    const rows = '1,2,3\n4,5,6\n7,8,9\n';
    expect(await notes('counts', `0,1,2\n${rows}`)).toEqual([expect.stringMatching(/^t\.csv: line 1: read as a row/)]);
    expect(await notes('gap', `1.5,,3\n${rows}`)).toEqual([
      't.csv: line 1: read as names of columns, 1.5 among them: if it is a row, write a line of names above',
    ]);
    expect(await notes('missing', `1,,3\n${rows}`)).toEqual([expect.stringContaining('an empty one among them')]);
    for (const gap of ['NA', '?', 'nan', 'None']) {
      expect(await notes(gap, `1,${gap},3\n${rows}`)).toEqual([expect.stringContaining(`${gap} among them`)]);
    }
    expect(await notes('words', `na,none,b\n${rows}`)).toEqual([]);
    expect(await notes('sound', `label,1,2\n${rows}`)).toEqual([]);
    expect(await notes('plain', rows)).toEqual([]);
  });

  it('are read from semicolons, tabs and quoted text, with a byte order mark and any line ends', async () => {
    const texts = {
      'semicolons.csv': '\ufeffa;b\r\n1;2\r\n3;4\r\n',
      'tabs.tsv': 'a\tb\n1\t2\n3\t4',
      'quoted.csv': '"a","b"\n"1","2"\n\n"3","4"\n',
    };
    const path = await files('texts', texts);
    for (const name of Object.keys(texts)) {
      const { images, columns } = await loadAllImages(join(path, name));
      expect([[...(images as Float32Array)], columns?.map((column) => column.name)]).toEqual([
        [1, 2, 3, 4],
        ['a', 'b'],
      ]);
    }
  });

  it('in Parquet are the same as in CSV', async () => {
    const column = (name: string, data: unknown[], type: 'DOUBLE' | 'STRING' | 'INT64') => ({ name, data, type });
    const buffer = parquetWriteBuffer({
      columnData: [
        column('a', [0.5, -2, 7], 'DOUBLE'),
        column('kind', ['x', 'y', 'x'], 'STRING'),
        column('b', [1n, 1000n, 0n], 'INT64'),
        column('class', ['cat', 'dog', 'cat'], 'STRING'),
      ],
      codec: 'SNAPPY',
    });
    const path = await files('parquet', { 't.parquet': new Uint8Array(buffer), 't.csv': rows });
    const options = { labelColumn: 'class', categorical: ['kind'] };
    const [parquet, csv] = await Promise.all(
      ['t.parquet', 't.csv'].map((name) => loadAllImages(join(path, name), options)),
    );
    const bare = ({ name: _, source: __, ...rest }: NonNullable<typeof csv>) => rest;
    expect(bare(parquet as NonNullable<typeof csv>)).toEqual(bare(csv as NonNullable<typeof csv>));
  });
});

describe('a set without a test part', () => {
  it('has a share drawn by the seed, the same for the same seed, and no image twice', async () => {
    const path = join(await files('seed', { 'x.npy': npy('|u1', [100, 1], ramp(100)) }), 'x.npy');
    const of = async (splitSeed: number, testShare?: number) => {
      const { train, test, split } = await loadImages(path, { splitSeed, ...(testShare && { testShare }) });
      expect(split).toBe('seed');
      return { train: [...(train.images as Uint8Array)], test: [...(test.images as Uint8Array)] };
    };
    const first = await of(1);
    expect([first.train.length, first.test.length]).toEqual([90, 10]);
    expect([...first.train, ...first.test].sort((a, b) => a - b)).toEqual([...ramp(100)]);
    expect(await of(1)).toEqual(first);
    expect(await of(2)).not.toEqual(first);
    expect((await of(1, 0.25)).test).toHaveLength(25);
  });

  it('is not divided by a share that is none, nor by half a seed', async () => {
    const path = join(await files('no-share', { 'x.npy': npy('|u1', [10, 1], ramp(10)) }), 'x.npy');
    for (const testShare of [0, 1, 2, -0.1, Number.NaN]) {
      const message = `testShare: expected a number between 0 and 1, got ${testShare}`;
      await expect(loadImages(path, { testShare })).rejects.toThrow(message);
    }
    await expect(loadImages(path, { splitSeed: 0.5 })).rejects.toThrow('splitSeed: expected an integer, got 0.5');
  });
});

describe('intensities', () => {
  it('of bytes are divided by 255, other numbers stay', async () => {
    const path = await files('both', {
      'bytes.npy': npy('|u1', [1, 2], Uint8Array.of(51, 255)),
      'floats.npy': npy('<f4', [1, 2], bytesOf(Float32Array.of(0.25, -3))),
    });
    expect([...intensities(await loadAllImages(join(path, 'bytes.npy')))]).toEqual([Math.fround(0.2), 1]);
    expect([...intensities(await loadAllImages(join(path, 'floats.npy')))]).toEqual([0.25, -3]);
  });
});
