import { languageOf } from '../notebook/document/format';
import { type Cell, joinText, type Notebook, type Output } from '../notebook/document/ipynb';
import { printed, withoutColours } from './ansi';
import { readFrontMatter } from './front-matter';
import { optionOf, splitOptions } from './labels';
import { type MarkdownFile, type MarkdownOptions, save, savePicture } from './markdown-pictures';
import { html } from './markup';
import { pictureBytes } from './picture-data';
import { plainOutput } from './sanitise/output-html';
import { BARE_ENVIRONMENTS, MATHS_IN_LINE, outsideCode } from './shield';
import { textOf } from './text';

/** Markdown, and the files it refers to, by their paths relative to it. */
export interface MarkdownDocument {
  readonly text: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Writes an executed notebook as Markdown for GitHub. */
export function toMarkdown(given: Notebook, options: MarkdownOptions): MarkdownDocument {
  const { notebook, title } = readFrontMatter(given);
  const context: MarkdownFile = {
    ...options,
    ...{ files: new Map(), at: 0, language: languageOf(notebook)?.toLowerCase() ?? 'typescript' },
  };
  const cells = notebook.cells.map((cell, at) => {
    context.at = at + 1;
    return writeCell(cell, context);
  });
  const parts = [title === undefined ? '' : `# ${title}`, ...cells].map((part) => part.trim());
  return { text: `${parts.filter((part) => part !== '').join('\n\n')}\n`, files: context.files };
}

function writeCell(cell: Cell, context: MarkdownFile): string {
  const source = joinText(cell.source);
  const tags = cell.metadata.tags ?? [];
  if (tags.includes('remove-cell')) return '';
  if (cell.cell_type === 'markdown') return writeText(cell, source, context);
  if (cell.cell_type === 'raw')
    return /markdown|html/.test(String(cell.metadata.raw_mimetype ?? cell.metadata.format)) ? source : '';
  if (optionOf(source, 'include') === 'false') return '';
  const { code, options } = splitOptions(source);
  const shownCode =
    tags.includes('remove-input') || optionOf(source, 'echo') === 'false' ? '' : fenced(code, context.language);
  const outputs = tags.includes('remove-output')
    ? []
    : cell.outputs.map((output, n) => writeOutput(output, n + 1, context));
  const shownOutputs = outputs.filter((part) => part !== '').join('\n\n');
  const anchor =
    options.label === undefined || shownOutputs === '' ? '' : `${html`<a id="${options.label}"></a>`.source}\n\n`;
  const caption = options.figureCaption ?? options.tableCaption;
  const captioned = `${anchor}${shownOutputs}${caption === undefined ? '' : `\n\n*${caption}*`}`;
  const hides = tags.includes('hide-input') || tags.includes('hide-cell');
  const parts = [
    hides ? folded('Code', shownCode) : shownCode,
    tags.includes('hide-output') || tags.includes('hide-cell') ? folded('Output', captioned) : captioned,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const folded = (name: string, content: string): string =>
  content.trim() === '' ? '' : `<details><summary>${name}</summary>\n\n${content}\n\n</details>`;

/** Fences text with more backticks than it holds. */
function fenced(text: string, language: string): string {
  const body = text.replace(/\n+$/, '');
  if (body.trim() === '') return '';
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${body}\n${fence}`;
}

const ADDRESS = /(!\[[^\]]*\]\()(<[^>\n]+>|[^)\n]+?)(\s+"[^"\n]*")?\)|(<img\b[^>]*?\ssrc=")([^"]+)"/g;

/** Saves the pictures of a Markdown cell, and puts bare environments between dollars: GitHub typesets nothing else. */
function writeText(cell: Cell, source: string, context: MarkdownFile): string {
  return outsideCode(source, (text) =>
    text
      .replace(ADDRESS, (whole, before?: string, given?: string, title = '', tag?: string, src?: string) => {
        const address = (given ?? src ?? '').replace(/^<|>$/g, '');
        const place = savePicture(address, cell, context);
        if (place === undefined) return whole;
        return tag === undefined ? `${before}${place}${title})` : `${tag}${place}"`;
      })
      .replace(BARE_ENVIRONMENTS, (part: string, ...rest) => {
        const { bare } = rest.at(-1) as { readonly bare?: string };
        return bare === undefined ? part : `\n\n$$\n${bare.replace(/^\$|\$$/g, '').trim()}\n$$\n\n`;
      })
      .replace(TABLE, withoutBars),
  );
}

/** A line with a bar, the line of dashes below it, and what follows up to a blank line. */
const TABLE = /^.*\|.*\n(?=.*\|)[ >]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*(?:\n.*\S.*)*/gm;

/** Replaces bars in maths, which would end a table cell on GitHub. */
function withoutBars(table: string): string {
  return table.replace(MATHS_IN_LINE, (maths) => maths.replaceAll('\\|', '\\Vert ').replaceAll('|', '\\vert '));
}

const PICTURES = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/gif', 'image/webp'];

function writeOutput(output: Output, n: number, context: MarkdownFile): string {
  if (output.output_type === 'stream') return fenced(withoutColours(printed(joinText(output.text))), 'text');
  if (output.output_type === 'error') {
    const { ename, evalue, traceback } = output;
    const text = traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`;
    return fenced(withoutColours(printed(text)), 'text');
  }
  const { data } = output;
  for (const mime of PICTURES) {
    const found = pictureBytes(mime, data[mime]);
    if (!found) continue;
    const alt = (textOf(data['text/plain']) || 'Picture made by this cell')
      .replace(/\s+/g, ' ')
      .replace(/[[\]\\]/g, '\\$&');
    return `![${alt}](${save(`output-${context.at}-${n}.${found.extension}`, found.bytes, context)})`;
  }
  // A blank line would end the block of HTML.
  const table = textOf(data['text/html']);
  const plain = table === '' ? undefined : plainOutput(table.replace(/<style scoped>[^<]*<\/style>/, ''), '');
  if (plain)
    return plain.source
      .replace(/\sclass="[^"]*"/g, '')
      .replace(/\n\s*\n+/g, '\n')
      .trim();
  for (const mime of ['text/markdown', 'text/latex']) {
    const text = textOf(data[mime]);
    if (text !== '') return text.trim();
  }
  const json = data['application/json'];
  if (json !== undefined) return fenced(JSON.stringify(json, null, 2), 'json');
  const text = fenced(withoutColours(printed(textOf(data['text/plain']))), 'text');
  return text === '' && Object.keys(data).length > 0
    ? `*Markdown cannot show this output: it is in [the page](${encodeURIComponent(context.name)}.html).*`
    : text;
}
