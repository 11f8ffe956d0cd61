import { Moments } from '../../math/moments';
import type { RandomStream } from '../../math/random';

/** What a run knows so far. */
export interface RunEstimate {
  /** The estimate in nats. */
  readonly value: number;
  /** Null where there are too few draws for one, or an infinite term among them. */
  readonly standardError: number | null;
  /** Degrees of freedom behind the standard error, for Student's t. */
  readonly degrees: number;
}

/**
 * The random side of an estimator: rows of `width` numbers, each row made from `step` draws on a stretch of the random stream that
 * depends on the row's place alone. So any thread can make any rows, and they come out the same to the last bit.
 */
export interface Sampler {
  readonly step: number;
  readonly width: number;
  /** Writes the next `count` rows to out[0 … count·width). */
  fill(out: Float64Array, count: number): void;
  /** Passes over the next `count` rows. */
  skip(count: number): void;
}

/** The arithmetic side: what the rows come to, added in their order. */
export interface Accumulator {
  add(rows: Float64Array, count: number): void;
  estimate(): RunEstimate;
}

/** One estimator at work on one problem. What it gives depends on how many draws were taken, never in what portions. */
export interface EstimatorRun {
  readonly sampler: Sampler;
  readonly accumulator: Accumulator;
  /** Draws below which there is no standard error worth the name. */
  readonly fewest: number;
  /** b in error ∝ N^(−b), as it is counted on when the next look at a target error is planned; ½ unless said. */
  readonly rate?: number;
  /** The largest number of draws up to `samples` after which the estimate is complete. */
  fit(samples: number): number;
}

/** The smallest number of draws from `needed` on after which the run is complete, or `needed` where there is none. */
export function completeFrom(run: EstimatorRun, needed: number): number {
  const enough = Math.ceil(needed);
  if (enough === Infinity) return enough;
  let complete = run.fit(enough);
  for (let more = run.sampler.step; complete < enough && more <= enough; more *= 2) complete = run.fit(enough + more);
  return Math.max(complete, enough);
}

/** Numbers made before they are added. */
const BUFFER = 4096;

/** Makes and adds the next `count` rows. */
export function advance({ sampler, accumulator }: Pick<EstimatorRun, 'sampler' | 'accumulator'>, count: number): void {
  const most = Math.max(1, Math.min(count, Math.floor(BUFFER / sampler.width)));
  const buffer = new Float64Array(most * sampler.width);
  for (let left = count; left > 0; left -= most) {
    const some = Math.min(left, most);
    sampler.fill(buffer, some);
    accumulator.add(buffer, some);
  }
}

/** The mean of rows of one number each. */
export function meanOfRows(): Accumulator {
  const moments = new Moments();
  return {
    add: (rows, count) => {
      for (let i = 0; i < count; i++) moments.push(rows[i]!);
    },
    estimate: () => ({ value: moments.mean, standardError: moments.standardError, degrees: moments.count - 1 }),
  };
}

/** The average of independent terms of equal distribution, each made from `step` draws and `uniforms` random numbers. */
export function averageRun({
  stream,
  uniforms,
  term,
  step = 1,
  fewestTerms = 1,
}: {
  readonly stream: RandomStream;
  readonly uniforms: number;
  readonly term: () => number;
  readonly step?: number;
  readonly fewestTerms?: number;
}): EstimatorRun {
  return {
    sampler: {
      step,
      width: 1,
      fill: (out, count) => {
        for (let i = 0; i < count; i++) out[i] = term();
      },
      skip: (count) => stream.skip(count * uniforms),
    },
    accumulator: meanOfRows(),
    fewest: step * fewestTerms,
    fit: (samples) => samples - (samples % step),
  };
}
