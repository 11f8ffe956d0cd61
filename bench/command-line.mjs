// What a command line costs before it does anything: processor time of whole processes, in turns, medians in ms.
// After `npm run build`: node bench/command-line.mjs [OTHER-CHECKOUT] [--rounds 15]
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '15' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);

/** @param {number} mean @param {number} stddev */
const normal = (mean, stddev) => ({ type: 'normal', mean: [mean], stddev: [stddev] });
const spec = JSON.stringify({ q: normal(1, 0.5), p: normal(0, 1) });
const LINES = ['--help', 'kl -', 'train --help', 'sweep --help'];
const AT_EXIT = `data:text/javascript,process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write(String(user+system))})`;

/** Processor time of one process in ms, its start and its threads included. @param {readonly string[]} args */
function milliseconds(args) {
  const { status, stderr } = spawnSync(process.execPath, ['--import', AT_EXIT, ...args], {
    input: spec,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return Number(stderr) / 1000;
}

const checkouts = [fileURLToPath(new URL('..', import.meta.url)), ...positionals.map((path) => resolve(path))];
const contenders = checkouts.flatMap((checkout) =>
  LINES.map((line) => ({ name: `${line}  (${checkout})`, args: [join(checkout, 'dist/cli.js'), ...line.split(' ')] })),
);
contenders.unshift({ name: 'Node itself', args: ['-e', '0'] });

const times = new Map(contenders.map(({ name }) => [name, /** @type {number[]} */ ([])]));
for (let round = 0; round < rounds; round++)
  for (const { name, args } of contenders) times.get(name)?.push(milliseconds(args));
for (const [name, each] of times) {
  each.sort((a, b) => a - b);
  const [least, median] = [each[0] ?? NaN, each[rounds >> 1] ?? NaN];
  console.log(`${median.toFixed(0).padStart(6)}  (${least.toFixed(0)})  ${name}`);
}
