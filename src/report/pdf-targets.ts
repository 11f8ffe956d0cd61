/**
 * Returns the page, from 1, of every id that a link of the document leads to. Reads PDFs as Chromium writes them: a plain
 * cross-reference table, and ids in `/Dests`.
 * @throws Error where the file has another structure
 */
export function pagesOfTargets(pdf: Buffer): Map<string, number> {
  const objectAt = objectsOf(pdf.toString('latin1'));
  const root = reference(/\/Root (\d+) 0 R/, objectAt('trailer'));
  const catalog = objectAt(root);
  const pages = pagesBelow(reference(/\/Pages (\d+) 0 R/, catalog), objectAt);
  const dests = /\/Dests (\d+) 0 R/.exec(catalog)?.[1];
  const found = dests === undefined ? [] : [...objectAt(dests).matchAll(/\/([^\s/[\]<>()]+) \[(\d+) 0 R/g)];
  return new Map(found.map(([, name = '', page = '']) => [nameOf(name), pages.indexOf(page) + 1]));
}

type ObjectAt = (number: string) => string;

function objectsOf(text: string): ObjectAt {
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1]);
  const table = /^xref\s+0 (\d+)\s+/.exec(text.slice(start));
  if (!table) throw new Error('the browser wrote a PDF without a table of objects');
  const entries = text.slice(start + table[0].length).match(/\d{10} \d{5} [nf]/g) ?? [];
  return (number) => {
    if (number === 'trailer') return text.slice(text.lastIndexOf('trailer'));
    const at = Number(entries[Number(number)]?.slice(0, 10));
    return text.slice(at, text.indexOf('endobj', at));
  };
}

function reference(pattern: RegExp, object: string): string {
  const [, number] = pattern.exec(object) ?? [];
  if (number === undefined) throw new Error(`the browser wrote a PDF without ${pattern.source}`);
  return number;
}

/** Lists the objects of all pages, which form a tree. */
function pagesBelow(number: string, objectAt: ObjectAt): string[] {
  const kids = /\/Kids \[([^\]]*)\]/.exec(objectAt(number))?.[1];
  if (kids === undefined) return [number];
  return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, kid = '']) => pagesBelow(kid, objectAt));
}

/** Decodes a PDF name, in which `#20` stands for a byte of UTF-8. */
const nameOf = (name: string): string =>
  Buffer.from(
    name.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
