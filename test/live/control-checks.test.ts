import { expect, it } from 'vitest';
import { decimalsOf } from '../../src/live/control-checks';
import { slider } from '../../src/live/controls';
import { modelOf } from '../../src/notebook/widgets/models';

it.each([
  [1, [0, 3], 0],
  [0.1, [-3, 0.3], 1],
  [0.25, [0, 0.5], 2],
  [0.125, [0, 0], 3],
  [0.1, [0.05, 0.55], 2],
  [1, [0.5, 2.5], 1],
  [0.5, [-3, 1.2], 1],
  [1e-8, [0, 5e-7], 8],
  [0.1 + 0.2, [0, 0], 1],
  [1 / 3, [0, 0], 3],
  [1e-12, [0, 0], 8],
])('a slider with steps of %d from %j is read with the decimals that show where it stands', (step, from, decimals) => {
  expect(decimalsOf(step, from)).toBe(decimals);
});

it('Jupyter reads a slider as a page does', () => {
  const formatOf = (control: ReturnType<typeof slider>) => modelOf(control.spec).state.readout_format;
  expect(formatOf(slider(0, 1, { step: 0.25 }))).toBe('.2f');
  expect(formatOf(slider(0.5, 9.5, { step: 1, value: 2.5 }))).toBe('.1f');
  expect(formatOf(slider(0, 10, { step: 1 }))).toBe('.0f');
});
