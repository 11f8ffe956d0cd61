import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { syntheticDigits } from '../../src/data/glyphs';
import { runNotebook } from '../../src/notebook/runner/run';
import { npy } from '../data/npy-for-tests';
import { temporaryFolder } from './fixtures';

it('notebook 5 takes an array of images in place of a folder of pictures, with height 0', async () => {
  const file = join(temporaryFolder(), 'images.npy');
  const { images } = syntheticDigits({ train: 60, test: 1, seed: 1 }).train;
  writeFileSync(file, npy('|u1', [60, 28, 28], images));
  const { ok, notebook, error } = await runNotebook(
    join(__dirname, '..', '..', 'notebooks', '05-your-own-data.ipynb'),
    { parameters: { folder: file, height: 0, components: 2, hidden: 4, epochs: 1, samples: 2 } },
  );
  expect({ ok, error }).toEqual({ ok: true, error: undefined });
  const outputs = notebook.cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []));
  const shown = JSON.stringify(outputs);
  expect(shown).toContain('40 of 54 training pictures');
  expect(shown).toContain('6 test pictures, 2 samples each');
}, 600_000);
