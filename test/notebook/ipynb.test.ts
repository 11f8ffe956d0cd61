import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors';
import { joinText, readNotebook, writeNotebook } from '../../src/notebook/document/ipynb';
import { code, notebookOf, prose, temporaryFolder, writeFixture } from './fixtures';

describe('reading a notebook', () => {
  it('gives back what was written, and leaves no temporary file', () => {
    const path = join(temporaryFolder(), 'a.ipynb');
    const notebook = notebookOf(prose('# ½ ln σ²'), code('1 + 1'));
    writeNotebook(path, notebook);
    expect(readNotebook(path)).toEqual(notebook);
    expect(readdirSync(dirname(path))).toEqual(['a.ipynb']);
  });

  it('joins sources that are lists of lines', () => {
    expect(joinText(['a\n', 'b'])).toBe('a\nb');
  });

  it.each([
    ['not JSON', '{"cells": [', /not a notebook: not JSON/],
    ['a list', '[]', /expected a JSON object/],
    ['format 1', '{"nbformat": 1}', /nbformat: expected 2, 3 or 4, got 1/],
    ['no cells', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}', /cells: expected a list/],
    [
      'a cell of no kind',
      '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "sound"}]}',
      /cells\[0\]\.cell_type: expected code, markdown or raw, got "sound"/,
    ],
  ])('says in one line what is wrong with %s', (_, text, message) => {
    const path = join(temporaryFolder(), 'bad.ipynb');
    writeFileSync(path, text);
    expect(() => readNotebook(path)).toThrow(UsageError);
    expect(() => readNotebook(path)).toThrow(message);
  });

  it.each([
    [{ output_type: 'pyout' }, '.output_type: expected stream, display_data, execute_result or error, got "pyout"'],
    [{ output_type: 'stream', name: 'stdout' }, '.text: expected text or a list of lines'],
    [{ output_type: 'display_data', data: null }, '.data: expected an object of MIME types'],
    [{ output_type: 'error', ename: 'E', evalue: 'v' }, '.traceback: expected a list of lines'],
    [null, ': expected an object'],
  ])('names the output at fault: %j', (output, problem) => {
    const notebook = notebookOf(prose('a'), code('b'));
    const path = writeFixture({
      ...notebook,
      cells: [notebook.cells[0]!, { ...notebook.cells[1]!, outputs: [output] } as never],
    });
    expect(() => readNotebook(path)).toThrow(`${path}: not a notebook: cells[1].outputs[0]${problem}`);
  });

  it('takes what other programs leave out: counts, names of streams, what describes an output', () => {
    const outputs = [
      { output_type: 'stream', text: 'x' },
      { output_type: 'display_data', data: { 'text/plain': 'q' } },
      { output_type: 'execute_result', data: { 'text/plain': '5' } },
    ];
    const bare = { cell_type: 'code', source: '5', metadata: {}, outputs };
    const path = writeFixture({ ...notebookOf(), nbformat_minor: 2, cells: [bare as never] });
    expect(readNotebook(path).cells).toEqual([bare]);
  });

  it('refuses tags that are no list, and takes a byte order mark', () => {
    const tagged = notebookOf({ ...code('1'), metadata: { tags: 'parameters' } } as never);
    expect(() => readNotebook(writeFixture(tagged))).toThrow('cells[0].metadata.tags: expected a list of texts');
    const path = join(temporaryFolder(), 'bom.ipynb');
    writeFileSync(path, `\uFEFF${JSON.stringify(notebookOf())}`);
    expect(readNotebook(path).cells).toEqual([]);
  });

  it('names a file that is not there, and a folder', () => {
    const folder = temporaryFolder();
    expect(() => readNotebook(join(folder, 'none.ipynb'))).toThrow(/none\.ipynb: no such file/);
    expect(() => readNotebook(folder)).toThrow(/is a folder/);
  });
});

describe('writing a notebook', () => {
  it('leaves the old file as it was when the new one cannot be put in its place', () => {
    const path = writeFixture(notebookOf(code('1')));
    const target = join(dirname(path), 'taken.ipynb');
    mkdirSync(join(target, 'inside'), { recursive: true });
    const before = readFileSync(path, 'utf8');
    expect(() => writeNotebook(target, notebookOf(code('2')))).toThrow();
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
