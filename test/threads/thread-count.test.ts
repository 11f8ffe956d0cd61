import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { compiledFile } from '../../src/package';
import { threadCount, threadFile } from '../../src/threads/thread-count';

describe('the file that threads run', () => {
  it('is the compiled one, for more than one thread', () => {
    expect(threadFile(2, 'kl/rows-thread')).toMatch(/dist[/\\]kl[/\\]rows-thread\.js$/);
    expect(threadFile(1, 'kl/rows-thread')).toBeNull();
  });

  it('is not needed where nobody asked for threads, and missed where somebody did', () => {
    expect(compiledFile('kl/nowhere')).toBeNull();
    expect(threadFile('auto', 'kl/nowhere')).toBeNull();
    expect(() => threadFile(2, 'kl/nowhere')).toThrow(
      'threads: expected 1, because kl/nowhere.js, which threads run, is not beside this file; got 2',
    );
  });

  it('is run by as many threads as there are cores, where their number is left open', () => {
    expect(threadCount('auto')).toBe(availableParallelism());
    expect(threadCount(3)).toBe(3);
  });
});
