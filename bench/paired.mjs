// The difference in ln p(x) between models scored on the same test bits, image by image: mean, standard error and number of images.
// After `npm run build`: node bench/paired.mjs REFERENCE.json OTHER.json [OTHER.json …]
// Each file holds { logLikelihood: [...] }: the lines of bench/torch_vae.py and `images.json` of the trials of `gmm-vae compare` both do.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pairedDifference } from '../dist/vae/evaluation/paired.js';

const [reference, ...others] = process.argv.slice(2);
if (reference === undefined || others.length === 0) {
  process.stderr.write('usage: node bench/paired.mjs REFERENCE.json OTHER.json [OTHER.json …]\n');
  process.exit(2);
}

/** @param {string} path @returns {readonly number[]} */
const scores = (path) => JSON.parse(readFileSync(path, 'utf8')).logLikelihood;
/** @param {string} path */
const shown = (path) => `${basename(dirname(path))}/${basename(path)}`;

const first = scores(reference);
const mean = first.reduce((sum, score) => sum + score, 0) / first.length;
process.stdout.write(`${shown(reference)}: ${mean.toFixed(2)} nats over ${first.length} images\n`);
for (const path of others) {
  const { mean, standardError } = pairedDifference(first, scores(path));
  process.stdout.write(
    `${shown(path)}: ${mean >= 0 ? '+' : ''}${mean.toFixed(3)} ± ${standardError?.toFixed(3) ?? '?'}\n`,
  );
}
