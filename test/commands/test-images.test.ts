import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/commands/io';
import { testImagesOf } from '../../src/commands/test-images';
import { loadVaeData } from '../../src/commands/vae-data';
import type { ImageSet } from '../../src/data/dataset';
import { digestOf } from '../../src/data/rows';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'gmm-vae-test-images-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const write = (rows: number, name = 'rows.csv') =>
  writeFile(join(cwd, name), ['a,b', ...Array.from({ length: rows }, (_, i) => `${i},${i * i}`)].join('\n'));

function ioWith(): { io: CommandIo; said: () => string } {
  const stderr = new PassThrough();
  const [stdin, stdout, signal] = [new PassThrough(), new PassThrough(), new AbortController().signal];
  const io = { stdin, stdout, stderr, env: {}, cwd, now: Date.now, signal, exit: () => {} };
  return { io, said: () => String(stderr.read() ?? '') };
}

/** What a checkpoint says of its images. */
function identity({ name, count, height, width, source }: ImageSet, set: ImageSet) {
  return { name, count, height, width, sha256: digestOf(set), ...(source && { source }) };
}

describe('the images to test a kept model on', () => {
  it.each([{}, { trainImages: 20 }, { validationImages: 7, splitSeed: 4, testShare: 0.3 }])(
    'are those that its training held out, without a word, where its files are as they were: %o',
    async (flags) => {
      await write(60);
      const { io, said } = ioWith();
      const { train, validation, test } = await loadVaeData('rows.csv', flags, io);
      const data = { train: identity(train, train), validation: identity(validation, validation) };
      expect((await testImagesOf({ data }, {}, io)).images).toEqual(test.images);
      expect(said()).toBe('');
    },
  );

  it.each([61, 59, 20])('are told to be drawn anew where %i rows are there instead of 60', async (rows) => {
    await write(60);
    const { io, said } = ioWith();
    const { train, validation } = await loadVaeData('rows.csv', {}, io);
    const data = { train: identity(train, train), validation: identity(validation, validation) };
    await write(rows);
    const test = await testImagesOf({ data }, {}, io);
    // So they are: rows of the training among those to test on.
    const trained = new Set(train.images as Float32Array);
    expect([...(test.images as Float32Array)].some((value) => trained.has(value))).toBe(true);
    expect(said()).toMatch(/^gmm-vae: warning: .*rows\.csv: other images than at the training, .* with --data\n$/);
    await write(5, 'kept-apart.csv');
    await testImagesOf({ data }, { data: 'kept-apart.csv' }, io);
    expect(said()).toBe('');
  });

  it.each([{}, { splitSeed: 4, testShare: 0.3 }])(
    'are told to be those of the training, too, where its files lie elsewhere: %o',
    async (flags) => {
      await write(60);
      await write(60, 'moved.csv');
      const { io, said } = ioWith();
      const { train, validation } = await loadVaeData('rows.csv', flags, io);
      const data = { train: identity(train, train), validation: identity(validation, validation) };
      expect((await testImagesOf({ data }, { data: 'moved.csv' }, io)).count).toBe(60);
      expect(said()).toMatch(
        /^gmm-vae: warning: moved\.csv: the images of the training, all of them: .* with --data\n$/,
      );
    },
  );
});
