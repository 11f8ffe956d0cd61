import { describe, expect, it } from 'vitest';
import type { CommandIo } from '../../src/commands/io';
import type { Stage } from '../../src/commands/sweep/options';
import { plannerOf } from '../../src/commands/sweep/plan';
import type { Trial } from '../../src/sweep/folder';
import { drawSettings } from '../../src/sweep/search';
import type { SweepSpec } from '../../src/sweep/spec';

const spec = (draws: number): SweepSpec => ({
  train: {},
  grid: {},
  zip: {},
  exclude: [],
  ranges: { latent: { from: 1, to: 1e9, integer: true } },
  search: { draws, seed: 1, metric: 'best', factor: 2 },
});
const io = { now: () => 0 } as CommandIo;

/** Makes two trials of each stage, and counts how often it is asked for each. */
function counted() {
  const asked = new Map<string, number>();
  const expand = (_: SweepSpec, stage?: Stage): readonly Trial[] => {
    const key = JSON.stringify(stage);
    asked.set(key, (asked.get(key) ?? 0) + 1);
    const epochs = stage?.epochs ?? 4;
    return [1, 2].map((seed) => ({ id: `${key}-${seed}`, options: { seed, epochs }, evaluate: null }));
  };
  return { asked, expand };
}

describe('a search', () => {
  it('asks once for the trials of each draw, and of each draw in each rung', () => {
    const random = counted();
    expect(plannerOf(spec(5), 'random', io, random.expand)('nowhere').trials).toHaveLength(10);
    expect([...random.asked.values()]).toEqual([1, 1, 1, 1, 1]);
    const halving = counted();
    const plan = plannerOf(spec(5), 'halving', io, halving.expand);
    for (const _ of [1, 2, 3]) expect(plan('nowhere').stage).toBe('rung 1 of 3: 5 settings, 1 epoch');
    // Each at its whole length, which tells the rungs, and at that of the first.
    expect([...halving.asked.values()]).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it('goes on with the draws of which exclude leaves something, and is refused where it leaves nothing of any', () => {
    const excluding = (of: number) => (_: SweepSpec, stage?: Stage) =>
      Number(stage?.drawn.latent) % 5 < of ? [] : counted().expand(_, stage);
    const some = excluding(2);
    const draws = spec(40);
    const left = drawSettings(draws).filter(({ latent }) => Number(latent) % 5 >= 2).length;
    expect(left).toBeGreaterThan(16);
    expect(plannerOf(draws, 'random', io, some)('nowhere').trials).toHaveLength(2 * left);
    const { stage, trials } = plannerOf(draws, 'halving', io, some)('nowhere');
    expect([stage, trials.length]).toEqual([`rung 1 of 3: ${left} settings, 1 epoch`, 2 * left]);
    for (const method of ['random', 'halving'] as const)
      expect(() => plannerOf(draws, method, io, excluding(5))).toThrow('exclude: leaves out every combination');
  });

  it('counts a setting once that was drawn twice', () => {
    const short = { ...spec(12), ranges: { latent: [1, 2, 3] } };
    expect(new Set(drawSettings(short).map(({ latent }) => latent)).size).toBe(3);
    expect(plannerOf(short, 'random', io, counted().expand)('nowhere').trials).toHaveLength(6);
    const { stage, trials } = plannerOf(short, 'halving', io, counted().expand)('nowhere');
    expect([stage, trials.length]).toEqual(['rung 1 of 2: 3 settings, 2 epochs', 6]);
  });

  it('is refused before it asks for more trials than a sweep may have', () => {
    const { asked, expand } = counted();
    expect(() => plannerOf(spec(5001), 'random', io, expand)).toThrow(
      'search.draws: 5001 draws of 2 combinations: a sweep has at most 10000',
    );
    expect(asked.size).toBe(1);
  });
});
