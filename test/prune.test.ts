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
  '@tensorflow/tfjs/dist/tf.node.js',
  '@tensorflow/tfjs/dist/tf.es2017.min.js',
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
    expect(prune(modules, { platform: 'linux', arch: 'x64' })).toEqual({ files: 5, bytes: 20 });
    expect(FILES.filter((file) => existsSync(join(modules, file)))).toEqual([
      'a/index.js',
      'a/road.map',
      'onnxruntime-node/bin/napi-v6/linux/x64/lib.so',
      '@tensorflow/tfjs/dist/tf.node.js',
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
