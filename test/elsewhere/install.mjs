// Installs what exported models are tried in, ONNX Runtime for Python and for browsers, into .cache/elsewhere.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const environment = fileURLToPath(new URL('../../.cache/elsewhere', import.meta.url));
const requirements = `${here}requirements.txt`;
const installed = `${environment}/installed.txt`;
const run = (/** @type {string} */ command, /** @type {readonly string[]} */ ...args) =>
  execFileSync(command, args.flat(), { stdio: 'inherit' });

const wanted = readFileSync(requirements, 'utf8');
if (!existsSync(installed) || readFileSync(installed, 'utf8') !== wanted) {
  run('python3', ['-m', 'venv', environment]);
  run(`${environment}/bin/python`, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--retries',
    '1',
    '--requirement',
    requirements,
  ]);
  writeFileSync(installed, wanted);
}
for (const name of ['package.json', 'package-lock.json']) copyFileSync(`${here}${name}`, `${environment}/${name}`);
run('npm', ['ci', '--prefix', environment, '--loglevel=error', '--ignore-scripts']);
