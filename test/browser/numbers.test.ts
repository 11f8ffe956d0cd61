import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from '../../src/browser';
import { answers, type Drawn, type Problem } from './answers';
import { startBrowser } from './pages';

let browser: Browser;
let page: Page;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as library from 'gmm-vae/browser'; import { answers } from './answers';
globalThis.answers = (problem) => answers(library, problem);`,
      resolveDir: __dirname,
    },
    absWorkingDir: join(__dirname, '..', '..'),
    bundle: true,
    format: 'iife',
    write: false,
  });
  browser = await startBrowser();
  page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
});
afterAll(() => browser?.close());

const inPage = (problems: readonly Problem[]): Promise<string[][]> =>
  page.evaluate(
    (given) => given.map((globalThis as unknown as { answers: (problem: Problem) => string[] }).answers),
    problems as Problem[],
  );

/** Distributions on a line and in a plane, from narrow to wide, near and far from each other. */
const distribution = (d: number): fc.Arbitrary<Drawn> =>
  fc
    .array(
      fc.record({
        weight: fc.integer({ min: 1, max: 9 }),
        mean: fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: d, maxLength: d }),
        scale: fc.array(fc.double({ min: -3, max: 1.5, noNaN: true }), { minLength: d, maxLength: d }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => {
      const total = parts.reduce((sum, { weight }) => sum + weight, 0);
      return {
        weights: parts.map(({ weight }) => weight / total),
        means: parts.map(({ mean }) => mean),
        stddevs: parts.map(({ scale }) => scale.map(Math.exp)),
      };
    });

const problem = fc
  .integer({ min: 1, max: 2 })
  .chain((d) => fc.record({ q: distribution(d), p: distribution(d), seed: fc.nat(1e6) }));

describe('the numbers of a page', () => {
  it('are Node’s to the last digit, over 60 random problems and every estimator', async () => {
    const problems = fc.sample(problem, { seed: 17, numRuns: 60 });
    const there = await inPage(problems);
    const here = problems.map((given) => answers(library, given));
    expect(there).toEqual(here);
    // Most of them are numbers, not the same refusals.
    const numbers = here.flat().filter((answer) => /\d\.\d{6}/.test(answer));
    expect(numbers.length).toBeGreaterThan(here.flat().length / 2);
  });
});
