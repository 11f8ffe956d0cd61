import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { recordSources, staleness } from '../src/build-record';
import { buildCheck, packagesCheck } from '../src/doctor/project';
import { temporaryFolder } from './notebook/fixtures';

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = temporaryFolder();
  write('package.json', '{}');
  write('src/kl/one.ts', 'export const one = 1;');
  write('src/two.ts', 'export const two = 2;');
  write('dist/cli.js', '');
  recordSources(root);
});

describe('a build', () => {
  it('is current, also as a copy or a checkout in which all files have other times', () => {
    expect(staleness(root)).toBeNull();
    const later = new Date(Date.now() + 3_600_000);
    utimesSync(join(root, 'src/two.ts'), later, later);
    expect(staleness(root)).toBeNull();
    expect(buildCheck(root)).toMatchObject({ state: 'ok', detail: 'current' });
  });

  it.each([
    ['is written', () => write('src/two.ts', 'export const two = 3;')],
    ['is added', () => write('src/three.ts', '')],
    ['is removed', () => rmSync(join(root, 'src/two.ts'))],
    ['is renamed', () => renameSync(join(root, 'src/two.ts'), join(root, 'src/zwei.ts'))],
    [
      'is cut in another place',
      () => {
        write('src/kl/one.ts', 'export const one = 1');
        write('src/two.ts', ';export const two = 2;');
      },
    ],
  ])('is not when a source %s', (_, edit) => {
    edit();
    expect(staleness(root)).toBe('what runs was built from other sources than are here now; run: npm run bootstrap');
    expect(buildCheck(root)).toMatchObject({ state: 'optional', fix: 'npm run build' });
    recordSources(root);
    expect(staleness(root)).toBeNull();
  });

  it('that left no record may be of any sources', () => {
    rmSync(join(root, 'dist/.sources'));
    expect(staleness(root)).toMatch(/^what runs was built from other sources/);
  });

  it('in an installed package, where there are no sources, is as it was published', () => {
    rmSync(join(root, 'src'), { recursive: true });
    expect(staleness(root)).toBeNull();
    expect(buildCheck(root)).toMatchObject({ state: 'ok' });
  });
});

describe('packages', () => {
  const lock = '{"lockfileVersion": 3}';
  beforeEach(() => {
    write('package-lock.json', lock);
    write('node_modules/.gmm-vae-lock', createHash('sha256').update(lock).digest('hex'));
  });

  it('are current as long as the lock file is that of their install', () => {
    expect(staleness(root)).toBeNull();
    write('package-lock.json', `${lock}\n`);
    expect(staleness(root)).toBe('the packages are older than package-lock.json; run: npm run bootstrap');
    expect(packagesCheck(root)).toMatchObject({ state: 'optional', fix: 'npm run bootstrap' });
  });

  it('that npm installed by itself have nothing to tell by', () => {
    rmSync(join(root, 'node_modules/.gmm-vae-lock'));
    write('package-lock.json', `${lock}\n`);
    expect(staleness(root)).toBeNull();
  });
});
