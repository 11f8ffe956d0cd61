import { defineConfig } from 'vitest/config';

/** What runs on a fresh machine with Node alone. test/browser and test/jupyter need Debian packages: see .ci/run. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/jupyter/**'],
    // Also on two cores, where vitest would take one: most of the time goes into processes that tests start and wait for.
    minWorkers: 1,
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
