// Draws docs/gallery.md and its pictures from the examples of the figures. `npx vite-node tools/gallery.ts` needs an installed
// Chromium, Chrome or Edge.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MimeBundle } from '../src/display';
import type { Notebook } from '../src/notebook/document/ipynb';
import { findBrowser, launchBrowser } from '../src/report/browser';
import { addPictures } from '../src/report/pictures';
import { drawnByExamples, galleryPage, pictureOf } from '../test/docs/gallery';

const DOCS = join(__dirname, '..', 'docs');
/** A picture is as wide as GitHub's column, twice over for fine screens. */
const WIDTH = 1440;

async function draw(): Promise<void> {
  const path = findBrowser(process.env);
  if (path === undefined) throw new Error('the pictures need Chromium, Chrome or Edge (CHROME_PATH names one)');
  const figures = await drawnByExamples();
  const browser = await launchBrowser(path);
  try {
    await addPictures(browser, notebookOf(figures.map(({ bundle }) => bundle)));
  } finally {
    await browser.close();
  }
  rmSync(join(DOCS, 'images', 'gallery'), { recursive: true, force: true });
  for (const figure of figures) {
    const file = join(DOCS, pictureOf(figure));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await png(figure.bundle));
  }
  writeFileSync(join(DOCS, 'gallery.md'), galleryPage(figures));
}

function notebookOf(bundles: readonly MimeBundle[]): Notebook {
  const outputs = bundles.map((data) => ({ output_type: 'display_data' as const, data, metadata: {} }));
  const cell = { cell_type: 'code' as const, id: 'gallery', metadata: {}, source: '', execution_count: null, outputs };
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] };
}

/** Few colours in small files: 64 of them are enough for lines and text. */
async function png(bundle: MimeBundle): Promise<Buffer> {
  const { default: sharp } = await import('sharp');
  const svg = bundle['image/svg+xml'];
  const source = svg === undefined ? Buffer.from(String(bundle['image/png']), 'base64') : Buffer.from(String(svg));
  const image = sharp(source, svg === undefined ? {} : { density: 144 }).flatten({ background: '#ffffff' });
  return image
    .resize({ width: WIDTH, withoutEnlargement: true })
    .png({ palette: true, colours: 64, effort: 10 })
    .toBuffer();
}

void draw();
