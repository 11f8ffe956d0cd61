// Installs what exported models are tried in into .cache/elsewhere: ONNX Runtime for Python (by pip) and for browsers (by npm), or one of them.
// node test/elsewhere/install.mjs [python|browser]
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const environment = fileURLToPath(new URL('../../.cache/elsewhere', import.meta.url));
const requirements = `${here}requirements.txt`;
const installed = `${environment}/installed.txt`;
const run = (/** @type {string} */ command, /** @type {readonly string[]} */ ...args) =>
  execFileSync(command, args.flat(), { stdio: 'inherit' });

function forPython() {
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return;
  run('python3', ['-m', 'venv', environment]);
  const quietly = ['--quiet', '--retries', '1'];
  run(`${environment}/bin/python`, ['-m', 'pip', 'install', ...quietly, '--requirement', requirements]);
  writeFileSync(installed, wanted);
}

function forBrowsers() {
  mkdirSync(environment, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(`${here}${name}`, `${environment}/${name}`);
  run('npm', ['ci', '--prefix', environment, '--loglevel=error', '--ignore-scripts']);
}

const [only] = process.argv.slice(2);
if (only !== 'browser') forPython();
if (only !== 'python') forBrowsers();
