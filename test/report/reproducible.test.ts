import { describe, expect, it } from 'vitest';
import { display } from '../../src/display';
import { efficiencyFigure } from '../../src/figures/efficiency';
import { timed } from '../../src/notebook/timing';

describe('a time that a cell shows', () => {
  const clock = () => {
    let at = 0;
    return () => {
      at += 5;
      return at;
    };
  };

  it('is measured by the clock, and there is none in a reproducible run', () => {
    expect(timed(() => 'done', { env: {}, now: clock() })).toEqual({ value: 'done', milliseconds: 5 });
    const env = { GMM_VAE_REPRODUCIBLE: '1' };
    expect(timed(() => 'done', { env, now: () => expect.unreachable('asks the clock') })).toEqual({
      value: 'done',
      milliseconds: null,
    });
  });

  it('is named below the efficiencies, as are the evaluations that stand in for it', () => {
    const given = { names: ['plain', 'k3'], efficiencies: [1, 2] };
    const text = (per?: 'time' | 'evaluations') =>
      JSON.stringify(efficiencyFigure(per ? { ...given, per } : given)[display]());
    expect(text()).toContain('1/(variance × time), plain = 1');
    expect(text('evaluations')).toContain('1/(variance × evaluations), plain = 1');
    expect(text('evaluations')).not.toContain('time');
  });
});
