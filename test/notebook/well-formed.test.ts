import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNotebook } from '../../src/notebook/document/ipynb';
import { runNotebook } from '../../src/notebook/runner/run';
import { wellFormedJson } from '../../src/notebook/well-formed';
import { code, notebookOf, temporaryFolder, writeFixture } from './fixtures';

/** As Node encodes text for a file or a terminal. */
const encoded = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

describe('JSON that leaves the kernel', () => {
  it('differs from what went in by nothing but U+FFFD for lone surrogates', () => {
    const unit = fc.oneof(
      fc.integer({ min: 0xd800, max: 0xdfff }).map((one) => String.fromCharCode(one)),
      fc.constantFrom('\\', '\\ud800', '"', '\n', '\u0000', '😀', 'σ', 'ud83d'),
      fc.string(),
    );
    const text = fc.array(unit).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(JSON.parse(wellFormedJson({ [`k${a}`]: [b] }))).toEqual({ [`k${encoded(a)}`]: [encoded(b)] });
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('a cell that cuts a character in two', () => {
  it('leaves U+FFFD in streams, results, HTML, errors and file names', async () => {
    const half = "'😀'.slice(0, 1)";
    const path = writeFixture(
      notebookOf(
        code(`console.log(${half}); console.error('a' + ${half})`),
        code(`import * as tslab from 'tslab'; tslab.display.html('<b>' + ${half} + '</b>')`),
        code(
          `({ [Symbol.for('Jupyter.display')]: () => ({ ['text/' + ${half}]: 1, 'application/json': { a: [${half}] } }) })`,
        ),
        code(`throw new Error(${half})`),
        code(`const error = new Error('x'); error.name = ${half}; throw error`),
        code(`const { readFileSync } = await import('node:fs'); readFileSync('/nowhere/' + ${half})`),
      ),
    );
    const output = join(temporaryFolder(), 'out.ipynb');
    await runNotebook(path, { output, allowErrors: true });
    const { cells } = readNotebook(output);
    const outputs = cells.flatMap((cell) => (cell.cell_type === 'code' ? [JSON.stringify(cell.outputs)] : []));
    for (const shown of outputs) {
      expect(shown).toContain('\uFFFD');
      // JSON escapes what is alone, and only that.
      expect(shown).not.toMatch(/\\ud[89a-f]/);
    }
    expect(outputs).toHaveLength(6);
  });
});
