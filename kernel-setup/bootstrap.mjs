// Makes a fresh clone ready: packages from the lock file, the link that lets notebooks import 'gmm-vae', the build.
// Plain JavaScript without dependencies, because it runs before anything is installed. Does nothing that is already done.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { prune } from './prune.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = { major: 20, minor: 19 };

/** @param {string} message @returns {never} */
function stop(message) {
  process.stderr.write(`gmm-vae: ${message}\n`);
  process.exit(2);
}

export function nodeIsRecentEnough(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST_NODE.major || (major === OLDEST_NODE.major && minor >= OLDEST_NODE.minor);
}

/** @param {string} command @param {string[]} args @param {string} advice */
function run(command, args, advice) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (result.error) stop(`could not start ${command}: ${result.error.message}. ${advice}`);
  if (result.status !== 0) stop(`${command} ${args.join(' ')} failed (exit ${result.status}). ${advice}`);
}

/** The packages are current when the stamp left by the last install carries the lock file's own hash. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.gmm-vae-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  process.stderr.write('gmm-vae: installing packages (once, about half a minute)\n');
  run(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
    'Is the npm registry reachable? Try `npm ci` to see more.',
  );
  prune(join(root, 'node_modules'), process);
  writeFileSync(stamp, wanted);
}

/** node_modules/gmm-vae → the project, so that a notebook's `import … from 'gmm-vae'` finds the build and its types. */
function linkSelf() {
  const link = join(root, 'node_modules', 'gmm-vae');
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  rmSync(link, { recursive: true, force: true });
  symlinkSync('..', link, process.platform === 'win32' ? 'junction' : 'dir');
}

function build() {
  run(
    process.execPath,
    ['node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.build.json'],
    'The sources do not compile.',
  );
  run(process.execPath, ['assembly/lazy-index.mjs'], 'The entry of the package cannot be made.');
  run(process.execPath, ['assembly/browser.mjs'], 'The build for browsers cannot be made.');
  run(process.execPath, ['assembly/record.mjs'], 'What was built cannot be noted.');
}

/** The memory that processes of cells start with. Without it they start more slowly, and no worse. */
function snapshot() {
  const { status, stderr } = spawnSync(process.execPath, ['dist/notebook/snapshot/make.js'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) process.stderr.write(`gmm-vae: kernels will start slowly, for want of a snapshot: ${stderr}\n`);
}

export function bootstrap() {
  if (!nodeIsRecentEnough()) {
    stop(`Node.js ${process.versions.node} is too old: ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or newer is needed.`);
  }
  installPackages();
  linkSelf();
  build();
  snapshot();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) bootstrap();
