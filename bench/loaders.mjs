// Time, of the processor and by the clock, and memory of every loader on 60,000 grey images of 28 × 28, each in a process of its own:
// node bench/loaders.mjs [count] [format …], where a format is a word of its name in the table
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';

const require = createRequire(import.meta.url);
const LOAD = fileURLToPath(new URL('../dist/data/load.js', import.meta.url));
const { syntheticDigits } = require('../dist/data/glyphs.js');
const { encodeIdx } = require('../dist/data/idx.js');
const count = Number(process.argv[2] ?? 60_000);
const { images, labels } = syntheticDigits({ train: count, test: 1, seed: 1 }).train;
const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-loaders-'));
const write = (/** @type {string} */ name, /** @type {Uint8Array | string} */ contents) => {
  writeFileSync(join(folder, name), contents);
  return join(folder, name);
};
const pixel = (/** @type {number} */ i, /** @type {number} */ j) => /** @type {number} */ (images[784 * i + j]);

function npy() {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 28, 28), }`;
  const header = `${text.padEnd(117)}\n`;
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]),
    Buffer.from(header),
    images,
  ]);
}

function npz() {
  const file = npy();
  const packed = deflateRawSync(file);
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(8, 4);
  fields.writeUInt32LE(crc32(file), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(file.length, 18);
  fields.writeUInt16LE(5, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from('x.npy'), packed]);
  const entry = Buffer.concat([
    Buffer.from('PK\x01\x02'),
    Buffer.from([20, 0]),
    fields,
    Buffer.alloc(14),
    Buffer.from('x.npy'),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

function csv() {
  const head = ['label', ...Array.from({ length: 784 }, (_, j) => `p${j}`)].join(',');
  const rows = Array.from(
    { length: count },
    (_, i) => `${labels[i]},${images.subarray(784 * i, 784 * (i + 1)).join(',')}`,
  );
  return `${head}\n${rows.join('\n')}\n`;
}

function parquet() {
  const column = (/** @type {number} */ j) => Int32Array.from({ length: count }, (_, i) => pixel(i, j));
  const pixels = Array.from({ length: 784 }, (_, j) => ({
    name: `p${j}`,
    data: column(j),
    type: /** @type {const} */ ('INT32'),
  }));
  return new Uint8Array(
    parquetWriteBuffer({ columnData: [{ name: 'label', data: Int32Array.from(labels), type: 'INT32' }, ...pixels] }),
  );
}

async function pictures(/** @type {'png' | 'jpeg' | 'webp'} */ type) {
  const path = join(folder, type);
  for (let label = 0; label < 10; label++) mkdirSync(join(path, String(label)), { recursive: true });
  for (let start = 0; start < count; start += 64) {
    const some = Array.from({ length: Math.min(64, count - start) }, (_, k) => start + k);
    await Promise.all(
      some.map(async (i) => {
        const raw = { width: 28, height: 28, channels: /** @type {const} */ (1) };
        const bytes = await sharp(images.subarray(784 * i, 784 * (i + 1)), { raw })
          .toColourspace('b-w')
          .toFormat(type)
          .toBuffer();
        writeFileSync(join(path, String(labels[i]), `${i}.${type}`), bytes);
      }),
    );
  }
  return path;
}

/** @type {Readonly<Record<string, () => string | Promise<string>>>} */
const FORMATS = {
  IDX: () => write('train-images-idx3-ubyte', encodeIdx({ shape: [count, 28, 28], values: images })),
  '.npy': () => write('x.npy', npy()),
  '.npy, left on the disk': () => write('disk.npy', npy()),
  '.npz': () => write('a.npz', npz()),
  'folder of PNG': () => pictures('png'),
  'folder of JPEG': () => pictures('jpeg'),
  'folder of WebP': () => pictures('webp'),
  CSV: () => write('t.csv', csv()),
  Parquet: () => write('t.parquet', parquet()),
};
const OPTIONS = /** @type {Readonly<Record<string, object>>} */ ({
  '.npy, left on the disk': { largestInMemory: 0 },
  CSV: { labelColumn: 'label', shape: [28, 28], white: 255 },
  Parquet: { labelColumn: 'label', shape: [28, 28], white: 255 },
});

try {
  process.stdout.write(
    '| format | s of the processor | s by the clock | peak memory, MB |\n| --- | --- | --- | --- |\n',
  );
  const asked = process.argv.slice(3);
  for (const [name, make] of Object.entries(FORMATS)) {
    if (asked.length > 0 && !asked.some((word) => name.includes(word))) continue;
    const path = await make();
    const script = `const { loadAllImages } = require(${JSON.stringify(LOAD)}); const start = performance.now(), before = process.cpuUsage();
      loadAllImages(${JSON.stringify(path)}, ${JSON.stringify(OPTIONS[name] ?? {})}).then((set) => {
        if (set.count !== ${count}) throw new Error(String(set.count));
        const { user, system } = process.cpuUsage(before);
        console.log(((user + system) / 1e6).toFixed(1), ((performance.now() - start) / 1000).toFixed(1), Math.round(process.resourceUsage().maxRSS / 1000)); })`;
    const figures = execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim().split(' ');
    process.stdout.write(`| ${name} | ${figures.join(' | ')} |\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
