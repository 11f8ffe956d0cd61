import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNotebook } from '../../src/notebook/runner/run';
import { buildReports } from '../../src/report/build';
import { code, notebookOf, writeFixture } from '../notebook/fixtures';

export const IMPORTS = `import { densityFigure, estimateKl, GaussianMixture, interact, KL_ESTIMATORS, klBounds, linspace, Normal, quadratureKl, sandwichFigure, slider, efficiencyFigure } from 'gmm-vae';
const modes = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 0.8)]);`;

/** Cells of the three figures whose moves are timed, each moved by one slider named x. */
export const CELLS = {
  density: `interact({ x: slider(-3, 3, { step: 0.01 }) }, ({ x }) => {
  const q = new Normal(x, 1);
  return densityFigure(q, modes, { kl: quadratureKl(q, modes) });
});`,
  sandwich: `interact({ x: slider(0.2, 3, { step: 0.01 }) }, ({ x }) => {
  const at = linspace(-3, 3, 25);
  const qs = at.map((mean) => new Normal(mean, x));
  const bounds = qs.map((q) => klBounds(q, modes));
  return sandwichFigure({ x: at, parameter: 'mean of q', lower: bounds.map((b) => b.lower), upper: bounds.map((b) => b.upper), exact: qs.map((q) => quadratureKl(q, modes)) });
});`,
  estimators: `interact({ x: slider(-3, 3, { step: 0.01 }) }, ({ x }) => {
  const q = new Normal(x, 1);
  const names = KL_ESTIMATORS.filter((name) => name !== 'k2' && name !== 'k3');
  const runs = names.map((estimator) => estimateKl(q, modes, { estimator, samples: 1024, seed: 1 }));
  const variance = (i: number) => (runs[i]!.standardError ?? 1) ** 2 * runs[i]!.evaluations;
  return efficiencyFigure({ names, efficiencies: names.map((_, i) => variance(0) / Math.max(variance(i), 1e-12)), per: 'evaluations' });
});`,
};

/** Builds the report of a notebook with these cells. Returns the page's file. */
export async function reportOf(cells: readonly string[]): Promise<string> {
  const outputDir = mkdtempSync(join(tmpdir(), 'gmm-vae-live-'));
  await buildReports({
    notebooks: [writeFixture(notebookOf(...cells.map((source) => code(source))), 'live.ipynb')],
    outputDir,
    jobs: 1,
    execute: async (path) => ({ notebook: (await runNotebook(path)).notebook }),
    reproduce: () => [],
  });
  return join(outputDir, 'live.html');
}
