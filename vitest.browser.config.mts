import { defineConfig } from 'vitest/config';
import { longestFirst } from './test/longest-first.mjs';
import { useScratchFolder } from './test/scratch.js';

useScratchFolder();

// What only a browser can judge: `npx vitest run -c vitest.browser.config.mts`. Needs Chromium or Chrome.
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    // In CI three other suites run beside: every page of every report, on one screen, then takes two minutes.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // Vitest's own second is short for a page that others' work keeps waiting.
    expect: { poll: { timeout: 60_000 } },
    // A browser each; they wait more than they compute.
    maxWorkers: 2,
    minWorkers: 1,
    sequence: {
      sequencer: longestFirst([
        'browser/xss',
        'browser/reports',
        'browser/live',
        'browser/handles',
        'browser/moves',
        'browser/paper',
      ]),
    },
  },
});
