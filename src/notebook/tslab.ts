import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import type ts from '@tslab/typescript-for-tslab';
import { prepared } from './snapshot/prepared';

/** Requires as tslab itself would: its own files, and the packages it brings wherever npm has put them. */
export const tslabRequire: NodeJS.Require = createRequire(require.resolve('tslab/package.json'));

export const COMPILER = '@tslab/typescript-for-tslab';

/** The version of TypeScript that cells are written in. */
export function cellLanguageVersion(): string {
  const manifest = readFileSync(tslabRequire.resolve(`${COMPILER}/package.json`), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** TypeScript as cells are compiled by; loaded when first asked for, which takes a quarter of a second without a snapshot. */
export function compiler(): typeof ts {
  const path = tslabRequire.resolve(COMPILER);
  const ready = prepared();
  if (ready?.path === path && !tslabRequire.cache[path]) {
    const module = new Module(path);
    Object.assign(module, { filename: path, exports: ready.compiler, loaded: true });
    tslabRequire.cache[path] = module;
  }
  return tslabRequire(path) as typeof ts;
}
