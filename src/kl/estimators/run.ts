import { Moments } from '../../math/moments';

/** What a run knows so far. */
export interface RunEstimate {
  /** In nats. */
  readonly value: number;
  /** Null where there are too few draws for one, or an infinite term among them. */
  readonly standardError: number | null;
  /** Degrees of freedom behind the standard error, for Student's t. */
  readonly degrees: number;
}

/** One estimator at work on one problem. What it gives depends on how many draws were taken, never in what portions. */
export interface Run {
  /** Draws that are taken together: `advance` works in multiples of it. */
  readonly step: number;
  /** Draws below which there is no standard error worth the name. */
  readonly fewest: number;
  /** The largest number of draws up to `samples` after which the estimate is complete. */
  fit(samples: number): number;
  advance(steps: number): void;
  estimate(): RunEstimate;
}

/** The average of independent terms of equal distribution, each made from `step` draws. */
export class AverageRun implements Run {
  readonly fewest: number;
  private readonly moments: Moments = new Moments();

  constructor(
    readonly step: number,
    private readonly term: () => number,
    fewestTerms = 1,
  ) {
    this.fewest = step * fewestTerms;
  }

  fit(samples: number): number {
    return samples - (samples % this.step);
  }

  advance(steps: number): void {
    for (let i = 0; i < steps; i++) this.moments.push(this.term());
  }

  estimate(): RunEstimate {
    const { mean, standardError, count } = this.moments;
    return { value: mean, standardError, degrees: count - 1 };
  }
}
