import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors';
import { joinText, readNotebook, writeNotebook } from '../../src/notebook/ipynb';
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
    ['format 3', '{"nbformat": 3}', /nbformat: expected 4, got 3/],
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
