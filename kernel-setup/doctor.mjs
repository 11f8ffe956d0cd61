// npm run doctor [-- --json]: what is there and how to fix what is not. Runs before anything is installed: it looks
// at Node, the packages and the build itself and, once those are there, hands over to `gmm-vae doctor`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeIsRecentEnough, root } from './bootstrap.mjs';

/** @typedef {{ name: string, state: 'ok' | 'missing', detail: string, fix?: string }} Check */

const cli = join(root, 'dist', 'cli.js');
/** @type {Check[]} */
const checks = [
  {
    name: 'Node.js',
    state: nodeIsRecentEnough() ? 'ok' : 'missing',
    detail: process.versions.node,
    fix: 'install Node.js 20.19 or newer (https://nodejs.org)',
  },
  {
    name: 'packages',
    state: existsSync(join(root, 'node_modules', 'commander')) ? 'ok' : 'missing',
    detail: 'node_modules',
    fix: 'npm run bootstrap',
  },
  { name: 'build', state: existsSync(cli) ? 'ok' : 'missing', detail: 'dist/cli.js', fix: 'npm run bootstrap' },
];

const missing = checks.filter(({ state }) => state === 'missing');
if (missing.length === 0) {
  const { status } = spawnSync(process.execPath, [cli, 'doctor', ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}
if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(missing, null, 2)}\n`);
else
  for (const { name, detail, fix } of missing)
    process.stdout.write(`!!  ${name}  ${detail}: not there\n    → ${fix}\n`);
process.exit(1);
