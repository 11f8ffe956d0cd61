import { describe, expect, it } from 'vitest';
import { formatSeconds } from '../../src/report/facts';

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
