import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Notebook, readNotebook, writeNotebook } from '../../src/notebook/document/ipynb';
import { buildReports } from '../../src/report/build';
import type { BuildOptions } from '../../src/report/build-options';
import { type Executed, executedPath, readExecuted } from '../../src/report/executed';
import { formatSeconds } from '../../src/report/facts';
import { writeWhole } from '../../src/report/files';
import type { ReproduceRow } from '../../src/reproduce';

const ROW: ReproduceRow = {
  equation: '9',
  claim: 'The closed form $(9)$ equals the integral.',
  formula: '\\mathrm{KL} = \\tfrac12(-\\ln\\sigma^2 - 1 + \\mu^2 + \\sigma^2)',
  measured: 0.12534567,
  expected: 0.12534567,
  tolerance: 1e-9,
  pass: true,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gmm-vae-build-'));
});

function notebookOf(source: string): Notebook {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      { cell_type: 'markdown', metadata: {}, source },
      {
        cell_type: 'code',
        metadata: { tags: ['parameters'] },
        source: 'let samples = 100; // draws\nlet seed = 7;',
        execution_count: 1,
        outputs: [],
      },
    ],
  };
}

function build(executed: Record<string, Executed | Promise<Executed>>, options: Partial<BuildOptions> = {}) {
  return buildReports({
    notebooks: Object.keys(executed).map((name) => join('/somewhere', `${name}.ipynb`)),
    outputDir: folder,
    execute: async (path) => (await executed[path.replace(/.*\/|\.ipynb$/g, '')]) as Executed,
    jobs: 2,
    reproduce: () => [ROW],
    ...options,
  });
}

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('a build', () => {
  it.each([
    ['index.html', '<h1>My own page</h1>'],
    ['a.html', '<title>by nbconvert</title>'],
    ['a.md', '# My notes'],
  ])('refuses to write over a file of somebody else, before anything runs: %s', async (name, text) => {
    writeFileSync(join(folder, name), text);
    let hasRun = false;
    const execute = async (): Promise<Executed> => {
      hasRun = true;
      return { notebook: notebookOf('# A') };
    };
    await expect(build({ a: { notebook: notebookOf('') } }, { execute, markdown: true })).rejects.toThrow(
      `${join(folder, name)}: is of no earlier build, and would be overwritten: choose another folder, or move it away`,
    );
    expect([hasRun, readdirSync(folder), read(name)]).toEqual([false, [name], text]);
  });

  it('writes over its own pages, Markdown and index', async () => {
    for (const title of ['One', 'Two']) {
      await build({ a: { notebook: notebookOf(`# ${title}`) } }, { markdown: true });
      for (const name of ['a.html', 'a.md', 'index.html']) expect(read(name)).toContain(title);
    }
  });

  it('writes one page per notebook and an index that links them in order with titles, summaries and outcomes', async () => {
    const slow = new Promise<Executed>((done) =>
      setTimeout(done, 50, { notebook: notebookOf('# First $x$\n\nAbout *one*.'), seconds: 2.04, startedAt: 0 }),
    );
    const result = await build({
      a: slow,
      b: { notebook: notebookOf('# Second\n\nAbout two.'), seconds: 1, startedAt: 0 },
    });
    expect(readdirSync(folder).sort()).toEqual(['a.html', 'b.html', 'index.html']);
    const index = read('index.html');
    expect(index.indexOf('<a href="a.html">First <span class="katex">')).toBeGreaterThan(0);
    expect(index.indexOf('<a href="a.html">')).toBeLessThan(index.indexOf('<a href="b.html">'));
    expect(index).toContain('<p>About <em>one</em>.</p>');
    expect(index).toContain('Every cell ran, in 2.0 s.');
    expect(result).toMatchObject({ ok: true, index: join(folder, 'index.html') });
  });

  it('shows in the index the author’s description, and the picture of the tagged cell, else the first that is not large', async () => {
    const png = (letter: string, length = 40) => ({
      output_type: 'display_data' as const,
      metadata: {},
      data: { 'image/png': letter.repeat(length) },
    });
    const drawing = (tags: string[], output: ReturnType<typeof png>) => ({
      cell_type: 'code' as const,
      metadata: { tags },
      source: '',
      execution_count: 1,
      outputs: [output],
    });
    const cells = [drawing([], png('L', 400_000)), drawing([], png('A')), drawing(['thumbnail'], png('B'))];
    const about = (name: string, count: number) => ({
      notebook: {
        ...notebookOf(''),
        metadata: { description: `${name} <b> in one line.` },
        cells: cells.slice(0, count),
      },
    });
    await build({ tagged: about('Tagged', 3), first: about('First', 2), bare: about('Bare', 1) });
    const entries = read('index.html').match(/<li data-href[\s\S]*?<\/li>/g) ?? [];
    const pictureIn = (entry = '') => /<img src="data:image\/png;base64,(\w)/.exec(entry)?.[1];
    expect(entries.map(pictureIn)).toEqual(['B', 'A', undefined]);
    expect(entries[0]).toContain('<p>Tagged &lt;b&gt; in one line.</p>');
  });

  it('gives a notebook that stopped its page with the reason, goes on with the others, and is not ok', async () => {
    const result = await build({
      a: { notebook: notebookOf('# A'), failure: 'cell 3: RangeError: <no>' },
      b: { notebook: notebookOf('# B') },
    });
    expect(result.ok).toBe(false);
    expect(read('a.html')).toContain('<strong>The run stopped.</strong> cell 3: RangeError: &lt;no&gt;');
    expect(read('index.html')).toContain('<p class="meta fail">Stopped: cell 3: RangeError: &lt;no&gt;</p>');
    expect(read('b.html')).not.toContain('The run stopped');
  });

  it('is not ok when an equation fails or maths cannot be typeset, and says where', async () => {
    expect(
      (await build({ a: { notebook: notebookOf('# A') } }, { reproduce: () => [{ ...ROW, pass: false }] })).ok,
    ).toBe(false);
    expect(read('index.html')).toContain('0 of 1 pass.');
    const broken = await build({ a: { notebook: notebookOf('# A\n\n$\\nosuch$') } });
    expect(broken).toMatchObject({ ok: false, reports: [{ problems: [{ cell: 1 }] }] });
  });

  it('names the notebook of which no page can be made, and goes on with the others', async () => {
    const notebook = notebookOf('# A');
    Object.defineProperty(notebook.cells[0], 'source', {
      get: () => {
        throw new TypeError('odd');
      },
    });
    const result = await build({ a: { notebook }, b: { notebook: notebookOf('# B') } });
    expect(result.ok).toBe(false);
    expect(result.reports[0]).toMatchObject({
      notebook: '/somewhere/a.ipynb',
      failure: 'no page could be made of it: TypeError: odd',
    });
    expect(read('a.html')).toContain('no page could be made of it: TypeError: odd');
    expect(read('index.html')).toContain('<a href="b.html">B</a>');
  });

  it('counts seconds over to minutes', () => {
    expect([4.04, 99.94, 99.96, 119.7, 3600].map(formatSeconds)).toEqual([
      ...['4.0 s', '99.9 s', '1 min 40 s', '2 min 0 s', '60 min 0 s'],
    ]);
  });

  it('lists the lectures, then checks every equation: claim, both figures, tolerance and verdict', async () => {
    await build({});
    const index = read('index.html');
    expect(index.indexOf('id="reports"')).toBeLessThan(index.indexOf('id="reproduce"'));
    expect(index).toContain('<th role="rowheader" scope="row">(9)</th>');
    expect(index).toContain('<td role="cell" class="number" data-name="Measured">0.1253457</td>');
    expect(index).toContain('<td role="cell" class="number" data-name="Tolerance">1.0×10⁻⁹</td>');
    expect(index).toContain('✓ pass');
  });

  it('puts date, duration, parameters and seed in the title block; --reproducible drops the first two and nothing else', async () => {
    const executed = { notebook: notebookOf('# A'), seconds: 61.26, startedAt: Date.UTC(2026, 10, 23, 14, 5) };
    await build({ a: executed });
    const timed = read('a.html');
    expect(timed).toContain('<dt>Run</dt><dd>2026-11-23 14:05 UTC, in 61.3 s</dd>');
    expect(timed).toContain('<dt>Parameters</dt><dd>samples = 100</dd>');
    expect(timed).toContain('<dt>Seed</dt><dd>7</dd>');
    await build({ a: executed }, { reproducible: true });
    expect(read('a.html')).toBe(timed.replace('<dt>Run</dt><dd>2026-11-23 14:05 UTC, in 61.3 s</dd>', ''));
  });

  it('gives the same bytes for the same outputs, whenever it runs', async () => {
    const run = async (startedAt: number): Promise<string> => {
      await build({ a: { notebook: notebookOf('# A'), seconds: startedAt, startedAt } }, { reproducible: true });
      return read('a.html') + read('index.html');
    };
    expect(await run(1)).toBe(await run(1e12));
  });

  it('runs no more notebooks at once than it may', async () => {
    let running = 0;
    let most = 0;
    const execute = async (): Promise<Executed> => {
      most = Math.max(most, ++running);
      await new Promise((done) => setTimeout(done, 5));
      running--;
      return { notebook: notebookOf('# A') };
    };
    await build(
      {
        a: { notebook: notebookOf('') },
        b: { notebook: notebookOf('') },
        c: { notebook: notebookOf('') },
        d: { notebook: notebookOf('') },
      },
      { execute, jobs: 2 },
    );
    expect(most).toBe(2);
  });

  it('saves pictures in the executed notebook of a run, never in one it only read', async () => {
    const printer = {
      addPictures: async ({ metadata }: Notebook) => Object.assign(metadata, { pictures: true }),
      print: async () => Buffer.from('%PDF'),
    };
    const path = '/somewhere/a.ipynb';
    const target = executedPath(path, folder);
    writeWhole(target, '');
    await build({ a: { notebook: notebookOf('# A') } }, { printer });
    expect(readFileSync(target, 'utf8')).toBe('');
    await build({ a: { notebook: notebookOf('# A'), seconds: 1 } }, { printer });
    expect(readNotebook(target).metadata.pictures).toBe(true);
    expect(read('a.pdf')).toBe('%PDF');
  });
});

describe('a notebook that was run before', () => {
  it('is the executed one of an earlier build where there is one', () => {
    const path = join(folder, 'a.ipynb');
    writeNotebook(path, notebookOf('# Source'));
    expect(readExecuted(path, folder).notebook.cells[0]?.source).toBe('# Source');
    writeWhole(executedPath(path, folder), JSON.stringify(notebookOf('# Executed')));
    expect(readExecuted(path, folder).notebook.cells[0]?.source).toBe('# Executed');
  });

  it('is the given one where it has outputs, and the page links what it shows', async () => {
    const path = join(folder, 'in', 'a.ipynb');
    const notebook = notebookOf('# Given');
    const long = { output_type: 'stream' as const, name: 'stdout' as const, text: 'x'.repeat(600_000) };
    writeWhole(
      path,
      JSON.stringify({
        ...notebook,
        cells: notebook.cells.map((cell) => (cell.cell_type === 'code' ? { ...cell, outputs: [long] } : cell)),
      }),
    );
    const out = join(folder, 'out');
    writeWhole(executedPath(path, out), JSON.stringify(notebookOf('# Stale')));
    const execute = async () => readExecuted(path, out);
    await buildReports({ notebooks: [path], outputDir: out, jobs: 1, execute, reproduce: () => [] });
    expect(read('out/a.html')).toContain('>Given</h1>');
    expect(read('out/a.html')).toContain('<a href="../in/a.ipynb">the executed notebook</a>');
  });

  it('stopped where a cell holds an error that it was not meant to raise', () => {
    const input = join(__dirname, 'input');
    expect(readExecuted(join(input, 'hostile.ipynb'), folder).failure).toBeUndefined();
    expect(readExecuted(join(input, 'lecture.ipynb'), folder).failure).toBe(
      'cell 8: InvalidArgumentError: stddev: expected a finite number > 0, got -1',
    );
  });
});

describe('a file', () => {
  it('is whole or not there: nothing half-written and no temporary file stays behind', () => {
    writeWhole(join(folder, 'new', 'a.html'), 'one');
    writeWhole(join(folder, 'new', 'a.html'), 'two');
    expect(readdirSync(join(folder, 'new'))).toEqual(['a.html']);
    expect(() => writeWhole(join(folder, 'new'), 'three')).toThrow();
    expect(readdirSync(folder)).toEqual(['new']);
  });
});
