import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';

/** The text width of the printed page in CSS pixels: A4 less the margins of print.css. */
const TEXT_WIDTH = 658;

const FOOTER = `<div style="width:100%;text-align:center;font:8px 'Liberation Sans',sans-serif;color:#5b616b">
<span class="pageNumber"></span> / <span class="totalPages"></span></div>`;

interface Link {
  readonly protocol: string;
  readonly pathname: string;
  removeAttribute(name: 'href'): void;
}

/** What a page offers to the reader who prints it; the part that draws is absent where there is nothing to draw. */
interface PrintablePage {
  readonly document: { querySelectorAll(selector: 'a[href]'): Iterable<Link> };
  readonly location: { readonly pathname: string };
  readonly gmmVae: {
    preparePrint?(on: boolean): Promise<void>;
    loadFrames(): Promise<void>;
    fitToPaper(on: boolean): void;
    settleFrames(): Promise<void>;
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
      await gmmVae.preparePrint?.(true);
      await gmmVae.loadFrames();
      gmmVae.fitToPaper(true);
      await gmmVae.settleFrames();
    });
    const options = {
      preferCSSPageSize: true,
      displayHeaderFooter: true,
      headerTemplate: '<span></span>',
      footerTemplate: FOOTER,
    };
    const pdf = await page.pdf({ ...options, tagged: true, outline: true });
    return reproducible ? withoutChance(pdf) : pdf;
  } finally {
    await context.close();
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
