import { expect, it } from 'vitest';
import { counted, fixed } from '../src/words';

it('counts one of a thing, and several of them', () => {
  expect([0, 1, 2].map((count) => counted(count, 'sample'))).toEqual(['0 samples', '1 sample', '2 samples']);
  expect(counted(2000, 'line', '2,000')).toBe('2,000 lines');
});

it('writes numbers below 0 with a minus sign', () => {
  expect([fixed(-0.654), fixed(12), fixed(-3.25, 1)]).toEqual(['−0.65', '12.00', '−3.3']);
});

it('gives a number that rounds to 0 no sign', () => {
  expect([fixed(-0.004), fixed(-0), fixed(-0.006)]).toEqual(['0.00', '0.00', '−0.01']);
});
