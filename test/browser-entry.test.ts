import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '..');
const LARGEST = 250_000;

/** What a bundler makes of this code for a page, minified; what it has to say about it is an error here. */
async function bundled(code: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  expect(warnings.map(({ text }) => text)).toEqual([]);
  return outputFiles[0]!.text;
}

describe('gmm-vae/browser', () => {
  it('fits into 250 KB, minified and whole', async () => {
    const all = await bundled("import * as all from 'gmm-vae/browser'; globalThis.all = all;");
    expect(all.length).toBeLessThan(LARGEST);
    // It would be no library if it were far smaller.
    expect(gzipSync(all).length).toBeGreaterThan(10_000);
  });

  it('leaves out what is not used: nothing of it for nothing, and a normal without the estimators', async () => {
    expect(await bundled("import { Normal } from 'gmm-vae/browser'; globalThis.x = 1;")).toBe('globalThis.x=1;\n');
    const one = await bundled(
      "import { Normal } from 'gmm-vae/browser'; globalThis.x = new Normal(0, 1).logProb([0]);",
    );
    expect(one.length).toBeLessThan(15_000);
  });

  it('has the names of the library that need no Node, and the same values', async () => {
    const [browser, node] = await Promise.all([import('gmm-vae/browser'), import('gmm-vae')]);
    const missing = Object.keys(browser).filter((name) => !(name in node));
    expect(missing).toEqual([]);
    expect(Object.keys(browser)).toEqual(
      expect.arrayContaining(['klDivergence', 'estimateKl', 'quadratureKl', 'klBounds', 'figure', 'RandomStream']),
    );
    const ours = new browser.GaussianMixture([0.25, 0.75], [new browser.Normal(-1, 0.5), new browser.Normal(2, 1)]);
    const theirs = new node.GaussianMixture([0.25, 0.75], [new node.Normal(-1, 0.5), new node.Normal(2, 1)]);
    const options = { estimator: 'plain', samples: 1000, seed: 7 } as const;
    expect(browser.estimateKl(new browser.Normal(0, 1), ours, options)).toEqual(
      node.estimateKl(new node.Normal(0, 1), theirs, options),
    );
  });

  it('needs neither Node’s types nor a bundler', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gmm-vae-types-'));
    writeFileSync(
      join(folder, 'page.mts'),
      `import { klDivergence, Normal, figure, type Figure } from '${ROOT}/dist/browser/browser.mjs';
export const nats: number = klDivergence(new Normal(0, 1), new Normal(0, 2));
export const drawn: Figure = figure({ data: [], alt: 'nothing' });
// @ts-expect-error a normal has a number as its mean
export const wrong = new Normal('0', 1);
`,
    );
    const flags = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      '',
    ];
    const tsc = join(ROOT, 'node_modules/typescript-7/bin/tsc');
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...flags, join(folder, 'page.mts')], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    expect(status).toBe(0);
    expect(readFileSync(join(ROOT, 'dist/browser/browser.mjs'), 'utf8')).not.toMatch(/from "(?!\.\/)/);
  });
});
