import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ControlSpec, checkbox, play, select, slider, text } from '../../src/live/controls';
import { chooseSteps, combinations } from '../../src/live/frames';
import { framesOf } from '../../src/notebook/widgets/frames';

const describeError = (thrown: unknown) => ({
  ename: (thrown as Error).name,
  evalue: (thrown as Error).message,
  traceback: [],
});

describe('chooseSteps', () => {
  it('takes all choices first, then as many places of every slider as are left', () => {
    const specs = {
      x: slider(0, 1).spec,
      prior: select(['one', 'two']).spec,
      log: checkbox(true).spec,
      n: play(0, 9).spec,
      name: text('q').spec,
    };
    const steps = chooseSteps(specs, 64);
    expect(steps.map(({ name, positions }) => [name, positions.length])).toEqual([
      ['prior', 2],
      ['log', 2],
      ['x', 4],
      ['n', 4],
    ]);
    expect(steps.find(({ name }) => name === 'log')?.at).toBe(1);
  });

  it('leaves sliders where they are, the last first, rather than giving them two places', () => {
    const specs = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, slider(-1, 1).spec]));
    expect(chooseSteps(specs, 64).map(({ name, positions }) => [name, positions.length])).toEqual([
      ['a', 4],
      ['b', 4],
      ['c', 4],
    ]);
    expect(chooseSteps(specs, 2)).toEqual([]);
  });

  it('has no more combinations than it may, each once, and the one where the controls stand among them', () => {
    const control = fc.oneof(
      fc
        .tuple(fc.integer({ min: -50, max: 49 }), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([min, share]): ControlSpec => {
          const max = min + 7;
          return slider(min, max, { value: min + share * 7 }).spec;
        }),
      fc
        .integer({ min: 1, max: 9 })
        .map((count): ControlSpec => select(Array.from({ length: count }, (_, i) => i)).spec),
      fc.boolean().map((is): ControlSpec => checkbox(is).spec),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), control, { maxKeys: 6 }),
        fc.integer({ min: 0, max: 90 }),
        (specs, most) => {
          const steps = chooseSteps(specs, most);
          const all = [...combinations(steps)].map((values) => JSON.stringify(values));
          expect(all.length).toBeLessThanOrEqual(Math.max(1, most));
          expect(new Set(all).size).toBe(all.length);
          for (const { name, positions, at } of steps) expect(positions[at]).toBe(specs[name]!.value);
        },
      ),
      { seed: 17, numRuns: 300 },
    );
  });
});

describe('framesOf', () => {
  const specs = { x: slider(0, 1).spec };
  const work = { values: { x: 0.5 }, describe: describeError };

  it.each(['at once', 'later'])(
    'shows what the callback gives %s at each place, errors included, the last control first',
    async (when) => {
      const given = ({ x, y }: { x?: number; y?: string }) => {
        if (x === 0) throw new RangeError('zero');
        return `${x} ${y}`;
      };
      const show = when === 'later' ? async (values: { x?: number; y?: string }) => given(values) : given;
      const both = { ...specs, y: select(['a', 'b']).spec };
      const frames = await framesOf(both, { ...work, values: { x: 0.5, y: 'a' }, show });
      if (typeof frames === 'string') throw new Error(frames);
      expect(frames.steps.map(({ name }) => name)).toEqual(['y', 'x']);
      expect(frames.shown).toHaveLength(50);
      expect(frames.shown[0]).toEqual({ error: 'RangeError: zero' });
      expect(frames.shown[1]).toEqual({ 'text/plain': '0.04 a' });
      expect(frames.shown.at(-1)).toEqual({ 'text/plain': '1 b' });
    },
  );

  it('computes one place after the other', async () => {
    let running = 0;
    const show = async ({ x }: { x?: number }) => {
      running += 1;
      const beside = running;
      await new Promise((done) => setTimeout(done, 1));
      running -= 1;
      return `${beside} at ${x}`;
    };
    const frames = await framesOf(specs, { ...work, show });
    if (typeof frames === 'string') throw new Error(frames);
    expect(frames.shown.every((shown) => 'text/plain' in shown && /^1 at /.test(String(shown['text/plain'])))).toBe(
      true,
    );
  });

  it('computes fewer where they are large or slow, and says why there are none', async () => {
    const large = await framesOf(specs, { ...work, show: () => 'x'.repeat(190_000) });
    expect(typeof large === 'object' && large.shown.length).toBe(10);
    let clock = 0;
    const slow = await framesOf(specs, { ...work, show: () => 1, now: () => (clock += 4000) });
    expect(typeof slow === 'object' && slow.shown.length).toBe(5);
    expect(await framesOf(specs, { ...work, show: () => 'x'.repeat(1e6) })).toBe(
      'no few places of its controls would show it',
    );
  });
});
