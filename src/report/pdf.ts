import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { pagesOfTargets } from './pdf-targets';

/** The text width of the printed page in CSS pixels: A4 less the margins of print.css. */
const TEXT_WIDTH = 658;

const FOOTER = `<div style="width:100%;text-align:center;font:8px 'Liberation Sans',sans-serif;color:#5b616b">
<span class="pageNumber"></span> / <span class="totalPages"></span></div>`;

interface Link {
  readonly protocol: string;
  readonly pathname: string;
  removeAttribute(name: 'href'): void;
}

/** A part of the page that is given words. */
interface Part {
  readonly textContent: string | null;
  querySelector(selector: string): Part | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

/** What a page offers to the reader who prints it; the part that draws is absent where there is nothing to draw. */
interface PrintablePage {
  readonly document: {
    querySelectorAll(selector: 'a[href]'): Iterable<Link>;
    querySelectorAll(selector: 'figure'): Iterable<{ setAttribute(name: 'role', value: 'group'): void }>;
    querySelectorAll(selector: '.katex'): Iterable<Part>;
  };
  readonly location: { readonly pathname: string };
  readonly gmmVae: {
    preparePrint?(on: boolean): Promise<void>;
    loadFrames(): Promise<void>;
    fitToPaper(on: boolean): void;
    settleFrames(): Promise<void>;
    addContents(): void;
    /** Writes the pages of the sections into the contents; says whether a number has changed. */
    numberContents(pages: Readonly<Record<string, number>>): boolean;
  };
}

/** A report page as PDF: every figure drawn as vectors, nothing wider than the paper, pages numbered. */
export async function printPdf(
  browser: Browser,
  path: string,
  { reproducible = false }: { readonly reproducible?: boolean } = {},
): Promise<Buffer> {
  const context = await browser.newContext({
    offline: true,
    colorScheme: 'light',
    viewport: { width: TEXT_WIDTH, height: 900 },
  });
  try {
    const page = await context.newPage();
    await page.emulateMedia({ media: 'print', colorScheme: 'light' });
    await page.goto(pathToFileURL(path).href);
    await page.evaluate(async () => {
      const { gmmVae, document, location } = globalThis as unknown as PrintablePage;
      // A PDF would hold the way to the neighbouring pages on this very disk: of use to nobody, and different everywhere.
      for (const link of document.querySelectorAll('a[href]')) {
        if (link.protocol === 'file:' && link.pathname !== location.pathname) link.removeAttribute('href');
      }
      // A tag Figure needs words; a figure has them on the drawing within, beside its caption.
      for (const figure of document.querySelectorAll('figure')) figure.setAttribute('role', 'group');
      // Drawn maths is hidden from screen readers, and MathML gets no tags: a formula becomes a picture whose words are its TeX.
      for (const maths of document.querySelectorAll('.katex')) {
        const tex = maths.querySelector('annotation')?.textContent;
        if (!tex) continue;
        maths.setAttribute('role', 'img');
        maths.setAttribute('aria-label', tex);
        maths.querySelector('.katex-html')?.removeAttribute('aria-hidden');
        maths.querySelector('.katex-mathml')?.remove();
      }
      await gmmVae.preparePrint?.(true);
      await gmmVae.loadFrames();
      gmmVae.addContents();
      gmmVae.fitToPaper(true);
      await gmmVae.settleFrames();
    });
    const options = {
      ...{ tagged: true, outline: true },
      preferCSSPageSize: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: FOOTER,
    };
    const pdf = await printWithNumbers(page, () => page.pdf(options));
    return reproducible ? withoutChance(pdf) : pdf;
  } finally {
    await context.close();
  }
}

/** Numbers may take room, and move what they count: a few prints settle it. */
const MOST_PRINTS = 4;

/** Only a printed page says on which page a section begins: prints again until the contents hold. */
async function printWithNumbers(page: Page, print: () => Promise<Buffer>): Promise<Buffer> {
  for (let prints = 1; ; prints++) {
    const pdf = await print();
    const pages = Object.fromEntries(pagesOfTargets(pdf));
    const hasChanged = await page.evaluate(
      (numbers) => (globalThis as unknown as PrintablePage).gmmVae.numberContents(numbers),
      pages,
    );
    if (!hasChanged || prints === MOST_PRINTS) return pdf;
  }
}

/** What differs between two prints of one page, overwritten in place (a PDF counts its bytes): dates, and names of nodes. */
function withoutChance(pdf: Buffer): Buffer {
  const names = new Map<string, string>();
  const rename = (name: string): string => {
    const known = names.get(name) ?? `(node${String(names.size + 1).padStart(name.length - 6, '0')})`;
    names.set(name, known);
    return known;
  };
  const text = pdf
    .toString('latin1')
    .replace(/(?<=\/(?:Creation|Mod)Date \(D:)\d{14}/g, '19700101000000')
    .replace(/\(node\d+\)/g, rename);
  return Buffer.from(text, 'latin1');
}
