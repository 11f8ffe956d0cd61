import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arePackagesCurrent, isBuildCurrent } from '../build-record';
import { addonIsBuilt } from '../native-addon';
import { installedFolder } from '../notebook/installed';
import type { Check } from './check';

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'Node.js',
    state: recent ? 'ok' : 'missing',
    detail: version,
    ...(recent ? {} : { fix: 'install Node.js 20.19 or newer (https://nodejs.org)' }),
  };
}

export function packagesCheck(root: string): Check {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const names = Object.keys(manifest.dependencies ?? {});
  const missing = names.filter((name) => installedFolder(root, name) === null);
  const [name, fix] = ['packages', 'npm run bootstrap'];
  if (missing.length > 0) return { name, state: 'missing', detail: `not installed: ${missing.join(', ')}`, fix };
  return arePackagesCurrent(root)
    ? { name, state: 'ok', detail: `${names.length} installed` }
    : { name, state: 'optional', detail: 'older than package-lock.json', fix };
}

export function buildCheck(root: string): Check {
  const [name, fix] = ['build', 'npm run build'];
  if (!existsSync(join(root, 'dist', 'cli.js'))) return { name, state: 'missing', detail: 'no build in dist/', fix };
  return isBuildCurrent(root)
    ? { name, state: 'ok', detail: 'current' }
    : { name, state: 'optional', detail: 'dist/ was built from other sources than are here now', fix };
}

export function nativeTensorFlowCheck(root: string): Check {
  const name = 'native TensorFlow';
  const fix = 'npm run native (a download; only speeds up eager tensors)';
  try {
    const path = createRequire(join(root, 'package.json')).resolve('tfjs-node-native/package.json');
    if (addonIsBuilt(dirname(path))) return { name, state: 'ok', detail: 'tfjs addon built' };
    return {
      name,
      state: 'optional',
      detail: 'tfjs addon not built; tensors outside compiled steps use plain JavaScript',
      fix,
    };
  } catch {
    return { name, state: 'optional', detail: 'tfjs addon not installed', fix };
  }
}
