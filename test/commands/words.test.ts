import { expect, it } from 'vitest';
import { counted, fixed } from '../../src/commands/words';

it('counts one of a thing, and several of them', () => {
  expect([0, 1, 2].map((count) => counted(count, 'sample'))).toEqual(['0 samples', '1 sample', '2 samples']);
});

it('writes numbers below 0 with a minus sign', () => {
  expect([fixed(-0.654), fixed(12), fixed(-3.25, 1)]).toEqual(['−0.65', '12.00', '−3.3']);
});
