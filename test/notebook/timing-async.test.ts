import { describe, expect, it } from 'vitest';
import { REPRODUCIBLE, timedAsync } from '../../src/notebook/timing';

describe('work that is awaited', () => {
  it('is timed to its end, and not at all in a reproducible run', async () => {
    let clock = 5;
    const work = async () => {
      await Promise.resolve();
      clock = 12;
      return 'done';
    };
    const now = () => clock;
    expect(await timedAsync(work, { env: {}, now })).toEqual({ value: 'done', milliseconds: 7 });
    expect(await timedAsync(work, { env: { [REPRODUCIBLE]: '1' }, now })).toEqual({
      value: 'done',
      milliseconds: null,
    });
  });
});
