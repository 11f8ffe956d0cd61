import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startSession } from './session-fixture';

const under = startSession();
const { value } = under;

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
}

/** As npm leaves a package behind. */
function packageOf(name: string, type: string, text: string): Readonly<Record<string, string>> {
  return {
    'package.json': JSON.stringify({ name, version: '1.0.0', main: 'index.js', types: 'index.d.ts' }),
    'index.d.ts': `export declare const q: ${type};`,
    'index.js': `exports.q = ${text};`,
  };
}

const missing = /Cannot find module|Cannot find name/;

describe('a package that is installed after its import failed', () => {
  it('is found where there was no node_modules at all', async () => {
    const code = 'import { q } from "first-pkg"; q + 1';
    expect(await value(code)).toMatch(missing);
    expect(await value(code)).toMatch(missing);
    write(join(under.project, 'node_modules', 'first-pkg'), packageOf('first-pkg', 'number', '3'));
    expect(await value(code)).toBe('4');
    expect(await value('q.length')).toMatch(/'length' does not exist on type 'number'/);
  });

  it('is found beside packages that were there, scoped ones and their sub-paths too', async () => {
    const code = 'import { q } from "@scope/second"; import { r } from "@scope/second/inner"; q + r';
    expect(await value(code)).toMatch(missing);
    write(join(under.project, 'node_modules', '@scope', 'second'), {
      ...packageOf('@scope/second', 'number', '3'),
      'inner.d.ts': 'export declare const r: number;',
      'inner.js': 'exports.r = 5;',
    });
    expect(await value(code)).toBe('8');
  });

  it('is found beside the notebook as well as above it', async () => {
    const code = 'import { q } from "third"; q';
    expect(await value(code)).toMatch(missing);
    write(join(under.cwd, 'node_modules', 'third'), packageOf('third', 'string', '"near"'));
    expect(await value(code)).toBe("'near'");
  });

  it('is found with types that come in a package of their own', async () => {
    const code = 'import { q } from "untyped"; q';
    write(join(under.project, 'node_modules', 'untyped'), {
      'package.json': '{ "name": "untyped", "version": "1.0.0", "main": "index.js" }',
      'index.js': 'exports.q = 6;',
    });
    await value(code);
    write(join(under.project, 'node_modules', '@types', 'untyped'), {
      'package.json': '{ "name": "@types/untyped", "version": "1.0.0", "types": "index.d.ts" }',
      'index.d.ts': 'export declare const q: number;',
    });
    expect(await value(code)).toBe('6');
    expect(await value('q.length')).toMatch(/'length' does not exist on type 'number'/);
  });

  it('is found when the running cell fails only as it runs, by require and import()', async () => {
    expect(await value('require("fourth").q')).toMatch(/Cannot find module/);
    write(join(under.project, 'node_modules', 'fourth'), packageOf('fourth', 'number', '9'));
    expect(await value('require("fourth").q')).toBe('9');
  });

  it('is seen in another version when a newer one takes its place', async () => {
    const folder = join(under.project, 'node_modules', 'fifth');
    write(folder, packageOf('fifth', 'number', '1'));
    expect(await value('import { q } from "fifth"; q')).toBe('1');
    const next = join(under.project, 'next');
    write(next, {
      ...packageOf('fifth', 'string', '"two"'),
      'package.json': '{ "name": "fifth", "version": "2.0.0", "main": "index.js", "types": "index.d.ts" }',
    });
    rmSync(folder, { recursive: true });
    renameSync(next, folder);
    expect(await value('import { q } from "fifth"; const text: string = q; 1')).toBe('1');
  });
});
