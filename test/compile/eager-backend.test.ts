import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type AddonLoader, chooseEagerBackend, restoreRemovedChecks, tf } from '../../src/tensors';

const root = join(__dirname, '..', '..');
const folders: string[] = [];

/** A folder where packages of this project resolve from. */
function folder(): string {
  const made = mkdtempSync(join(root, 'node_modules', '.native-test-'));
  folders.push(made);
  return made;
}

/** What looks like the addon's package, built or not. */
function addonPackage(built: boolean): string {
  const made = folder();
  if (built) {
    mkdirSync(join(made, 'lib', 'napi-v8'), { recursive: true });
    writeFileSync(join(made, 'lib', 'napi-v8', 'tfjs_binding.node'), '');
  }
  return made;
}

/** Stands for the addon: registers a backend of its name, as the package does when it is loaded. */
const fake = (built: boolean, load: () => void): AddonLoader => ({ folder: () => addonPackage(built), load });

function registerFakeBackend(): void {
  const cpu = tf.findBackend('cpu');
  tf.registerBackend('tensorflow', () => cpu, 3);
  void tf.setBackend('tensorflow');
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
  void tf.setBackend('cpu');
  // Not removeBackend: the fake shares the cpu backend's object, which that would dispose of.
  Reflect.deleteProperty(tf.engine().registry, 'tensorflow');
  Reflect.deleteProperty(tf.engine().registryFactory, 'tensorflow');
});

describe('eager tensors', () => {
  it('are computed by the native addon where it is built and loads', () => {
    expect(chooseEagerBackend(fake(true, registerFakeBackend))).toEqual({
      name: 'tensorflow',
      reason: 'native addon loaded',
    });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  it('are computed by cpu where the addon is not built, which is then not loaded', () => {
    const load = (): void => {
      throw new Error('loaded');
    };
    expect(chooseEagerBackend(fake(false, load))).toEqual({
      name: 'cpu',
      reason: 'the native addon is not built (npm run native)',
    });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('are computed by cpu where the package is not installed', () => {
    const folder = (): string => {
      throw new Error('Cannot find module');
    };
    const choice = chooseEagerBackend({ folder, load: registerFakeBackend });
    expect(choice).toEqual({ name: 'cpu', reason: 'the native addon is not installed (npm run native)' });
  });

  it('are computed by cpu where the addon does not load, and say why in one line', () => {
    const load = (): void => {
      throw new Error('libtensorflow.so.2: cannot open shared object file\nat Module._load');
    };
    expect(chooseEagerBackend(fake(true, load))).toEqual({
      name: 'cpu',
      reason: 'the native addon does not load: libtensorflow.so.2: cannot open shared object file',
    });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('find the checks that Node 23 took out of util, and leave those that are there', () => {
    const own = (): boolean => true;
    const target: Record<string, unknown> = { isArray: own };
    restoreRemovedChecks(target);
    expect(target.isArray).toBe(own);
    const isNullOrUndefined = target.isNullOrUndefined as (value: unknown) => boolean;
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  });

  it('print nothing when TensorFlow.js is loaded and first used', async () => {
    const script = `const { tf } = require(${JSON.stringify(join(root, 'dist', 'tensors.js'))}); tf.add(1, 2).dataSync();`;
    expect(await node(['-e', script])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('npm run native', () => {
  it('says in one line that a mirror refused the download, with the address and what to do', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(403, { 'content-length': 0 }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // The package's own install script, in a copy, so that an addon that is installed here stays.
    const copy = folder();
    const original = dirname(require.resolve('tfjs-node-native/package.json'));
    for (const part of ['package.json', 'scripts']) cpSync(join(original, part), join(copy, part), { recursive: true });
    const call = `import { installNative } from ${JSON.stringify(`file://${root}/kernel-setup/native.mjs`)};
      process.exitCode = await installNative({ folder: ${JSON.stringify(copy)} });`;
    const proxies = Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'].map((name) => [name, '']),
    );
    const result = await node(['--input-type=module', '-e', call], { ...proxies, TFJS_NODE_CDN_STORAGE: mirror });
    server.close();
    expect(asked[0]).toMatch(/^\/tensorflow\/libtensorflow\/libtensorflow-cpu-.*\.tar\.gz$/);
    expect(result.code).toBe(2);
    const lines = result.stderr.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(
      /not installed: http:\/\/127\.0\.0\.1:\d+\/tensorflow\S+ answered 403\. TFJS_NODE_CDN_STORAGE/,
    );
  });

  it('refuses an option that it does not know', async () => {
    const { code, stderr } = await node([join(root, 'kernel-setup', 'native.mjs'), '--cuda']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "gmm-vae: native takes --gpu or nothing, got '--cuda'\n" });
  });
});

function node(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, ...env } }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
