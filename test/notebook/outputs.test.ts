import { describe, expect, it } from 'vitest';
import type { CodeCell } from '../../src/notebook/document/ipynb';
import { OutputCollector } from '../../src/notebook/document/outputs';
import type { CellOutput } from '../../src/notebook/session/protocol';
import { code } from './fixtures';

const printed = (text: string, name: 'stdout' | 'stderr' = 'stdout'): CellOutput => ({ type: 'stream', name, text });
const texts = ({ outputs }: CodeCell): string[] =>
  outputs.map((output) => (output.output_type === 'stream' ? `${output.name}: ${output.text}` : output.output_type));

describe('what cells print', () => {
  const NOTE = 'stderr: What is printed from here on is left out: the notebook has no room for more.\n';

  it('is kept up to what a notebook has room for, said once, however it is cut; other outputs stay', () => {
    const [collector, first, second] = [new OutputCollector(10), code('1') as CodeCell, code('2') as CodeCell];
    for (const text of ['abc', 'def', 'xyz\u{1f600}', 'more']) collector.add(first, printed(text));
    collector.add(second, printed('late'));
    collector.add(second, { type: 'display_data', data: { 'text/plain': 'shown' }, metadata: {} });
    expect(texts(first)).toEqual(['stdout: abcdefxyz', NOTE]);
    expect(texts(second)).toEqual(['display_data']);
  });

  it('is whole where it fits to the last character', () => {
    const [collector, cell] = [new OutputCollector(6), code('1') as CodeCell];
    for (const name of ['stdout', 'stderr'] as const) collector.add(cell, printed('abc', name));
    expect(texts(cell)).toEqual(['stdout: abc', 'stderr: abc']);
    for (const text of ['d', 'e']) collector.add(cell, printed(text));
    expect(texts(cell)).toEqual(['stdout: abc', 'stderr: abc', NOTE]);
  });

  it('gives its room back where it is cleared, as a progress bar is', () => {
    const [collector, cell] = [new OutputCollector(8), code('1') as CodeCell];
    for (const wait of [false, true, false, true, true]) {
      collector.add(cell, printed('half done'.slice(0, 8)));
      collector.add(cell, { type: 'clear_output', wait });
    }
    collector.add(cell, printed('all done'));
    expect(texts(cell)).toEqual(['stdout: all done']);
  });
});
