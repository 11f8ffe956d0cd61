import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

/** JupyterLab and ipywidgets come by pip alone, which CI does not use: run this where both are installed, or name jupyter-lab by JUPYTER_LAB. */
export default defineConfig({
  test: {
    include: ['test/lab/**/*.check.ts'],
    testTimeout: 900_000,
    hookTimeout: 60_000,
    // Vitest's own second is short for a page that others' work keeps waiting.
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
  },
});
