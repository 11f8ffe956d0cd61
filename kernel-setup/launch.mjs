// The process that Jupyter starts: argv is this file and the connection file. Explains on stderr what is missing
// instead of dying with a stack trace, and makes a missing build where it can.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'dist', 'notebook', 'kernel', 'main.js');

/** @param {string} message @returns {never} */
function stop(message) {
  process.stderr.write(`gmm-vae kernel: ${message}\n`);
  process.exit(2);
}

const [connectionFile] = process.argv.slice(2);
if (!connectionFile) stop('no connection file given: Jupyter starts this program, people run `npm run kernel`');
if (!existsSync(entry)) {
  // Jupyter shows this process's stderr in its own terminal; stdout belongs to no one.
  const made = spawnSync(process.execPath, [join(root, 'kernel-setup', 'bootstrap.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (made.status !== 0 || !existsSync(entry)) stop(`the project is not built. In ${root}, run: npm run bootstrap`);
}
try {
  /** @type {{ startKernel(connectionFile: string): Promise<void> }} */
  const { startKernel } = createRequire(import.meta.url)(entry);
  await startKernel(connectionFile);
  process.exit(0);
} catch (error) {
  stop(error instanceof Error ? (process.env.DEBUG ? (error.stack ?? error.message) : error.message) : String(error));
}
