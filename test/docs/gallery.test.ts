import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as library from '../../src/index';
import { drawnByExamples, galleryPage } from './gallery';
import { ROOT } from './markdown';

it('the gallery has every figure, with the text alternative and the code of its example', async () => {
  const drawn = await drawnByExamples();
  const names = Object.keys(library).filter((name) => name.endsWith('Figure'));
  expect(names.length).toBeGreaterThan(25);
  expect(drawn.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
  await expect(galleryPage(drawn)).toMatchFileSnapshot(join(ROOT, 'docs/gallery.md'));
});
