import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type ts from '@tslab/typescript-for-tslab';

/** Requires as tslab itself would: its own files, and the packages it brings wherever npm has put them. */
export const tslabRequire: NodeJS.Require = createRequire(require.resolve('tslab/package.json'));

export const COMPILER = '@tslab/typescript-for-tslab';

/** The version of TypeScript that cells are written in. */
export function cellLanguageVersion(): string {
  const manifest = readFileSync(tslabRequire.resolve(`${COMPILER}/package.json`), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** TypeScript as cells are compiled by; loaded when first asked for, which takes a quarter of a second. */
export function compiler(): typeof ts {
  return tslabRequire(COMPILER) as typeof ts;
}
