import { describe, expect, it } from 'vitest';
import { formatSeconds, notebookFacts } from '../../src/report/facts';
import { code, notebookOf } from '../notebook/fixtures';

describe('a duration', () => {
  it.each([
    [0.04, '0.0 s'],
    [99.94, '99.9 s'],
    [99.97, '1 min 40 s'],
    [119.4, '1 min 59 s'],
    [119.7, '2 min 0 s'],
    [3600, '60 min 0 s'],
  ])('of %d s reads %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('versions', () => {
  it('are those that a run has kept; of a notebook that any kernel may have run nothing is claimed', () => {
    const bare = notebookOf(code('1'));
    expect(notebookFacts(bare)).toEqual([]);
    const python = { ...bare, metadata: { language_info: { name: 'python', version: '3.12.1' } } };
    expect(notebookFacts(python)).toEqual([['Versions', 'python 3.12.1']]);
  });
});
