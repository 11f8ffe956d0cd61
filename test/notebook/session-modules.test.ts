import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LocalModules } from '../../src/notebook/worker/modules';
import { temporaryFolder } from './fixtures';
import { startSession } from './session-fixture';

const under = startSession();
const { run, value, interruptedAfter } = under;

describe('local modules', () => {
  it('whose import was interrupted are run from the start at the next one', async () => {
    writeFileSync(
      join(under.cwd, 'slow.ts'),
      'export const first = 1;\nif ((globalThis as any).slow) { console.log("going"); for (;;); }\nexport const last = 2;',
    );
    await run('(globalThis as any).slow = true;');
    const code = 'import { first, last } from "./slow"; [first, last]';
    expect((await interruptedAfter(code)).reply).toMatchObject({ ename: 'Interrupted' });
    await run('(globalThis as any).slow = false;');
    expect(await value(code)).toBe('[ 1, 2 ]');
  });

  it.each([
    ['json', (n: number) => `{ "sigma": ${n} }`, 'import data from "./edited.json"; data.sigma'],
    ['js', (n: number) => `export const sigma = ${n};`, 'import { sigma } from "./edited.js"; sigma'],
    ['mjs', (n: number) => `export const sigma = ${n};`, 'import { sigma } from "./edited.mjs"; sigma'],
    ['cjs', (n: number) => `exports.sigma = ${n};`, 'import { sigma } from "./edited.cjs"; sigma'],
  ])('that end in .%s are seen as they are at the import', async (extension, text, code) => {
    for (const n of [1, 22]) {
      writeFileSync(join(under.cwd, `edited.${extension}`), text(n));
      expect(await value(code)).toBe(String(n));
    }
  });

  it.each([
    ['mts', 'mjs'],
    ['cts', 'cjs'],
  ])('that end in .%s are imported by the name of their output, with types', async (extension, output) => {
    writeFileSync(join(under.cwd, `typed.${extension}`), 'export const sigma: number = 3;');
    expect(await value(`import { sigma } from "./typed.${output}"; sigma`)).toBe('3');
    expect(await value(`import { sigma } from "./typed.${output}"; sigma.length`)).toMatch(/'length' does not exist/);
  });

  it.each([
    ['ts', 'export const size = "Größe";', 'import { size } from "./latin"; size'],
    ['json', '{ "size": "Größe" }', 'import data from "./latin.json"; data.size'],
  ])('that are not UTF-8 are refused by name, and read once they are (.%s)', async (extension, text, code) => {
    const path = join(under.cwd, `latin.${extension}`);
    writeFileSync(path, Buffer.from(text, 'latin1'));
    expect(await value(code)).toBe(
      `TypeScriptError: latin.${extension}:1:1 not valid UTF-8: save it as UTF-8, or its text would be another than you see`,
    );
    writeFileSync(path, text);
    expect(await value(code)).toBe("'Größe'");
  });

  it('are run again when a .json file that they import is edited, and not for nothing', async () => {
    writeFileSync(
      join(under.cwd, 'reads.ts'),
      'import data from "./read.json";\nexport const read = { sigma: data.sigma };',
    );
    const code = 'import { read } from "./reads"; read.sigma';
    for (const n of [1, 22]) {
      writeFileSync(join(under.cwd, 'read.json'), `{ "sigma": ${n} }`);
      expect(await value(code)).toBe(String(n));
    }
    await run('import { read } from "./reads"; read.sigma = 5;');
    expect(await value(code)).toBe('5');
  });
});

describe('the package of the kernel itself', () => {
  it('is found without the link to itself, which npm removes when it installs something', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'the-kernel', main: 'entry.js' }));
    writeFileSync(join(folder, 'entry.js'), 'module.exports = 5;');
    const modules = new LocalModules(join(folder, 'package.json'), {});
    const require = modules.requireFrom(temporaryFolder());
    expect(require('the-kernel')).toBe(5);
    expect(() => require('another')).toThrow("Cannot find module 'another'");
  });
});
