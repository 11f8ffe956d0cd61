import { defineConfig } from 'vitest/config';

/** What runs on a fresh machine with Node alone. test/browser and test/jupyter need Debian packages: see .ci/run. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/jupyter/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
