import { defineConfig } from 'vitest/config';

/** JupyterLab comes by pip alone, which CI does not use: run this where it is installed, or name it by JUPYTER_LAB. */
export default defineConfig({
  test: { include: ['test/lab/**/*.check.ts'], testTimeout: 300_000, hookTimeout: 60_000, fileParallelism: false },
});
