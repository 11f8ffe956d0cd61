import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

/** Exported models in ONNX Runtimes of other languages: `npm run test:elsewhere` installs those first. */
export default defineConfig({
  test: {
    include: ['test/elsewhere/*.check.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's own second is short for a page that others' work keeps waiting.
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
  },
});
