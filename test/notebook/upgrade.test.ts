import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { temporaryFolder } from './fixtures';

function read(notebook: unknown) {
  const path = join(temporaryFolder(), 'old.ipynb');
  writeFileSync(path, JSON.stringify(notebook));
  return readNotebook(path);
}

const code = {
  ...{
    cell_type: 'code',
    language: 'python',
    metadata: {},
    collapsed: true,
    input: ['a = 1\n', 'a'],
    prompt_number: 3,
  },
  outputs: [
    { output_type: 'stream', stream: 'stderr', text: ['x\n'] },
    { output_type: 'pyout', prompt_number: 3, metadata: {}, text: '1', html: '<b>1</b>' },
    { output_type: 'display_data', metadata: {}, png: 'AAAA', latex: '$x$' },
    { output_type: 'pyerr', ename: 'E', evalue: 'v', traceback: ['t'] },
  ],
};
const third = {
  ...{ nbformat: 3, nbformat_minor: 0, metadata: { name: 'Old' } },
  worksheets: [
    {
      metadata: {},
      cells: [
        { cell_type: 'heading', level: 2, metadata: {}, source: ['A\n', 'title'] },
        { cell_type: 'markdown', metadata: {}, source: '*x*' },
        { cell_type: 'raw', metadata: {}, source: 'r' },
        code,
      ],
    },
    { metadata: {}, cells: [{ cell_type: 'markdown', metadata: {}, source: 'second sheet' }] },
  ],
};

describe('a notebook of an old format', () => {
  // The cells are what nbformat 5.5's own `convert(notebook, 4)` gives, their ids aside.
  it('3 is read as one of format 4', () => {
    expect(read(third)).toEqual({
      ...{ nbformat: 4, nbformat_minor: 4, metadata: { title: 'Old', language_info: { name: 'python' } } },
      cells: [
        { cell_type: 'markdown', metadata: {}, source: '## A title' },
        { cell_type: 'markdown', metadata: {}, source: '*x*' },
        { cell_type: 'raw', metadata: {}, source: 'r' },
        {
          ...{ cell_type: 'code', metadata: { collapsed: true }, source: ['a = 1\n', 'a'], execution_count: 3 },
          outputs: [
            { output_type: 'stream', name: 'stderr', text: ['x\n'] },
            {
              ...{ output_type: 'execute_result', execution_count: 3, metadata: {} },
              data: { 'text/plain': '1', 'text/html': '<b>1</b>' },
            },
            { output_type: 'display_data', metadata: {}, data: { 'image/png': 'AAAA', 'text/latex': '$x$' } },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
          ],
        },
        { cell_type: 'markdown', metadata: {}, source: 'second sheet' },
      ],
    });
  });

  it('2 is read too: its HTML as Markdown, its text as it stands', () => {
    const cells = [
      { cell_type: 'html', source: '<b>x</b>' },
      { cell_type: 'text', source: 't' },
      { cell_type: 'code', input: '1', language: 'python', outputs: [] },
    ];
    expect(read({ nbformat: 2, worksheets: [{ cells }] }).cells.map((cell) => [cell.cell_type, cell.source])).toEqual([
      ...[
        ['markdown', '<b>x</b>'],
        ['raw', 't'],
        ['code', '1'],
      ],
    ]);
  });

  it.each([
    [1, /nbformat: expected 2, 3 or 4, got 1$/],
    [5, /nbformat: expected 2, 3 or 4, got 5$/],
  ])('%i is refused', (nbformat, message) => {
    expect(() => read({ ...third, nbformat })).toThrow(message);
  });

  it('with a cell of no known kind is refused by name, and one that is empty is empty', () => {
    expect(() => read({ nbformat: 3, worksheets: [{ cells: [{ cell_type: 'odd' }] }] })).toThrow(
      /cells\[0\]\.cell_type/,
    );
    expect(read({ nbformat: 3, metadata: null, worksheets: null }).cells).toEqual([]);
  });

  it('keeps JSON as data, sizes of pictures and types of its own, as nbformat does', () => {
    const outputs = [
      {
        ...{ output_type: 'display_data', metadata: { png: { width: 5 }, other: true } },
        ...{ json: ['{"a":', ' [1]}'], png: 'AAAA', 'application/x-own': 'o' },
      },
      { output_type: 'pyout', prompt_number: 1, metadata: {}, json: 'no JSON' },
    ];
    const cell = { ...code, outputs };
    const [upgraded] = read({ ...third, worksheets: [{ metadata: {}, cells: [cell] }] }).cells;
    expect(upgraded).toMatchObject({
      outputs: [
        {
          data: { 'application/json': { a: [1] }, 'image/png': 'AAAA', 'application/x-own': 'o' },
          metadata: { 'image/png': { width: 5 }, other: true },
        },
        { output_type: 'execute_result', data: { 'application/json': 'no JSON' } },
      ],
    });
  });
});
