// Writes a .npy file of drawn digits, 28 × 28 bytes each: 10,000 of them, and for more the same again, moved by one byte each time round.
// After `npm run build`: node bench/large-npy.mjs PATH [count]
import { closeSync, openSync, writeSync } from 'node:fs';
import glyphs from '../dist/data/glyphs.js';

const [path, asked = '5400000'] = process.argv.slice(2);
if (path === undefined) throw new Error('expected the path of the file');
const count = Number(asked);
const { images } = glyphs.syntheticDigits({ train: 10_000, test: 1, seed: 1 }).train;
const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${count}, 28, 28), }`;
const header = `${text.padEnd(117)}\n`;
const file = openSync(path, 'w');
writeSync(
  file,
  Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]), Buffer.from(header)]),
);
for (let first = 0, round = 0; first < count; first += 10_000, round++) {
  const moved = Buffer.concat([images.subarray(round), images.subarray(0, round)]);
  const bytes = 784 * Math.min(10_000, count - first);
  for (let done = 0; done < bytes; ) done += writeSync(file, moved, done, bytes - done);
}
closeSync(file);
