import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** Tests of functions that keep nothing between two calls: their files may share threads, and what those have loaded. */
const PURE = ['math', 'distributions', 'kl', 'figures', 'live'].map((room) => `test/${room}/**/*.test.ts`);

/** What runs on a fresh machine with Node alone. test/browser and test/jupyter need Debian packages: see .ci/run. */
export default defineConfig({
  test: {
    globalSetup: ['test/scratch.ts'],
    // One more than there are cores: much of the time goes into processes that tests start and wait for, and into limits that run out.
    minWorkers: 1,
    maxWorkers: availableParallelism() + 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Of the two pools, threads for the one and processes for the other, both take this at the root alone.
    poolOptions: { threads: { isolate: false } },
    projects: [
      {
        extends: true,
        // One group after the other: together the two pools would keep twice as many cores busy as there are.
        test: { name: 'pure', include: PURE, pool: 'threads', sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/browser/**', 'test/jupyter/**', ...PURE],
          pool: 'forks',
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
