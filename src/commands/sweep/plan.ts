import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { type Trial, trialFolder } from '../../sweep/folder';
import { best, drawSettings, type Rung, rungsOf } from '../../sweep/search';
import { MOST_TRIALS, type SweepSpec } from '../../sweep/spec';
import { readResult, stateOf } from '../../sweep/state';
import type { CommandIo } from '../io';
import { trialsOf, unique } from './options';

export const METHODS = ['grid', 'random', 'halving'] as const;
export type Method = (typeof METHODS)[number];

/** The trials that are known so far. */
export interface Plan {
  readonly trials: readonly Trial[];
  /** A description of the rung under way; absent if the plan is complete. */
  readonly stage?: string;
}

/** Plans from what the folder holds. Called again after every stage. */
export type Planner = (sweep: string) => Plan;

/** @throws UsageError if the method needs ranges and the file has none, or the other way round */
export function plannerOf(spec: SweepSpec, method: Method | undefined, io: CommandIo): Planner {
  const chosen = method ?? (Object.keys(spec.ranges).length > 0 ? 'random' : 'grid');
  return PLANNERS[chosen](spec, io);
}

const PLANNERS: { readonly [M in Method]: (spec: SweepSpec, io: CommandIo) => Planner } = {
  grid: (spec, io) => {
    if (Object.keys(spec.ranges).length > 0)
      throw new UsageError('ranges: only --method random and halving draw from them');
    const trials = trialsOf(spec, io);
    return () => ({ trials });
  },
  random: (spec, io) => {
    const trials = unique(drawnSettings(spec, io).flatMap((drawn) => trialsOf(spec, io, { drawn })));
    return () => ({ trials });
  },
  halving: (spec, io) => {
    const ladder = new Ladder(spec, io);
    return (sweep) => ladder.planIn(sweep);
  },
};

/** @throws UsageError before more is planned than a sweep may have */
function drawnSettings(spec: SweepSpec, io: CommandIo): ReturnType<typeof drawSettings> {
  const settings = drawSettings(spec);
  const each = trialsOf(spec, io, { drawn: nth(settings, 0) }).length;
  if (settings.length * each <= MOST_TRIALS) return settings;
  const asked = `${settings.length} draws of ${each} combinations`;
  throw new UsageError(`search.draws: ${asked}: a sweep has at most ${MOST_TRIALS}`);
}

/** Successive halving. Each rung's trials resume those of the rung below, so that no epoch is trained twice. */
class Ladder {
  private readonly settings: ReturnType<typeof drawSettings>;
  private readonly rungs: readonly Rung[];

  constructor(
    private readonly spec: SweepSpec,
    private readonly io: CommandIo,
  ) {
    this.settings = drawnSettings(spec, io);
    const whole = this.settings.flatMap((drawn) => trialsOf(spec, io, { drawn }));
    const lengths = [...new Set(whole.map(({ options }) => Number(options.epochs)))];
    if (lengths.length > 1) {
      throw new UsageError(`epochs: expected one number for all settings of a halving, got ${lengths.join(' and ')}`);
    }
    this.rungs = rungsOf(spec.search, nth(lengths, 0));
    // Refuses before the first training options that a short one cannot have.
    for (const drawn of this.settings) this.trialsOn(0, drawn);
  }

  planIn(sweep: string): Plan {
    let left = this.settings.map((_, i) => i);
    const planned: Trial[] = [];
    for (const [k, rung] of this.rungs.entries()) {
      const trials = left.map((i) => this.trialsOn(k, nth(this.settings, i)));
      planned.push(...trials.flat());
      const open = trials.flat().filter(({ id }) => isOpen(trialFolder(sweep, id), this.io));
      const next = this.rungs[k + 1];
      const size = `${counted(left.length, 'setting')}, ${counted(rung.epochs, 'epoch')}`;
      const stage = `rung ${k + 1} of ${this.rungs.length}: ${size}`;
      if (open.length > 0) return { trials: unique(planned), stage };
      if (!next) break;
      const kept = best(
        trials.map((of) => this.scoreOf(sweep, of)),
        next.settings,
      );
      left = kept.map((i) => nth(left, i));
    }
    return { trials: unique(planned) };
  }

  private trialsOn(k: number, drawn: SweepSpec['train']): readonly Trial[] {
    const scored = k === this.rungs.length - 1;
    const trials = trialsOf(this.spec, this.io, { drawn, epochs: this.rungs[k]?.epochs as number, scored });
    if (k === 0) return trials;
    const shorter = this.trialsOn(k - 1, drawn);
    return trials.map((trial, i) => ({ ...trial, resumes: shorter[i]?.id }));
  }

  /** Returns the mean over a setting's trials; null if one of them has failed. */
  private scoreOf(sweep: string, trials: readonly Trial[]): number | null {
    const { metric } = this.spec.search;
    const values = trials.map(({ id }) => readResult(trialFolder(sweep, id))?.metrics[metric] ?? null);
    return values.every((value) => value !== null) ? values.reduce((sum, x) => sum + x, 0) / values.length : null;
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function isOpen(folder: string, io: CommandIo): boolean {
  return ['waiting', 'running', 'cancelled'].includes(stateOf(folder, io.now()));
}
