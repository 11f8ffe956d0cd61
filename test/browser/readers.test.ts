import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeNotebook } from '../../src/notebook/document/ipynb';
import { gmmVae } from '../command-line';
import { code, notebookOf, prose, temporaryFolder } from '../notebook/fixtures';

// Executed notebooks, read as other programs read them. VS Code is not at hand: its rules are those of the ipynb extension
// that it carries (extensions/ipynb/src/deserializers.ts and extensions/notebook-renderers/package.json of its source),
// nbconvert's those of its HTML exporter. nbformat and nbconvert themselves run.

type Bundle = Readonly<Record<string, unknown>>;

interface Reader {
  /** MIME types from the one it prefers on; a `*` stands for any ending. */
  readonly order: readonly string[];
  /** Those it can draw without a further extension. */
  readonly draws: ReadonlySet<string>;
}

const VSCODE: Reader = {
  order: [
    ...['application/vnd.*', 'application/vdom.*', 'application/geo+json', 'text/html', 'application/javascript'],
    ...['image/gif', 'text/latex', 'text/markdown', 'image/png', 'image/svg+xml', 'image/jpeg', 'application/json'],
    'text/plain',
  ],
  draws: new Set([
    'text/html',
    'text/markdown',
    'text/latex',
    'image/png',
    'image/svg+xml',
    'image/jpeg',
    'text/plain',
  ]),
};
const NBCONVERT: Reader = {
  order: ['text/html', 'text/markdown', 'image/svg+xml', 'text/latex', 'image/png', 'image/jpeg', 'text/plain'],
  draws: new Set([
    'text/html',
    'text/markdown',
    'image/svg+xml',
    'text/latex',
    'image/png',
    'image/jpeg',
    'text/plain',
  ]),
};

function isLike(mime: string, pattern: string): boolean {
  return pattern.endsWith('*') ? mime.startsWith(pattern.slice(0, -1)) : mime === pattern;
}

/** The MIME type of a bundle that a reader shows. */
function shownBy({ order, draws }: Reader, bundle: Bundle): string | undefined {
  const rank = (mime: string): number => {
    const at = order.findIndex((one) => isLike(mime, one));
    return at < 0 ? order.length : at;
  };
  return Object.keys(bundle)
    .filter((mime) => draws.has(mime))
    .sort((a, b) => rank(a) - rank(b))[0];
}

interface RawCell {
  readonly id: string;
  readonly cell_type: string;
  readonly source: unknown;
  readonly execution_count?: number | null;
  readonly outputs?: readonly { readonly output_type: string; readonly data?: Bundle; readonly metadata?: unknown }[];
}

interface RawNotebook {
  readonly nbformat: number;
  readonly nbformat_minor: number;
  readonly metadata: { readonly kernelspec: object; readonly language_info: object };
  readonly cells: readonly RawCell[];
}

const CELLS = [
  prose('# Seen elsewhere\n\nText and $x$.'),
  code(`import { figure, imageGrid, table, display } from 'gmm-vae';
console.log('printed');
display(figure({ data: [{ type: 'scatter', y: [1, 2, 4] }], alt: 'three points' }));
display(imageGrid({ images: new Float32Array(784).fill(0.5), columns: 1, alt: 'a grey square' }));
table([{ a: 1, b: 'x' }], { caption: 'Numbers' })`),
  code(`throw new RangeError('meant')`, ['raises-exception']),
];

let paths: string[];
beforeAll(async () => {
  const cwd = temporaryFolder();
  const { metadata: _, ...bare } = notebookOf(...CELLS);
  writeNotebook(join(cwd, 'a.ipynb'), { ...bare, metadata: {} });
  const { code: exit } = await gmmVae(['report', 'a.ipynb'], { cwd, env: process.env });
  expect(exit).toBe(0);
  // The project's own executed notebooks too, where they are.
  const own = process.env.GMM_VAE_REPORTS ? resolve(process.env.GMM_VAE_REPORTS, 'executed') : undefined;
  paths = [join(cwd, 'reports/executed/a.ipynb'), ...(own ? readdirSync(own).map((name) => join(own, name)) : [])];
});

const read = (path: string): RawNotebook => JSON.parse(readFileSync(path, 'utf8'));
const outputsOf = (path: string) => read(path).cells.flatMap(({ outputs = [] }) => outputs);

describe('an executed notebook', () => {
  it('names its language and format as VS Code and Jupyter look for them, whatever the source said', () => {
    for (const path of paths) {
      const { nbformat, nbformat_minor, metadata } = read(path);
      expect([nbformat, nbformat_minor], path).toEqual([4, 5]);
      expect(metadata.kernelspec).toMatchObject({ display_name: expect.any(String), language: 'typescript' });
      expect(metadata.language_info).toMatchObject({ name: 'typescript' });
    }
  });

  it('has the cells that VS Code turns into its own: ids, sources, counts and outputs of the kinds it knows', () => {
    for (const path of paths) {
      const { cells } = read(path);
      expect(cells.length).toBeGreaterThan(0);
      expect(new Set(cells.map(({ id }) => id)).size).toBe(cells.length);
      for (const cell of cells) {
        expect(cell.id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
        expect(['code', 'markdown', 'raw']).toContain(cell.cell_type);
        expect([cell.source].flat().every((line) => typeof line === 'string')).toBe(true);
        if (cell.cell_type !== 'code') expect(cell.outputs).toBeUndefined();
        else expect(cell.execution_count === null || Number(cell.execution_count) > 0).toBe(true);
      }
      const kinds = new Set(outputsOf(path).map(({ output_type }) => output_type));
      const known = ['stream', 'display_data', 'execute_result', 'error'];
      expect([...kinds].filter((kind) => !known.includes(kind))).toEqual([]);
    }
  });

  it('has contents of the form each MIME type asks for: text, base64, or an object', () => {
    for (const path of paths) {
      for (const { data = {}, metadata } of outputsOf(path).filter((output) => output.data)) {
        expect(metadata).toEqual(expect.any(Object));
        for (const [mime, content] of Object.entries(data)) {
          if (/\+json$|\/json$/.test(mime) && mime !== 'image/svg+xml')
            expect(content, mime).toEqual(expect.any(Object));
          else expect([content].flat().join(''), mime).not.toBe('');
          if (mime === 'image/png')
            expect(Buffer.from(String(content), 'base64').subarray(1, 4).toString()).toBe('PNG');
          if (mime === 'image/svg+xml') expect([content].flat().join('')).toMatch(/^<svg [\s\S]*<\/svg>$/);
        }
      }
    }
  });

  it('shows every figure as a picture where there is no plotly, and tables as tables', () => {
    for (const path of paths) {
      const bundles = outputsOf(path).flatMap(({ data }) => (data ? [data] : []));
      expect(bundles.length).toBeGreaterThan(0);
      for (const bundle of bundles) {
        const isFigure = bundle['application/vnd.plotly.v1+json'] !== undefined;
        for (const reader of [VSCODE, NBCONVERT]) {
          const shown = shownBy(reader, bundle);
          if (isFigure) expect(shown).toMatch(/^image\/(svg\+xml|png)$/);
          else expect(shown).toBe(bundle['text/html'] === undefined ? 'text/plain' : 'text/html');
        }
      }
    }
  });

  it('is valid for nbformat, and nbconvert’s page has the pictures', () => {
    const python = process.env.JUPYTER_PYTHON ?? '/usr/bin/python3';
    const program = `
import nbformat, sys
from nbconvert import HTMLExporter
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    body, _ = HTMLExporter().from_notebook_node(notebook)
    outputs = [o.get('data', {}) for c in notebook.cells if c.cell_type == 'code' for o in c.outputs]
    figures = [data for data in outputs if 'application/vnd.plotly.v1+json' in data]
    drawn = sum('image/svg+xml' in data for data in figures)
    # One element per output, whatever lies in it.
    assert body.count('data-mime-type="image/svg+xml"') == drawn, (path, drawn)
    for data in figures: assert 'image/svg+xml' in data or data['image/png'].strip()[:500] in body, path
    assert 'no plotly renderer' not in body, path
`;
    execFileSync(python, ['-c', program, ...paths], { stdio: ['ignore', 'ignore', 'pipe'] });
  });
});
