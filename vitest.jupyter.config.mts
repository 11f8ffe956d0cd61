import { defineConfig } from 'vitest/config';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

/** Checks that need Debian's Jupyter packages, a browser or the npm registry; CI has them and runs these, `npm test` does not. */
export default defineConfig({
  test: {
    include: ['test/jupyter/**/*.check.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // Vitest's own second is short for a page that others' work keeps waiting.
    expect: { poll: { timeout: 60_000 } },
    fileParallelism: false,
  },
});
