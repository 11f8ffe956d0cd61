import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prune } from '../kernel-setup/prune.mjs';
import { temporaryFolder } from './notebook/fixtures';

const FILES = [
  'a/index.js',
  'a/index.js.map',
  'a/types.d.ts.map',
  'a/road.map',
  'onnxruntime-node/bin/napi-v6/linux/x64/lib.so',
  'onnxruntime-node/bin/napi-v6/linux/arm64/lib.so',
  'onnxruntime-node/bin/napi-v6/darwin/arm64/lib.dylib',
  'zeromq/build/manifest.json',
  'zeromq/build/linux/x64/node/glibc-115-Release/addon.node',
  'zeromq/build/win32/x64/node/msvc-115-Release/addon.node',
  '@tensorflow/tfjs/dist/tf.node.js',
  '@tensorflow/tfjs/dist/tf.es2017.min.js',
  '@tensorflow/tfjs-core/dist/tf-core.node.js',
  '@tensorflow/tfjs-core/dist/tf-core.fesm.js',
  '@tensorflow/tfjs-backend-cpu/dist/tf-backend-cpu.min.js',
  '@tensorflow/tfjs/dist/index.js',
];

function installed(): string {
  const modules = temporaryFolder();
  for (const file of FILES) {
    mkdirSync(dirname(join(modules, file)), { recursive: true });
    writeFileSync(join(modules, file), '1234');
  }
  return modules;
}

describe('an install', () => {
  it('loses source maps, the libraries of other platforms and the bundles for browsers, and nothing else', () => {
    const modules = installed();
    expect(prune(modules, { platform: 'linux', arch: 'x64' })).toEqual({ files: 8, bytes: 32 });
    expect(FILES.filter((file) => existsSync(join(modules, file)))).toEqual([
      'a/index.js',
      'a/road.map',
      'onnxruntime-node/bin/napi-v6/linux/x64/lib.so',
      'zeromq/build/manifest.json',
      'zeromq/build/linux/x64/node/glibc-115-Release/addon.node',
      '@tensorflow/tfjs/dist/tf.node.js',
      '@tensorflow/tfjs-core/dist/tf-core.node.js',
      '@tensorflow/tfjs/dist/index.js',
    ]);
    expect(prune(modules, { platform: 'linux', arch: 'x64' })).toEqual({ files: 0, bytes: 0 });
  });

  it('keeps every library on a platform that ONNX Runtime brings none for', () => {
    const modules = installed();
    prune(modules, { platform: 'freebsd', arch: 'x64' });
    expect(existsSync(join(modules, 'onnxruntime-node/bin/napi-v6/darwin/arm64/lib.dylib'))).toBe(true);
  });
});
