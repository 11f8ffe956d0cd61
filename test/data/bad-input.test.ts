import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeIdx } from '../../src/data/idx';
import { type LoadOptions, loadImages } from '../../src/data/load';
import { bytesOf, npy } from './npy-for-tests';
import { zip } from './zip-for-tests';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gmm-vae-bad-'));
});
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
/** Writes one file into a folder of its own; returns its path. */
async function file(name: string, contents: Uint8Array | string): Promise<string> {
  const path = join(folder, String(made++), name);
  await mkdir(join(path, '..'));
  await writeFile(path, contents);
  return path;
}

/** The message in one line that names the path, and how many bytes of memory were asked for meanwhile. */
async function refusal(path: string, options: LoadOptions = {}): Promise<string> {
  const before = process.memoryUsage().arrayBuffers;
  const message = await loadImages(path, options).then(
    () => 'read without an error',
    (error: Error) => error.message,
  );
  expect(message.split('\n')).toHaveLength(1);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64e6);
  return message;
}

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 9, g: 99, b: 199 } } });

describe('arrays', () => {
  it('that are cut, too long or promise 2^40 rows are refused by what their header says, before memory is asked for', async () => {
    const good = npy('|u1', [4, 8], new Uint8Array(32));
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [good.subarray(0, good.length - 5), /truncated: expected 32 bytes for the shape \(4, 8\), got 27$/],
      [good.subarray(0, 8), /expected it to begin with/],
      [good.subarray(0, 40), /truncated: its header should end at byte 128, the file has 40$/],
      [Buffer.concat([good, Buffer.alloc(3)]), /too long: expected 32 bytes for the shape \(4, 8\), got 35$/],
      [npy('|u1', [2 ** 40, 784], new Uint8Array(32)), /truncated: expected 862017116176384 bytes/],
      [npy('|u1', [0, 784], new Uint8Array(0)), /0 rows: its shape is \(0, 784\)$/],
      [npy('|u1', [3, 0], new Uint8Array(0)), /0 rows: its shape is \(3, 0\)$/],
      [npy('<U5', [2, 3], new Uint8Array(120)), /little-endian, got '<U5'$/],
      [npy('>f4', [2, 3], new Uint8Array(24)), /little-endian, got '>f4'$/],
      [npy('|u1', [4, 8], new Uint8Array(32), true), /column-major; save np\.ascontiguousarray\(x\)$/],
      [npy('|u1', [7], new Uint8Array(7)), /2 to 4 dimensions, got \(7\)$/],
      [npy('|u1', [2, 3, 4, 4], new Uint8Array(96)), /1 or 3 channels.*: move the channels there with np\.moveaxis/],
    ];
    for (const [bytes, message] of cases) expect(await refusal(await file('x.npy', bytes))).toMatch(message);
  });

  it('with a NaN or an infinity name file, row and number, in memory and on the disk', async () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => (i === 7 ? Number.NaN : i));
    const path = await file('x.npy', npy('<f4', [3, 4], bytesOf(values)));
    for (const largestInMemory of [2 ** 20, 0]) {
      const message = await refusal(path, { largestInMemory });
      expect(message).toBe(`${path}: row 1, number 3: expected a finite number, got NaN`);
    }
  });

  it('have one whole label for each image', async () => {
    const path = await file('x.npy', npy('|u1', [3, 4], new Uint8Array(12)));
    const labels = async (bytes: Uint8Array) => refusal(path, { labels: await file('y.npy', bytes) });
    expect(await labels(npy('|u1', [2], new Uint8Array(2)))).toMatch(
      /y\.npy: expected one label for each of 3 images, got 2$/,
    );
    expect(await labels(npy('<f4', [3], bytesOf(Float32Array.of(0, 0.5, 1))))).toMatch(
      /label 1: expected a whole number, got 0\.5$/,
    );
  });
});

describe('archives', () => {
  const images = npy('|u1', [3, 4], new Uint8Array(12));

  it('with too few labels say in which file', async () => {
    const labels = npy('|u1', [2], new Uint8Array(2));
    const both = zip([
      { name: 'x.npy', contents: images },
      { name: 'y.npy', contents: labels },
    ]);
    const path = await file('a.npz', both);
    expect(await refusal(path)).toBe(`${path}: y: expected one label for each of 3 images, got 2`);
  });

  it('with a byte that changed on the disk are refused by the sum that they keep', async () => {
    const archive = zip([
      { name: 'x.npy', contents: npy('<f4', [3, 4], bytesOf(Float32Array.of(...Array(12).keys()))) },
    ]);
    const stored = Buffer.from(archive);
    // Of the directory's sum alone: as if the bytes had changed.
    const sum = stored.indexOf('PK\x01\x02', 0, 'latin1') + 16;
    stored.writeUInt8(stored.readUInt8(sum) ^ 1, sum);
    expect(await refusal(await file('a.npz', stored))).toMatch(
      /x\.npy: damaged: expected CRC-32 [\da-f]{8}, got [\da-f]{8}$/,
    );
  });

  it('with two arrays of labels for the same images are refused, and labels of no images are told', async () => {
    const labels = npy('|u1', [3], Uint8Array.of(0, 1, 2));
    const fine = zip(
      ['x', 'y_fine', 'y_coarse'].map((name, i) => ({ name: `${name}.npy`, contents: i ? labels : images })),
    );
    expect(await refusal(await file('a.npz', fine))).toMatch(/more than one array of all labels: x, y_fine, y_coarse$/);
    const idle = zip(['x', 'y_train'].map((name, i) => ({ name: `${name}.npy`, contents: i ? labels : images })));
    const { train, notes } = await loadImages(await file('a.npz', idle));
    expect([train.labels, notes]).toEqual([null, ['y_train: labels of no array of images by its name, left alone']]);
  });

  it('that would unpack to more than memory holds, or to another size than they say, are refused', async () => {
    const zeros = npy('|u1', [40_000_000], new Uint8Array(0));
    const bomb = Buffer.concat([zeros, Buffer.alloc(40_000_000)]);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [
        zip([{ name: 'x.npy', contents: bomb, claimedSize: 4_000_000_000 }]),
        /x\.npy: 4\.0 GB, more than the 2\.1 GB that are held/,
      ],
      [zip([{ name: 'x.npy', contents: bomb, claimedSize: 200 }]), /x\.npy: (truncated|damaged)/],
      [zip([{ name: 'x.npy', contents: images, claimedSize: 1000 }]), /x\.npy: (truncated|damaged)/],
      [
        zip([{ name: 'x.npy', contents: npy('|u1', [2 ** 40, 4], new Uint8Array(9)) }]),
        /truncated: expected 4398046511104 bytes/,
      ],
      [zip([{ name: 'x.npy', contents: images }]).subarray(0, 60), /no zip archive, or truncated/],
      [zip([{ name: 'notes.txt', contents: images }]), /no array of images: .* got none$/],
      [
        zip([
          { name: 'a.npy', contents: images },
          { name: 'b.npy', contents: images },
        ]),
        /no array of images: .* got a, b$/,
      ],
      [
        zip([
          { name: 'x.npy', contents: images },
          { name: 'data.npy', contents: images },
        ]),
        /more than one array of all images/,
      ],
    ];
    for (const [bytes, message] of cases) expect(await refusal(await file('a.npz', bytes))).toMatch(message);
  });
});

describe('IDX files', () => {
  it('that are cut, promise more than they have, or are bombs are refused', async () => {
    const images = encodeIdx({ shape: [2, 3, 3], values: new Uint8Array(18) });
    const huge = Uint8Array.from(images);
    huge.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 4);
    const name = 'train-images-idx3-ubyte';
    const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
      [name, images.subarray(0, 20), /truncated: expected 34 bytes for the shape 2×3×3, got 20$/],
      [name, huge, /truncated: expected 5\d+ bytes/],
      [name, encodeIdx({ shape: [0, 3, 3], values: new Uint8Array(0) }), /0 images: its shape is 0×3×3$/],
      [
        `${name}.gz`,
        gzipSync(Buffer.concat([images, Buffer.alloc(50_000_000)])),
        /unpacks to more than the 34 bytes that its header says$/,
      ],
      [`${name}.gz`, gzipSync(huge), /GB, more than the 2\.1 GB that are held in memory/],
      [`${name}.gz`, gzipSync(images).subarray(0, 20), /damaged gzip data|truncated/],
    ];
    for (const [called, bytes, message] of cases) expect(await refusal(await file(called, bytes))).toMatch(message);
  });
});

describe('files of labels that are none', () => {
  const idx = encodeIdx({ shape: [3, 1, 2], values: new Uint8Array(6) });

  it('beside IDX images are refused, not waited for and not left aside', async () => {
    const cases: readonly (readonly [(path: string) => unknown, string])[] = [
      [(path) => execFileSync('mkfifo', [path]), 'expected a file of labels, got a folder or a pipe'],
      [(path) => mkdir(path), 'expected a file of labels, got a folder or a pipe'],
      [(path) => symlink('nowhere', path), 'a link to nothing'],
    ];
    for (const [make, problem] of cases) {
      const images = await file('train-images-idx3-ubyte', idx);
      const labels = join(images, '..', 'train-labels-idx1-ubyte');
      await make(labels);
      expect(await refusal(images)).toBe(`${labels}: ${problem}`);
    }
  });

  it('beside an array are refused', async () => {
    const array = await file('x.npy', npy('|u1', [3, 4], new Uint8Array(12)));
    const labels = join(array, '..', 'y.npy');
    expect(await refusal(array, { labels })).toBe(`${labels}: no such file`);
    execFileSync('mkfifo', [labels]);
    expect(await refusal(array, { labels })).toBe(`${labels}: expected a file, got a folder or a pipe`);
  });
});

describe('pictures', () => {
  async function album(pictures: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
    const path = join(folder, String(made++));
    for (const [name, bytes] of Object.entries(pictures)) {
      await mkdir(join(path, name, '..'), { recursive: true });
      await writeFile(join(path, name), bytes);
    }
    return path;
  }

  it('of 16 bits, of CMYK, cut short, empty, animated or no pictures at all are refused by name', async () => {
    const good = await picture(8, 8).png().toBuffer();
    const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
    const photo = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const frames = sharp(Buffer.from(Array.from({ length: 8 * 16 * 3 }, (_, i) => (i < 192 ? 9 : 199))), {
      raw: { width: 8, height: 16, channels: 3, pageHeight: 8 },
    });
    const cases: readonly (readonly [string, Uint8Array | string, RegExp])[] = [
      [
        '16.png',
        await picture(8, 8).toColourspace('rgb16').png().toBuffer(),
        /16\.png: a picture of more than 8 bits a channel/,
      ],
      [
        'cmyk.jpg',
        await picture(8, 8).toColourspace('cmyk').jpeg().toBuffer(),
        /cmyk\.jpg: a CMYK picture; save it as RGB or grey$/,
      ],
      ['cut.png', good.subarray(0, good.length - 20), /cut\.png: truncated, or no picture/],
      ['cut.jpg', photo.subarray(0, Math.floor(photo.length / 2)), /cut\.jpg: truncated, or no picture/],
      ['empty.png', '', /empty\.png: an empty file$/],
      [
        'drawn.png',
        '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
        /expected a PNG, JPEG or WebP picture, got SVG$/,
      ],
      ['still.jpg', await picture(8, 8).gif().toBuffer(), /still\.jpg: expected a PNG, JPEG or WebP picture, got GIF$/],
      ['scan.png', await picture(8, 8).tiff().toBuffer(), /scan\.png: expected a PNG, JPEG or WebP picture, got TIFF$/],
      ['text.webp', 'not a picture', /text\.webp: truncated, or no picture/],
      ['film.webp', await frames.webp().toBuffer(), /film\.webp: an animation of 2 pictures/],
    ];
    for (const [name, bytes, message] of cases) {
      expect(await refusal(await album({ 'a/0.png': good, [`a/${name}`]: bytes }))).toMatch(message);
    }
  });

  it('of several sizes, or colour beside grey, say which and what to do', async () => {
    const path = await album({
      'a/1.png': await picture(8, 8).png().toBuffer(),
      'a/2.png': await picture(9, 8).png().toBuffer(),
    });
    expect(await refusal(path)).toMatch(
      /a\/2\.png: 8×9×3, the first picture has 8×8×3: bring them to one size with --resize/,
    );
    const grey = await album({
      'a/1.png': await picture(8, 8).png().toBuffer(),
      'a/2.png': await picture(8, 8).toColourspace('b-w').png().toBuffer(),
    });
    expect(await refusal(grey)).toMatch(/a\/2\.png: 8×8×1, the first picture has 8×8×3: .*--grey$/);
    expect(await refusal(path, { crop: { height: 9, width: 9 } })).toMatch(/1\.png: 8×8, too small for --crop 9x9$/);
  });

  it('that claim billions of pixels are refused without decoding', async () => {
    const bomb = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#000' } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(await refusal(await album({ 'a/bomb.png': bomb }))).toMatch(/bomb\.png: claims more than 67108864 pixels$/);
  });

  it('behind links that lead in circles or nowhere are an error, behind others they are read', async () => {
    const good = await picture(8, 8).png().toBuffer();
    const path = await album({ 'a/1.png': good, 'a/2.png': good });
    await symlink(path, join(path, 'a', 'again'));
    expect(await refusal(path)).toMatch(/a\/again: a link that leads in a circle, back to /);
    const itself = await album({ 'a/1.png': good });
    await symlink('self.png', join(itself, 'a', 'self.png'));
    expect(await refusal(itself)).toMatch(/self\.png: a link that leads in a circle$/);
    const nowhere = await album({ 'a/1.png': good });
    await symlink('gone.png', join(nowhere, 'a', '2.png'));
    expect(await refusal(nowhere)).toMatch(/a\/2\.png: a link to nothing$/);
    const other = await album({ 'a/1.png': good });
    const two = await album({ 'b/2.png': good });
    await symlink(join(two, 'b'), join(other, 'b'));
    expect((await loadImages(other)).train.classes).toEqual(['a', 'b']);
  });

  it('beside folders and pipes with the names of data are read', async () => {
    const good = await picture(8, 8).png().toBuffer();
    const path = await album({ 'a/1.png': good, 'a/2.png': good, 'old.npy/notes.txt': '' });
    execFileSync('mkfifo', [join(path, 'b.csv')]);
    expect((await loadImages(path)).format).toBe('pictures');
  });

  it('are missing from an empty folder, and from one of other files', async () => {
    const path = await album({ 'readme.txt': 'nothing here' });
    expect(await refusal(path)).toBe(`${path}: 0 images: no PNG, JPEG, WebP, IDX, .npy, .npz, .csv or .parquet in it`);
  });

  it.each(['labels.csv', 'x.npy', 't.parquet'])(
    'beside %s are not guessed to be the data, nor is it',
    async (other) => {
      const path = await album({ 'a.png': await picture(8, 8).png().toBuffer(), [other]: 'a,b\n1,2\n3,4\n' });
      expect(await refusal(path)).toBe(
        `${path}: ${other} and pictures (a.png): name ${other} itself, or move it away to read the pictures`,
      );
    },
  );
});

describe('options that a format has no use for', () => {
  it('are refused by name, not left aside', async () => {
    const array = await file('x.npy', npy('|u1', [3, 4], new Uint8Array(12)));
    const album = join(await file('a.png', ''), '..');
    const cases: readonly (readonly [string, LoadOptions, string])[] = [
      [array, { resize: { height: 2, width: 2 } }, `resize: expected none for ${array} (npy): it is for pictures`],
      [album, { labels: array }, `labels: expected none for ${album} (pictures): it is for npy`],
      [album, { shape: [4, 4] }, `shape: expected none for ${album} (pictures): it is for npy, npz, csv, parquet`],
      [array, { labelColumn: 'a' }, `labelColumn: expected none for ${array} (npy): it is for csv, parquet`],
    ];
    for (const [path, options, message] of cases) expect(await refusal(path, options)).toBe(message);
  });
});

describe('tables', () => {
  it('name line and column of what is no finite number', async () => {
    const cases: readonly (readonly [string, LoadOptions, RegExp])[] = [
      ['a,b\n1,2\n3,NaN\n', {}, /t\.csv: line 3, column b: expected a finite number, got "NaN"$/],
      ['a,b\n1,2\n3,\n', {}, /line 3, column b: expected a finite number, got nothing$/],
      ['a,b\n1,red\n', {}, /line 2, column b: .* got "red"; name the column with --label-column or --categorical/],
      ['a,,\n1,2,\n3,4,\n', {}, /t\.csv: line 1: two columns are called nothing$/],
      ['a,b,\n1,2,\n3,4,\n', {}, /line 2, column 3: expected a finite number, got nothing$/],
      ['a,b\n1,2\n3,-1e300\n', {}, /line 3, column b: expected a number within ±3\.4e38, got "-1e300"$/],
      ['a,b\n1,2\n3,1e30\n', { white: 1e-30 }, /number 3 is 1\S+, which divided by a white of 1e-30 is beyond/],
      ['a,b\n1,2\n3\n', {}, /t\.csv: line 3: expected 2 cells, as in the first line, got 1$/],
      ['a,b\n1,"2\n', {}, /t\.csv: a quoted cell has no closing quote: write/],
      ['a,b\n1,2\n1"0,2\n', {}, /t\.csv: line 3: a quote inside a cell: write it twice/],
      ['a,b\n1,2\n"1"0,2\n', {}, /t\.csv: line 3: a quote inside a cell: write it twice/],
      ['a,a\n1,2\n', {}, /line 1: two columns are called "a"$/],
      ['a,b\n1,2\n', { labelColumn: 'c' }, /no column "c"; there are a, b$/],
      ['a,b\n', {}, /0 rows$/],
      ['', {}, /0 rows: an empty file$/],
      ['a\n1\n', { labelColumn: 'a' }, /no columns of numbers$/],
      [`a\n${'1'.repeat(2 ** 24 + 9)}\n`, {}, /t\.csv: line 2: longer than 16777216 bytes$/],
    ];
    for (const [text, options, message] of cases)
      expect(await refusal(await file('t.csv', text), options)).toMatch(message);
  });

  it('whose first column has no name say that it may be an index', async () => {
    const { notes, train } = await loadImages(await file('t.csv', ',a\n0,5\n1,6\n2,7\n'));
    expect([train.width, notes]).toEqual([2, [expect.stringMatching(/^column 1 has no name and is read as numbers/)]]);
  });

  it('of another encoding than UTF-8 are refused where their text is kept', async () => {
    const latin1 = async (text: string, options: LoadOptions = {}) =>
      refusal(await file('t.csv', Buffer.from(text, 'latin1')), options);
    expect(await latin1('größe,b\n1,2\n3,4\n')).toMatch(
      /line 1: expected UTF-8 text, got "gr.+"; save the table as UTF-8$/,
    );
    // Both names would be read as n\ufffd, and be one class.
    const classes = 'a,c\n1,né\n2,nè\n';
    for (const options of [{ labelColumn: 'c' }, { categorical: ['c'] }]) {
      expect(await latin1(classes, options)).toMatch(/line 2, column c: expected UTF-8 text/);
    }
    expect((await loadImages(await file('t.csv', Buffer.from('\ufeffa,b\n1,2\n3,4\n', 'utf16le')))).train.width).toBe(
      2,
    );
  });

  it('of very many columns take no more time and memory than their numbers', async () => {
    const count = 100_000;
    const names = Array.from({ length: count }, (_, i) => `c${i}`).join(',');
    const row = Array.from({ length: count }, () => '1').join(',');
    const path = await file('t.csv', `${names}\n${row}\n${row}\n`);
    const before = process.memoryUsage().arrayBuffers;
    const { train } = await loadImages(path);
    expect(train.width).toBe(count);
    // The numbers are 1 MB; a thousand such rows would be 400 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8);
  }, 30_000);

  it('in Parquet that are cut, hold lists or have no rows are refused', async () => {
    const written = (data: unknown[], name = 'a') =>
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name, data }] }));
    const good = written([1.5, 2.5]);
    expect(await refusal(await file('t.parquet', good.subarray(0, good.length - 9)))).toMatch(
      /not a Parquet file, or truncated/,
    );
    expect(await refusal(await file('t.parquet', Buffer.from('PAR1PAR1')))).toMatch(/not a Parquet file, or truncated/);
    expect(await refusal(await file('t.parquet', written([])))).toMatch(/0 rows$/);
    expect(await refusal(await file('t.parquet', written([1.5, null])))).toMatch(
      /row 1, column a: expected a finite number, got nothing$/,
    );
    expect(await refusal(await file('t.parquet', written([[1], [2]])))).toMatch(
      /row 0, column a: expected a finite number, got \[1\]/,
    );
  });
});

describe('any file with some bytes changed', () => {
  it('is read or refused in one line, and takes no more memory', async () => {
    const images = npy('|u1', [3, 4], new Uint8Array(12));
    const files = {
      'x.npy': images,
      'a.npz': zip([{ name: 'x.npy', contents: images }]),
      'train-images-idx3-ubyte': encodeIdx({ shape: [2, 3, 3], values: new Uint8Array(18) }),
      't.parquet': new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'a', data: [1.5, 2.5, 3.5] }] })),
      't.csv': Buffer.from('a,b\n1,2\n3,4\n5,6\n'),
    };
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
    for (const [name, good] of Object.entries(files)) {
      const path = await file(name, good);
      await fc.assert(
        fc.asyncProperty(changes, async (edits) => {
          const bytes = Uint8Array.from(good);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          await writeFile(path, bytes);
          const message = await refusal(path, { patience: 300 });
          expect(message === 'read without an error' || message.includes(name.replace('.npz', ''))).toBe(true);
        }),
        // For Parquet, the 33rd makes the decoder run without end: it is ended after 0.3 s.
        { seed: 1, numRuns: name === 't.parquet' ? 40 : 150 },
      );
    }
  }, 180_000);
});
