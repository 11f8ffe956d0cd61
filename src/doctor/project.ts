import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
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
  return missing.length === 0
    ? { name: 'packages', state: 'ok', detail: `${names.length} installed` }
    : { name: 'packages', state: 'missing', detail: `not installed: ${missing.join(', ')}`, fix: 'npm run bootstrap' };
}

/** The build is current when no source is newer than the compiler's own record of it. */
export function buildCheck(root: string): Check {
  const record = statSync(join(root, 'dist', '.tsbuildinfo'), { throwIfNoEntry: false });
  const fix = 'npm run build';
  if (!record) return { name: 'build', state: 'missing', detail: 'no build in dist/', fix };
  const newer = sources(join(root, 'src')).filter((path) => statSync(path).mtimeMs > record.mtimeMs);
  return newer.length === 0
    ? { name: 'build', state: 'ok', detail: 'current' }
    : { name: 'build', state: 'optional', detail: `${newer.length} sources are newer than dist/`, fix };
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
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
