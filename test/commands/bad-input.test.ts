import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gmmVae } from '../command-line';
import { code, notebookOf } from '../notebook/fixtures';

const cwd = mkdtempSync(join(tmpdir(), 'gmm-vae-bad-input-'));
const FILES: Readonly<Record<string, string | Buffer>> = {
  'table.csv': 'a,b\n0,1\n1,0\n0,0\n1,1\n',
  'plain.txt': 'no folder',
  'a.ipynb': JSON.stringify(notebookOf(code('let n = 1;', ['parameters']))),
  'cut.yaml': 'n: [1',
  'kl.json': '{"q":{"type":"normal","mean":[1],"stddev":[1]},"p":{"type":"normal","mean":[0],"stddev":[1]}}',
  'search.yaml': 'train: {data: synthetic}\nsearch: {draws: 3}\n',
  'metric.yaml':
    'train: {data: synthetic}\nranges: {latent: {from: 1, to: 9, integer: true}}\nsearch: {metric: test/nll}\n',
  'latin1.yaml': Buffer.from('train: {data: Zürich}\n', 'latin1'),
  'pod.yaml': 'train: {data: synthetic}\nkubernetes: {claim: sweeps}\n',
};
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, name), text);
mkdirSync(join(cwd, 'pictures'));

const TINY = ['train', '--data', 'synthetic', '--train-images', '20', '--validation-images', '10', '--epochs', '1'];

describe('what is interrupted while it reads', () => {
  it.each([
    ['data table.csv'],
    ['train --data table.csv --likelihood normal'],
    ['compare --data table.csv --output compared'],
  ])('ends with 130 and says so: %s', async (line) => {
    const signal = AbortSignal.abort('SIGINT');
    const { code: exit, stdout, stderr } = await gmmVae(line.split(' '), { cwd, signal });
    expect([exit, stdout, stderr]).toEqual([130, '', 'gmm-vae: interrupted\n']);
  });
});

describe('what cannot be met is said in one line, in the words of the command line, with exit code 2', () => {
  it.each([
    ['--batch-size: expected at most 20 (synthetic digits train), got 30', [...TINY, '--batch-size', '30']],
    ['--resize: expected none for', ['data', 'table.csv', '--resize', '3x3']],
    ['--labels: expected none for', ['data', 'table.csv', '--labels', 'l.npy']],
    ["--output: expected a file that ends in .png, got 'sheet.jpg'", ['data', 'table.csv', '--output', 'sheet.jpg']],
    [`cannot be written: there is no folder ${join(cwd, 'none')}\n`, ['data', 'table.csv', '--output', 'none/a.png']],
    [
      "option '--inplace' cannot be used with option '--output-dir <folder>'",
      ['run', 'a.ipynb', '--inplace', '--output-dir', 'b'],
    ],
    [
      "option '--from-executed' cannot be used with option '-p, --parameter",
      ['report', 'a.ipynb', '--from-executed', '-p', 'n=2'],
    ],
    ['plain.txt/mnist: cannot be written: ', ['data', 'mnist', '--cache', 'plain.txt/mnist']],
    ['cut.yaml: not YAML: ', ['run', 'a.ipynb', '-f', 'cut.yaml']],
    [`${join(cwd, 'plain.txt')}: is a file, expected a folder\n`, ['sweep', 'status', 'plain.txt']],
    [`${join(cwd, 'plain.txt')}: is a file, expected a folder\n`, ['evaluate', '--checkpoint', 'plain.txt']],
    ['plain.txt/q.json: no such file: what stands for a folder in it is a file', ['kl', 'plain.txt/q.json']],
    ...['closed-form', 'quadrature', 'bounds'].map((method): [string, string[]] => [
      `--samples: --method ${method} draws nothing`,
      ['kl', 'kl.json', '--method', method, '--samples', '10'],
    ]),
    ['search: expected ranges beside it to draw from, got none', ['sweep', 'run', 'search.yaml', '--output', 'a']],
    [
      'search.metric: expected best, validation or loss, got "test/nll"',
      ['sweep', 'run', 'metric.yaml', '--output', 'b'],
    ],
    ['latin1.yaml: not valid UTF-8 in line 1', ['sweep', 'run', 'latin1.yaml', '--output', 'c']],
    [
      'kubernetes.image: expected text, got nothing',
      ['sweep', 'run', 'pod.yaml', '--engine', 'kubernetes', '--output', 'd'],
    ],
    [
      '--json: not an option of "gmm-vae data mnist"; for a folder of that name, write ./mnist',
      ['data', 'mnist', '--json'],
    ],
    ['--resize: not an option of "gmm-vae data status"', ['data', '--resize', '3x3', 'status']],
    ["--cache: expected a folder, got ''", ['data', 'mnist', '--cache', '']],
    ...['run a.ipynb', 'report a.ipynb', 'explore --no-open'].map((line): [string, string[]] => [
      "--output-dir: expected a folder, got ' '",
      [...line.split(' '), '--output-dir', ' '],
    ]),
    ["--prefix: expected a folder, got ''", ['kernel', '--prefix', '']],
    ["option '--all' cannot be used with option '--hidden <n>'", ['bench', '--all', '--hidden', '3']],
    ['expected sizes that fit into memory, got more (', ['bench', '--no-peer', '--hidden', '1000000000000']],
  ])('%s', async (message, args) => {
    const { code: exit, stderr } = await gmmVae(args, { cwd });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^gmm-vae: .*[^:\n]\n$/);
    expect(exit).toBe(2);
  });
});
