import Module from 'node:module';
import { tslabRequire } from '../tslab';

type TslabConverter = typeof import('tslab/dist/converter');

/** All that tslab's converter asks of the package `semver`, which takes longer to load than the converter. */
const SEMVER = { major: (version: string): number => Number(/\d+/.exec(version)?.[0]) };

/** Loads tslab's converter, which takes hold of the compiler's module object as it is then. Cells that load `semver` get the package. */
export function loadConverter(): TslabConverter {
  const path = tslabRequire.resolve('semver');
  const loaded = tslabRequire.cache[path];
  tslabRequire.cache[path] = Object.assign(new Module(path), { filename: path, exports: SEMVER, loaded: true });
  try {
    return tslabRequire('./dist/converter') as TslabConverter;
  } finally {
    if (loaded) tslabRequire.cache[path] = loaded;
    else delete tslabRequire.cache[path];
  }
}
