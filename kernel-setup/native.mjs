// Installs TensorFlow.js's native addon, which makes eager tensors fast: `npm run native`, with `-- --gpu` for CUDA. Opt-in, because it
// downloads TensorFlow's C library from outside the npm registry. TFJS_NODE_CDN_STORAGE names a mirror of that host.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const WITHOUT = 'without it eager tensors use plain JavaScript, compiled steps are not affected';

/** The folder of the npm package whose addon is not built yet, or null if npm left the optional package out. */
function packageFolder() {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve('tfjs-node-native/package.json'));
  } catch {
    return null;
  }
}

/** @param {string} folder */
function isBuilt(folder) {
  const lib = join(folder, 'lib');
  return existsSync(lib) && readdirSync(lib, { recursive: true }).some((file) => String(file).endsWith('.node'));
}

/**
 * The environment of the package's install script: its mirror, ending in a slash as the script wants it, serves the addon too.
 * @param {NodeJS.ProcessEnv} env
 */
function scriptEnvironment(env) {
  const PATH = [join(root, 'node_modules', '.bin'), env.PATH].join(delimiter);
  if (!env.TFJS_NODE_CDN_STORAGE) return { ...env, PATH };
  const mirror = env.TFJS_NODE_CDN_STORAGE.replace(/\/*$/, '/');
  const host = `${mirror}tf-builds/pre-built-binary`;
  return { ...env, PATH, TFJS_NODE_CDN_STORAGE: mirror, npm_config_tfjs_binding_binary_host_mirror: host };
}

/**
 * Runs the package's own install script; its output is kept, because on failure it is a stack trace.
 * @param {string} folder @param {'cpu' | 'gpu'} type @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function runInstallScript(folder, type, env) {
  return new Promise((resolve) => {
    const args = [join(folder, 'scripts', 'install.js'), type, 'download'];
    const child = spawn(process.execPath, args, { cwd: folder, env: scriptEnvironment(env) });
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: null, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/**
 * Why it failed, in a few words: what the server of the first file that the script names answers, else the script's last line.
 * @param {string} output
 */
async function reasonFor(output) {
  const url = /https?:\/\/\S+\.(?:tar\.gz|zip)/.exec(output)?.[0];
  if (!url) return output.trim().split('\n').at(-1) ?? 'no reason given';
  try {
    const { ok, status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
    if (!ok) return `${url} answered ${status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${url} cannot be reached (${cause instanceof Error ? cause.message : cause})`;
  }
  const line = output.split('\n').find((text) => /error/i.test(text));
  return `${url} is there, but the addon was not built${line ? `: ${line.trim()}` : ''}`;
}

/**
 * Installs the addon and returns the exit code; everything it says is one line.
 * @param {{ gpu?: boolean, env?: NodeJS.ProcessEnv, folder?: string | null, say?: (line: string) => void }} [options]
 */
export async function installNative({
  gpu = false,
  env = process.env,
  folder = packageFolder(),
  say = (line) => void process.stderr.write(`gmm-vae: ${line}\n`),
} = {}) {
  if (folder === null) {
    say('the optional package tfjs-node-native is not installed: run `npm ci` with optional packages first');
    return 2;
  }
  if (isBuilt(folder) && !gpu) {
    say('the native addon is there already');
    return 0;
  }
  say(`downloading TensorFlow’s C library${gpu ? ' for CUDA' : ''} and the addon; this may take minutes`);
  const { code, output } = await runInstallScript(folder, gpu ? 'gpu' : 'cpu', env);
  if (code === 0 && isBuilt(folder)) {
    say('the native addon is installed: eager tensors use it from now on');
    return 0;
  }
  say(
    `the native addon was not installed: ${await reasonFor(output)}. TFJS_NODE_CDN_STORAGE names a mirror; ${WITHOUT}.`,
  );
  return 2;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [option, ...rest] = process.argv.slice(2);
  if ((option !== undefined && option !== '--gpu') || rest.length > 0) {
    process.stderr.write(`gmm-vae: native takes --gpu or nothing, got '${process.argv.slice(2).join(' ')}'\n`);
    process.exitCode = 2;
  } else {
    process.exitCode = await installNative({ gpu: option === '--gpu' });
  }
}
