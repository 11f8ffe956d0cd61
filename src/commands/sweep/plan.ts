import { UsageError } from '../../errors';
import { nth } from '../../nth';
import { type Trial, trialFolder } from '../../sweep/folder';
import { best, drawSettings, type Rung, rungsOf } from '../../sweep/search';
import { MOST_TRIALS, type Options, type SweepSpec } from '../../sweep/spec';
import { readResult, stateOf } from '../../sweep/state';
import { counted } from '../../words';
import type { CommandIo } from '../io';
import { NOTHING_LEFT, type Stage, unique } from './options';

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

/** Makes trials of a file and one stage of a search. */
type Expand = (spec: SweepSpec, stage?: Stage) => readonly Trial[];

/**
 * @param expand makes trials; a search asks once for those of each draw and stage
 * @throws UsageError if the method needs ranges and the file has none, or the other way round
 */
export function plannerOf(spec: SweepSpec, method: Method | undefined, io: CommandIo, expand: Expand): Planner {
  const chosen = method ?? (Object.keys(spec.ranges).length > 0 ? 'random' : 'grid');
  return PLANNERS[chosen](spec, io, expand);
}

const PLANNERS: { readonly [M in Method]: (spec: SweepSpec, io: CommandIo, expand: Expand) => Planner } = {
  grid: (spec, _io, expand) => {
    if (Object.keys(spec.ranges).length > 0)
      throw new UsageError('ranges: only --method random and halving draw from them');
    const trials = expand(spec);
    return () => ({ trials });
  },
  random: (spec, _io, expand) => {
    const trials = unique([...new Draws(spec, expand).whole().values()].flat());
    return () => ({ trials });
  },
  halving: (spec, io, expand) => {
    const ladder = new Ladder(spec, io, expand);
    return (sweep) => ladder.planIn(sweep);
  },
};

/** The trials of each drawn setting, which are made once: thousands of them take seconds. */
class Draws {
  private readonly settings: readonly Options[];
  private readonly made = new Map<string, readonly Trial[]>();

  constructor(
    private readonly spec: SweepSpec,
    private readonly expand: Expand,
  ) {
    this.settings = drawSettings(spec);
  }

  /**
   * Returns the trials of each draw by its number, but for draws of which `exclude` leaves nothing, and of those that came before: a setting
   * that is drawn twice from a short list would take another's place among the best.
   *
   * @throws UsageError before more is planned than a sweep may have
   */
  whole(): ReadonlyMap<number, readonly Trial[]> {
    const count = this.settings.length;
    const left = new Map<number, readonly Trial[]>();
    const known = new Set<string>();
    for (const draw of this.settings.keys()) {
      const trials = this.trialsOf(draw, {});
      if (count * trials.length > MOST_TRIALS) {
        const asked = `${count} draws of ${trials.length} combinations`;
        throw new UsageError(`search.draws: ${asked}: a sweep has at most ${MOST_TRIALS}`);
      }
      const isNew = trials.some(({ id }) => !known.has(id));
      for (const { id } of trials) known.add(id);
      if (isNew) left.set(draw, trials);
    }
    if (left.size === 0) throw new UsageError(NOTHING_LEFT);
    return left;
  }

  trialsOf(draw: number, stage: Omit<Stage, 'drawn'>): readonly Trial[] {
    const key = JSON.stringify([draw, stage]);
    const known = this.made.get(key) ?? this.expand(this.spec, { drawn: nth(this.settings, draw), ...stage });
    this.made.set(key, known);
    return known;
  }
}

/** Successive halving. Each rung's trials resume those of the rung below, so that no epoch is trained twice. */
class Ladder {
  private readonly draws: Draws;
  /** The numbers of the draws. */
  private readonly settings: readonly number[];
  private readonly rungs: readonly Rung[];

  constructor(
    private readonly spec: SweepSpec,
    private readonly io: CommandIo,
    expand: Expand,
  ) {
    this.draws = new Draws(spec, expand);
    const whole = this.draws.whole();
    this.settings = [...whole.keys()];
    const lengths = [...new Set([...whole.values()].flat().map(({ options }) => Number(options.epochs)))];
    if (lengths.length > 1) {
      throw new UsageError(`epochs: expected one number for all settings of a halving, got ${lengths.join(' and ')}`);
    }
    this.rungs = rungsOf({ draws: whole.size, factor: spec.search.factor }, nth(lengths, 0));
    // Refuses before the first training options that a short one cannot have.
    for (const draw of this.settings) this.trialsOn(0, draw);
  }

  planIn(sweep: string): Plan {
    let left = this.settings;
    const planned: Trial[] = [];
    for (const [k, rung] of this.rungs.entries()) {
      const trials = left.map((draw) => this.trialsOn(k, draw));
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

  private trialsOn(k: number, draw: number): readonly Trial[] {
    const scored = k === this.rungs.length - 1;
    const trials = this.draws.trialsOf(draw, { epochs: nth(this.rungs, k).epochs, scored });
    if (k === 0) return trials;
    const shorter = this.trialsOn(k - 1, draw);
    return trials.map((trial, i) => ({ ...trial, resumes: shorter[i]?.id }));
  }

  /** Returns the mean over a setting's trials; null if one of them has failed. */
  private scoreOf(sweep: string, trials: readonly Trial[]): number | null {
    const { metric } = this.spec.search;
    const values = trials.map(({ id }) => readResult(trialFolder(sweep, id))?.metrics[metric] ?? null);
    return values.every((value) => value !== null) ? values.reduce((sum, x) => sum + x, 0) / values.length : null;
  }
}

function isOpen(folder: string, io: CommandIo): boolean {
  return ['waiting', 'running', 'cancelled'].includes(stateOf(folder, io.now()));
}
