import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runNotebook } from '../../src/notebook/runner/run';
import { readManifest } from '../../src/vae/checkpoint/folder';
import { temporaryFolder } from './fixtures';

/** In one piece, as an output's data may be an array of lines. */
const joined = (value: unknown): string => (Array.isArray(value) ? value.join('') : String(value));

it('notebook 4 in its full mode compares four priors, one epoch of few images each, and shows the table', async () => {
  const folder = temporaryFolder();
  const { ok, notebook, error } = await runNotebook(
    join(__dirname, '..', '..', 'notebooks', '04-train-gmm-vae.ipynb'),
    {
      parameters: {
        synthetic: true,
        trainImages: 600,
        testImages: 50,
        epochs: 1,
        full: true,
        fullEpochs: 1,
        fullSamples: 3,
        fullTestImages: 40,
        fullFolder: folder,
      },
    },
  );
  expect({ ok, error }).toEqual({ ok: true, error: undefined });
  const shown = notebook.cells
    .flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))
    .flatMap((output) => ('data' in output ? [joined((output.data as Record<string, unknown>)['text/html'])] : []));
  const table =
    shown.find((html) => html.includes('3 samples for each of 40 test images of synthetic digits test')) ?? '';
  expect(table.match(/(?<!over )N\(0, I\)|mixture, K = \d+|VampPrior, K = 500/g)).toEqual([
    'N(0, I)',
    'mixture, K = 10',
    'mixture, K = 100',
    'VampPrior, K = 500',
  ]);
  // 500 of the 600 images in batches of 100; the rest is held out.
  for (const name of ['normal', 'gmm-10', 'gmm-100', 'vamp-500']) {
    const manifest = await readManifest(join(folder, name), 'last');
    expect(manifest?.progress.step).toBe(5);
    expect(manifest?.data.validation?.count).toBe(100);
  }
  // Twenty seconds of processor time, of which a busy machine gives little.
}, 600_000);
