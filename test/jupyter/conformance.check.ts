import { join } from 'node:path';
import { expect, it } from 'vitest';
import { jupyterEnvironment, python } from './jupyter';

it("passes all 12 tests of Debian's jupyter_kernel_test and skips none", async () => {
  const { code, output } = await python([join(__dirname, 'conformance.py')], jupyterEnvironment());
  expect(output).toContain('Ran 12 tests');
  expect(output).not.toMatch(/skipped|FAIL|ERROR/);
  expect(code).toBe(0);
});
