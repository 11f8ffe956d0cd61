import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const DOCS = join(__dirname, '..', 'docs');
const rows = [
  ...readFileSync(join(DOCS, 'questions.md'), 'utf8').matchAll(/^\| (\d+) \| (.+) \| \[\w+\]\((.+)\), \*(.+)\* \|$/gm),
];

/** The headings of a notebook, as written. */
function headings(path: string): string[] {
  const { cells } = JSON.parse(readFileSync(join(DOCS, path), 'utf8')) as {
    cells: { cell_type: string; source: string[] }[];
  };
  const text = cells.filter((cell) => cell.cell_type === 'markdown').map((cell) => cell.source.join(''));
  return [...text.join('\n\n').matchAll(/^#{2,3} (.+)$/gm)].map((match) => match[1]!);
}

describe('the questions that the notebooks answer', () => {
  it('are numbered in order', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.map(([, number]) => Number(number))).toEqual(rows.map((_, i) => i + 1));
  });

  it.each(rows.map(([, , question, path, section]) => ({ question, path: path!, section })))(
    '$question has a section of that name',
    ({ path, section }) => {
      expect(headings(path)).toContain(section);
    },
  );
});
