import { defineConfig } from 'vitest/config';

// What only a browser can judge: `npx vitest run -c vitest.browser.config.mts`. Needs Chromium or Chrome.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A browser each; they wait more than they compute.
    maxWorkers: 2,
    minWorkers: 1,
  },
});
