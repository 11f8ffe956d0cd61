import { describe, expect, it } from 'vitest';
import { select, slider } from '../../src/live/controls';
import { LIVE_MIME } from '../../src/live/program';
import { liveDataOf } from '../../src/report/live/live-cell';

const output = (data: unknown) => ({
  output_type: 'display_data' as const,
  metadata: {},
  data: { [LIVE_MIME]: data },
});

describe('a live cell that somebody else has written', () => {
  const controls = { mean: slider(0, 1).spec, prior: select(['a', 'b']).spec };
  const steps = [{ name: 'mean', positions: [0, 1], at: 0 }];
  const shown = [{ 'text/plain': '0' }, { 'text/plain': '1' }];

  it('is one where it has all that a page needs', () => {
    expect(liveDataOf(output({ controls, frames: { steps, shown } }))?.controls).toBe(controls);
  });

  it.each([
    ['a select without options', { controls: { prior: { kind: 'select', value: 'a' } } }],
    ['options that are no list', { controls: { prior: { kind: 'select', value: 'a', options: 7 } } }],
    ['no control', { controls: { prior: null } }],
    ['a step that is none', { controls, frames: { steps: [null], shown } }],
    ['a step of no control', { controls, frames: { steps: [{ positions: [0, 1] }], shown } }],
    ['steps that are no list', { controls, frames: { steps: 7, shown } }],
    ['too few frames', { controls, frames: { steps, shown: [] } }],
  ])('is an output like any other with %s', (_, data) => {
    expect(liveDataOf(output(data))).toBeUndefined();
  });
});
