import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DeviceName } from '../../../src/compile/runtime/devices';
import { runConformance } from './run';

// `GMM_VAE_TEST_DEVICE=webgpu` runs the same tests on a GPU, or on a software Vulkan driver.
const device = (process.env.GMM_VAE_TEST_DEVICE ?? 'cpu') as DeviceName;

describe(`TensorFlow.js’s own tests, compiled for ${device}`, () => {
  it('pass, but for the exclusions that are listed with their reasons, and as many as the documentation says', async () => {
    const result = await runConformance(device);
    expect(result.failures).toEqual([]);
    expect(result.stale).toEqual([]);
    const line = `${device}: ${result.passed} of ${result.run} passed (${result.computed} computed by ONNX Runtime), ${result.excluded} excluded`;
    const missing = [...result.unsupported].sort(([a], [b]) => a.localeCompare(b)).map(([name, n]) => `${name} ${n}`);
    const page = readFileSync(join(__dirname, '../../../docs/reference/compiler.md'), 'utf8');
    expect(page, `${line}\nnot supported: ${missing.join(' · ')}`).toContain(line);
    // Minutes on a software driver, more where other checks run beside it.
  }, 1_200_000);
});
