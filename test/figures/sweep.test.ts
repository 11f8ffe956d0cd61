import { expect, it } from 'vitest';
import { seedBandsFigure, seedSpreadFigure } from '../../src/figures/sweep';

type Trace = Record<string, unknown>;

it('a figure of settings draws every seed, and the mean with both sides of its interval where there is one', () => {
  const { data, alt } = seedSpreadFigure({
    settings: [
      { name: 'a', mean: 2, interval: [1.5, 3], seeds: [1, 3] },
      { name: 'b', mean: 5, interval: null, seeds: [5] },
    ],
    quantity: 'loss (nats)',
  });
  const [seeds, means] = data as [Trace, Trace];
  expect([seeds.x, seeds.y]).toEqual([
    [1, 3, 5],
    ['a', 'a', 'b'],
  ]);
  expect([means.x, means.y]).toEqual([
    [2, 5],
    ['a', 'b'],
  ]);
  expect(means.error_x).toMatchObject({ array: [1, 0], arrayminus: [0.5, 0] });
  expect(alt).toContain('a 2 (1.500 to 3); b 5');
});

it('curves have a band where more than one seed has come so far, and none beyond', () => {
  const curve = { name: 'a', epochs: [1, 2, 3], mean: [9, 8, 7], band: [[8, 10], [7.5, 8.5], null] as const };
  const [low, high, mean] = seedBandsFigure({ curves: [curve], quantity: 'loss' }).data as [Trace, Trace, Trace];
  expect(low).toMatchObject({ x: [1, 2], y: [8, 7.5] });
  expect(high).toMatchObject({ x: [1, 2], y: [10, 8.5], fill: 'tonexty' });
  expect(mean).toMatchObject({ y: [9, 8, 7], name: 'a' });
});
