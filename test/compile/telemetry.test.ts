import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const COMPILER = join(__dirname, '../../dist/compile/compile.js');
const TENSORS = join(__dirname, '../../dist/tensors.js');
const PROGRAM = `
  const { compile } = require(${JSON.stringify(COMPILER)});
  const { tf } = require(${JSON.stringify(TENSORS)});
  compile(({ x }) => tf.relu(x), { inputs: { x: [2] } })
    .then((step) => step.run({ x: Float32Array.of(1, -1) }).then(() => step.dispose()))
    .then(() => console.log('ran'));
`;

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gmm-vae-home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What a compiled step leaves behind in an empty home and temporary folder. Without CI, where ONNX Runtime keeps still by itself. */
function leftBehind(setting: Readonly<Record<string, string>>): readonly string[] {
  const folders = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, '.cache') };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', PROGRAM], {
    env: { PATH: process.env.PATH, ...folders, ...setting },
    encoding: 'utf8',
  });
  expect(stdout, stderr).toContain('ran');
  return existsSync(home) ? readdirSync(home, { recursive: true }).map(String) : [];
}

it('a compiled step keeps no identifier and no events for ONNX Runtime to send', () => {
  expect(leftBehind({})).toEqual([]);
});

// Shows that the test above could fail: 1.30 writes its identifier and its events on Linux and macOS. Its binary for Windows has another system.
it.runIf(process.platform !== 'win32')('who wants ONNX Runtime to report its use can say so', () => {
  expect(leftBehind({ ORT_DISABLE_TELEMETRY: '0' }).join()).toContain('onnxruntime');
});
