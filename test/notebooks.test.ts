import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as library from '../src';
import { longLines } from './docs/markdown';

const FOLDER = join(__dirname, '..', 'notebooks');

interface Cell {
  readonly id: string;
  readonly cell_type: 'markdown' | 'code';
  readonly source: string[];
  readonly outputs?: unknown[];
  readonly execution_count?: number | null;
  readonly metadata: { readonly tags?: string[] };
}

interface NotebookFile {
  readonly cells: Cell[];
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly nbformat: number;
  readonly nbformat_minor: number;
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ipynb'));
const read = (name: string): NotebookFile => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
const text = (cells: readonly Cell[]): string => cells.map((cell) => cell.source.join('')).join('\n\n');
const LABEL = /^\/\/\| label: (\S+)$/m;
const NUMBERED = /^\/\/\| label: (fig|tbl)-\S+\n(?:\/\/\|.*\n)*\/\/ (Figure|Table) (\d+)$/m;

/** The sections of a notebook, as Jupyter names them in links: `The-error-of-every-estimator`. */
const sectionsOf = ({ cells }: NotebookFile): string[] =>
  [...text(cells.filter((cell) => cell.cell_type === 'markdown')).matchAll(/^#{2,3} (.+)$/gm)].map((match) =>
    match[1]!.replaceAll(' ', '-'),
  );

/** What can be linked to by number in a notebook: `eq-9`, `fig-variance`, `tbl-bias`. */
function targetsOf({ cells }: NotebookFile): string[] {
  const equations = [...text(cells).matchAll(/\\tag\{([^}]*)\}/g)].map((match) => `eq-${match[1]}`);
  return [...equations, ...cells.flatMap((cell) => LABEL.exec(cell.source.join(''))?.[1] ?? [])];
}

const linksOf = ({ cells }: NotebookFile): string[] =>
  [...text(cells.filter((cell) => cell.cell_type === 'markdown')).matchAll(/\]\(([^)\s]*)\)/g)].map(
    (match) => match[1]!,
  );

it('there are five notebooks and two appendices', () => {
  expect(files).toEqual([
    '01-closed-form-kl.ipynb',
    '02-gmm-prior.ipynb',
    '03-monte-carlo-kl.ipynb',
    '03b-estimators-in-depth.ipynb',
    '04-train-gmm-vae.ipynb',
    '04b-compiled-step.ipynb',
    '05-your-own-data.ipynb',
  ]);
});

describe.each(files)('%s as a lecture', (name) => {
  const prose = text(read(name).cells.filter((cell) => cell.cell_type === 'markdown'));

  it('says what will be learned, how long it takes, and where to go from here', () => {
    expect(prose).toMatch(/\*\*You will learn\*\*/);
    expect(prose).toMatch(/Reading time: about (10|15|20|25) minutes/);
    expect(prose).toMatch(/^(Next|Previous|Back to)\b.*\.ipynb\)/m);
  });

  it('ends with a summary and three questions with hidden answers', () => {
    expect(prose).toMatch(/^## Summary\n\n> \* /m);
    const questions = prose.split('## Check yourself')[1]?.split(/^## /m)[0] ?? '';
    expect(questions.match(/<details>\n<summary>.*<\/summary>\n\n\S/g)).toHaveLength(3);
  });

  it('ends its lines of prose before column 121, formulas apart', () => {
    expect(longLines(prose.replace(/\$\$[\s\S]*?\$\$/g, ''), 120)).toEqual([]);
  });

  it('opens and closes every folded part, with the blank lines that Markdown needs inside', () => {
    expect(prose.match(/<details>/g)?.length).toBe(prose.match(/\n\n<\/details>/g)?.length);
    expect(prose.match(/<\/summary>/g)?.length).toBe(prose.match(/<\/summary>\n\n/g)?.length);
  });
});

it.each(files)('%s has three exercises, solved, and references', (name) => {
  const prose = text(read(name).cells);
  const exercises = prose.split('## Exercises')[1]?.split(/^## /m)[0] ?? '';
  const [tasks = '', solutions = ''] = exercises.split('<summary><b>Worked solutions</b></summary>');
  expect(tasks.match(/^\d\. /gm)).toHaveLength(3);
  expect(solutions.match(/^\*\*\d\.\*\* /gm)).toHaveLength(3);
  expect(prose).toMatch(/^## References\n\n\* [\s\S]*?\]\(https?:/m);
});

describe.each(files)('%s', (name) => {
  const notebook = read(name);
  const code = notebook.cells.filter((cell) => cell.cell_type === 'code');
  const prose = notebook.cells.filter((cell) => cell.cell_type === 'markdown');

  it('is nbformat 4.5 for the kernel tslab, with unique cell ids', () => {
    expect([notebook.nbformat, notebook.nbformat_minor, notebook.metadata.kernelspec.name]).toEqual([4, 5, 'tslab']);
    expect(new Set(notebook.cells.map((cell) => cell.id)).size).toBe(notebook.cells.length);
  });

  it('is committed without outputs', () => {
    for (const cell of code) expect([cell.outputs, cell.execution_count]).toEqual([[], null]);
  });

  it('has exactly one parameters cell', () => {
    expect(notebook.cells.filter((cell) => cell.metadata.tags?.includes('parameters'))).toHaveLength(1);
  });

  it('opens with one title', () => {
    const titles = text(prose).match(/^# .*/gm);
    expect(titles).toHaveLength(1);
    expect(notebook.cells[0]?.source[0]).toMatch(/^# /);
  });

  it('imports only public names', () => {
    const imported = [...text(code).matchAll(/import\s*\{([^}]*)\}\s*from 'gmm-vae'/g)].flatMap((match) =>
      match[1]!.split(',').map((part) => part.trim()),
    );
    const names = imported.filter((part) => part !== '' && !part.startsWith('type '));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((it) => !(it in library))).toEqual([]);
  });

  it('links only to sections, and to equations, figures and tables that are numbered or labelled, here or in the notebook it names', () => {
    const wrong = linksOf(notebook).filter((link) => {
      const [file = '', label] = link.split('#');
      if (file !== '' && !file.endsWith('.ipynb')) return false;
      if (file !== '' && !files.includes(file)) return true;
      const target = file === '' ? notebook : read(file);
      return label !== undefined && ![...targetsOf(target), ...sectionsOf(target)].includes(label);
    });
    expect(wrong).toEqual([]);
  });
});

/** Labels in order, with the number that a reader of the notebook itself sees above the code. */
const numbersOf = ({ cells }: NotebookFile): Map<string, string> => {
  const counts = { fig: 0, tbl: 0 };
  return new Map(
    targetsOf({ cells } as NotebookFile)
      .filter((target) => !target.startsWith('eq-'))
      .map((label) => {
        const kind = label.slice(0, 3) as 'fig' | 'tbl';
        counts[kind] += 1;
        return [label, `${kind === 'fig' ? 'Figure' : 'Table'} ${counts[kind]}`];
      }),
  );
};

// The report counts what is labelled; in Jupyter a reader sees only what the source says.
it.each(files)('%s numbers its figures and tables as the report will, in text and above the code', (name) => {
  const notebook = read(name);
  const numbers = numbersOf(notebook);
  const above = notebook.cells.flatMap(({ source }) => {
    const [, kind, word, number] = NUMBERED.exec(source.join('')) ?? [];
    return kind === undefined ? [] : [`${word} ${number}`];
  });
  expect(above).toEqual([...numbers.values()]);
  const inText = [...text(notebook.cells).matchAll(/\[((?:Figure|Table)[^\]]*)\]\(#((?:fig|tbl)-[^)]*)\)/g)];
  expect(inText.filter(([, words, label]) => words !== numbers.get(label!)).map(([whole]) => whole)).toEqual([]);
});

it.each(files)('%s labels every figure and table, and refers to each', (name) => {
  const notebook = read(name);
  const shown = notebook.cells.filter((cell) => /^(table|imageGrid|\w+Figure)\(/m.test(cell.source.join('')));
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((cell) => !LABEL.test(cell.source.join(''))).map(({ id }) => id)).toEqual([]);
  const labels = targetsOf(notebook).filter((target) => !target.startsWith('eq-'));
  expect(labels.filter((label) => !linksOf(notebook).includes(`#${label}`))).toEqual([]);
});

it('the notebooks number the equations (1) to (11), each once', () => {
  const tags = files.flatMap((name) =>
    [...text(read(name).cells).matchAll(/\\tag\{(\d+)\}/g)].map((match) => Number(match[1])),
  );
  expect(tags).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});
