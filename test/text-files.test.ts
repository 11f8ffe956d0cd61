import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UsageError } from '../src/errors';
import { decodeUtf8, readText } from '../src/text-files';
import { gmmVae } from './command-line';
import { code, notebookOf } from './notebook/fixtures';

const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-text-'));

function write(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

it.each([
  ['every Unicode plane', '½ ln σ² 😀', '½ ln σ² 😀'],
  ['the replacement character, which is valid', 'a\uFFFDb', 'a\uFFFDb'],
  ['a byte order mark, which is no part of the text', '\uFEFF{}', '{}'],
  ['nothing', '', ''],
])('UTF-8 with %s is read as it is', (_, text, read) => {
  expect(readText(write('good.txt', text))).toBe(read);
});

it.each([
  ['Latin-1', latin1('ok\nGröße'), /: not valid UTF-8 in line 2; save it as UTF-8/],
  ['a character cut off at the end', Buffer.from('½').subarray(0, 1), /not valid UTF-8 in line 1/],
  ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]), /not valid UTF-8 in line 1/],
  ['an overlong slash', Buffer.from([0xc0, 0xaf]), /not valid UTF-8 in line 1/],
  ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), /not valid UTF-8 \(it is UTF-16\)/],
])('%s is refused in one line', (_, bytes, message) => {
  const path = write('bad.txt', bytes);
  for (const read of [() => readText(path), () => decodeUtf8(bytes, 'bad.txt')]) {
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  }
});

it('a file that is not there, or is a folder, is named as the caller names it', () => {
  mkdirSync(join(folder, 'inside'));
  expect(() => readText(join(folder, 'none'), 'none')).toThrow(/^none: no such file$/);
  expect(() => readText(join(folder, 'inside'))).toThrow(/inside: is a folder$/);
});

const NOTEBOOK = write('good.ipynb', JSON.stringify(notebookOf(code('let s = "a";', ['parameters']))));
const SPEC = '{"q":{"mean":0,"stddev":1},"note":"Größe"}';

it.each<[string, string, Buffer, (path: string) => string[]]>([
  [
    'a notebook run in place',
    'a.ipynb',
    latin1(JSON.stringify(notebookOf(code('"Größe"')))),
    (path) => ['run', '--inplace', path],
  ],
  [
    'a notebook for a report',
    'b.ipynb',
    latin1(JSON.stringify(notebookOf(code('"Größe"')))),
    (path) => ['report', '--output-dir', join(folder, 'pages'), path],
  ],
  ['a parameter file', 'p.yaml', latin1('s: Größe'), (path) => ['run', '--inplace', '-f', path, NOTEBOOK]],
  ['a spec for kl', 'spec.json', latin1(SPEC), (path) => ['kl', path]],
  ['the checkpoint of a training', 'last.json', latin1(SPEC), () => ['evaluate', '--checkpoint', folder]],
  [
    'the front page beside a report',
    'index.html',
    latin1('Größe'),
    () => ['report', '--output-dir', folder, '--from-executed', NOTEBOOK],
  ],
])('%s that is not UTF-8 ends the command with one line and code 2, untouched', async (_, name, bytes, args) => {
  const path = write(name, bytes);
  const { code: exit, stderr } = await gmmVae(args(path));
  expect(stderr).toMatch(/^gmm-vae: [^\n]*: not valid UTF-8 in line 1; [^\n]*\n$/);
  expect(exit).toBe(2);
  expect(readFileSync(path)).toEqual(bytes);
});

it('a spec on standard input that is not UTF-8 is not guessed', async () => {
  const { code: exit, stderr } = await gmmVae(['kl', '-'], { stdin: latin1(SPEC) });
  expect(stderr).toMatch(/^gmm-vae: standard input: not valid UTF-8 in line 1; [^\n]*\n$/);
  expect(exit).toBe(2);
});
