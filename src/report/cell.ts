import { type Cell, joinText } from '../notebook/document/ipynb';
import { highlightCode } from './highlight';
import { renderHtml } from './html-output';
import { optionOf, splitOptions } from './labels';
import { renderMarkdown } from './markdown';
import { type Html, html, NOTHING, verbatim } from './markup';
import type { OutputContext } from './output-context';
import { renderOutputs } from './outputs';
import { pictureAddress } from './picture-data';

/** Renders a cell. Returns nothing where its author leaves it out. */
export function renderCell(cell: Cell, context: OutputContext, language: string): Html {
  const source = joinText(cell.source);
  const tags = cell.metadata.tags ?? [];
  if (tags.includes('remove-cell')) return NOTHING;
  const shown = renderKind(cell, source, context, language);
  if (!tags.includes('hide-cell') || cell.cell_type === 'code' || shown === NOTHING) return shown;
  return html`<details class="hidden-cell"><summary>More</summary>${shown}</details>`;
}

function renderKind(cell: Cell, source: string, context: OutputContext, language: string): Html {
  if (cell.cell_type === 'code') return renderCodeCell(cell, source, context, language);
  if (cell.cell_type === 'raw') return renderRaw(source, cell.metadata, context);
  context.attachments = attachmentsOf(cell);
  return verbatim(renderMarkdown(withNames(source, Object.keys(cell.attachments ?? {})), context));
}

/** Renders a raw cell that is meant for HTML, Markdown or no particular format. */
function renderRaw(source: string, metadata: Cell['metadata'], context: OutputContext): Html {
  const format = metadata.raw_mimetype ?? metadata.format;
  if (source.trim() === '') return NOTHING;
  if (format === 'text/html' || format === 'html') return renderHtml(source, context);
  if (format === 'text/markdown') return verbatim(renderMarkdown(source, context));
  return typeof format === 'string' && /latex|restructuredtext|asciidoc|x-python/.test(format)
    ? NOTHING
    : html`<pre class="raw">${source}</pre>`;
}

function renderCodeCell(
  cell: Cell & { cell_type: 'code' },
  source: string,
  context: OutputContext,
  language: string,
): Html {
  const { options, code: written } = splitOptions(source);
  Object.assign(context, { options, labelled: 0 });
  const tags = cell.metadata.tags ?? [];
  if (optionOf(source, 'include') === 'false') return NOTHING;
  const isLeftOut = tags.includes('remove-input') || optionOf(source, 'echo') === 'false';
  const code = isLeftOut ? NOTHING : renderCode(written, language, isOpen(cell, source));
  const outputs = tags.includes('remove-output') ? NOTHING : renderOutputs(cell.outputs, context);
  if (code.source === '' && outputs.source === '') return NOTHING;
  return html`<div class="cell">${code}\n${hidesOutputs(cell) && outputs.source !== '' ? folded(outputs) : outputs}</div>`;
}

const folded = (outputs: Html): Html =>
  html`<details class="hidden-output"><summary>Output</summary>${outputs}</details>`;

/** Says whether code is unfolded: the parameters are, unless the author decides otherwise. */
function isOpen({ metadata }: Cell, source: string): boolean {
  const tags = metadata.tags ?? [];
  const fold = optionOf(source, 'code-fold');
  if (fold !== undefined) return fold === 'false' || fold === 'show';
  if (tags.includes('hide-input') || tags.includes('hide-cell') || jupyterOf(metadata).source_hidden === true)
    return false;
  return tags.includes('parameters') || tags.includes('injected-parameters') || tags.includes('show-input');
}

function hidesOutputs({ metadata }: Cell): boolean {
  const tags = metadata.tags ?? [];
  return (
    tags.includes('hide-output') ||
    tags.includes('hide-cell') ||
    jupyterOf(metadata).outputs_hidden === true ||
    metadata.collapsed === true
  );
}

/** Returns what JupyterLab saves about folded code and outputs. */
function jupyterOf({ jupyter }: Cell['metadata']): {
  readonly source_hidden?: unknown;
  readonly outputs_hidden?: unknown;
} {
  return typeof jupyter === 'object' && jupyter !== null ? jupyter : {};
}

/** Renders code behind one line that shows its beginning. */
function renderCode(source: string, language: string, open: boolean): Html {
  if (source.trim() === '') return NOTHING;
  const rest = source.replace(/^import\b[\s\S]*?from\s*['"][^'"]*['"];?$/gm, '');
  const preview = rest.split('\n').find((line) => line.trim() !== '') ?? 'imports';
  return html`<details class="code"${open && ' open'}><summary>Code<code aria-hidden="true">${preview.trim()}</code></summary>
<div class="listing"><button type="button" class="copy">Copy</button><pre><code>${highlightCode(source, language)}</code></pre></div></details>`;
}

function attachmentsOf(cell: Cell): Record<string, string> {
  const entries = Object.entries(cell.attachments ?? {}).flatMap(([file, bundle]) => {
    const [mime, content] = Object.entries(bundle ?? {})[0] ?? ['', ''];
    const address = pictureAddress(mime, content);
    return address === undefined ? [] : [[file, address]];
  });
  return Object.fromEntries(entries);
}

/** Encodes attachment names in links: Jupyter allows spaces in them, where Markdown would end the address. */
function withNames(source: string, names: readonly string[]): string {
  return names
    .filter((name) => /[\s()<>]/.test(name))
    .reduce(
      (text, name) =>
        text.replaceAll(
          `(attachment:${name})`,
          `(attachment:${encodeURIComponent(name).replace(/\(/g, '%28').replace(/\)/g, '%29')})`,
        ),
      source,
    );
}
