import { createHash } from 'node:crypto';
import { UsageError } from '../../errors';
import { type Cell, joinText, type Notebook } from './ipynb';

/** What readers go by when they colour code; without it VS Code takes the cells for plain text. */
const TYPESCRIPT = {
  kernelspec: { name: 'tslab', display_name: 'TypeScript', language: 'typescript' },
  language_info: { name: 'typescript', file_extension: '.ts', mimetype: 'text/typescript' },
};
const JAVASCRIPT = {
  language_info: { name: 'javascript', file_extension: '.js', mimetype: 'text/javascript' },
};

/** What the notebook says its code is written in; undefined where it says nothing. */
export function languageOf({ metadata }: Notebook): string | undefined {
  const info = metadata.language_info as { readonly name?: unknown } | undefined;
  const kernel = metadata.kernelspec as { readonly language?: unknown } | undefined;
  return [info?.name, kernel?.language].find((name) => typeof name === 'string');
}

/** Whether its cells are JavaScript: they are not held to TypeScript's types. */
export function isJavaScript(notebook: Notebook): boolean {
  const kernel = notebook.metadata.kernelspec as { readonly name?: unknown } | undefined;
  return /^(javascript|jslab)$/i.test(String(languageOf(notebook) ?? kernel?.name));
}

/** Kernels by which a notebook is known that names no language. */
const OWN_KERNELS = ['tslab', 'jslab'];

/**
 * Checks the language, before a run removes outputs that only another kernel can make.
 * @throws UsageError for a notebook that is written for one.
 */
export function checkLanguage(notebook: Notebook, path: string): void {
  const kernel = notebook.metadata.kernelspec as { readonly name?: unknown } | undefined;
  const language = languageOf(notebook) ?? kernel?.name;
  if (language === undefined || OWN_KERNELS.includes(String(language)) || /^(type|java)script$/i.test(String(language)))
    return;
  throw new UsageError(
    `${path}: expected a notebook in TypeScript or JavaScript, got one for the kernel ${JSON.stringify(kernel?.name ?? language)}; \`gmm-vae report --from-executed\` makes a page of the outputs it has`,
  );
}

/** The notebook ready to run: format 4.5, its language named, every cell with an id of its own, no outputs. */
export function prepareNotebook(notebook: Notebook): Notebook {
  const taken = new Set(notebook.cells.flatMap(({ id }) => (id === undefined ? [] : [id])));
  const seen = new Set<string>();
  const cells = notebook.cells.map((cell): Cell => {
    const id = cell.id !== undefined && !seen.has(cell.id) ? cell.id : freshId(cell, taken);
    seen.add(id);
    return cell.cell_type === 'code'
      ? { ...cell, id, metadata: { ...cell.metadata }, execution_count: null, outputs: [] }
      : { ...cell, id };
  });
  const language = isJavaScript(notebook) ? JAVASCRIPT : TYPESCRIPT;
  const nbformat_minor = Math.max(5, notebook.nbformat_minor);
  return { ...notebook, nbformat_minor, metadata: { ...language, ...notebook.metadata }, cells };
}

/** Makes an id from the cell's text, so that the same notebook gets the same ids in every run. */
function freshId(cell: Cell, taken: Set<string>): string {
  const base = createHash('sha256')
    .update(`${cell.cell_type}\n${joinText(cell.source)}`)
    .digest('hex')
    .slice(0, 8);
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}
