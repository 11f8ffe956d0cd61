import { normalQuantile } from '../../math/normal-quantile';
import { MAX_SCRAMBLED_POINTS, OwenScramble } from '../../math/owen-scramble';
import type { RandomStream } from '../../math/random';
import { SobolSequence } from '../../math/sobol';
import { summarize } from '../../math/summary';
import { type KlProblem, logRatioAt, Placement } from './problem';
import type { Rows, Run, RunEstimate, Tally } from './run';

/** Independent scramblings, whose spread is the error: enough for Student's t to be close to the normal. */
const RANDOMISATIONS = 16;

/**
 * Randomised quasi-Monte Carlo: the points of Sobol's sequence, scrambled as Owen (1995) does and sent through the inverse normal
 * distribution function. Each scrambling's mean is unbiased; for smooth integrands its standard error falls almost like
 * n^(−3/2), and never slower than n^(−1/2) (Owen 1997a, 1997b). Complete after 16·2^m draws: the first 2^m points under 16 scramblings.
 */
export function rqmc(problem: KlProblem, stream: RandomStream): Run {
  return {
    rows: new ScrambledPoints(problem, stream),
    tally: new ScramblingMeans(),
    fewest: 2 * RANDOMISATIONS,
    rate: 1,
    fit,
  };
}

function fit(samples: number): number {
  const points = Math.min(samples / RANDOMISATIONS, MAX_SCRAMBLED_POINTS);
  return points < 1 ? 0 : RANDOMISATIONS * 2 ** Math.floor(Math.log2(points));
}

/** A row is one point of the sequence: ln q/p at each of its scrambled places. */
class ScrambledPoints implements Rows {
  readonly step: number = RANDOMISATIONS;
  readonly width: number = RANDOMISATIONS;
  private readonly placement: Placement;
  private readonly sequence: SobolSequence;
  private readonly scrambles: readonly OwenScramble[];
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;

  constructor(
    private readonly problem: KlProblem,
    stream: RandomStream,
  ) {
    this.placement = new Placement(problem.qs);
    const { inputs, dimension } = this.placement;
    this.sequence = new SobolSequence(inputs);
    this.scrambles = Array.from({ length: RANDOMISATIONS }, () => new OwenScramble(inputs, stream));
    this.epsilon = new Float64Array(dimension);
    this.z = new Float64Array(dimension);
  }

  fill(out: Float64Array, count: number): void {
    for (let at = 0; at < count * RANDOMISATIONS; this.sequence.advance()) {
      for (const scramble of this.scrambles) out[at++] = this.term(scramble);
    }
  }

  skip(count: number): void {
    this.sequence.skip(count);
  }

  private term(scramble: OwenScramble): number {
    const { placement, sequence, epsilon, z } = this;
    // The first coordinate of the sequence is its best spread one: it picks the component.
    const shift = placement.inputs - placement.dimension;
    for (let j = 0; j < epsilon.length; j++) {
      epsilon[j] = normalQuantile(scramble.uniform(sequence.digits[j + shift]!, j + shift));
    }
    const i = shift > 0 ? placement.component(scramble.uniform(sequence.digits[0]!, 0)) : 0;
    placement.place(i, epsilon, 1, z);
    return logRatioAt(this.problem, z);
  }
}

class ScramblingMeans implements Tally {
  private readonly sums: Float64Array = new Float64Array(RANDOMISATIONS);
  private points = 0;

  add(rows: Float64Array, count: number): void {
    const { sums } = this;
    for (let i = 0, at = 0; i < count; i++) {
      for (let r = 0; r < RANDOMISATIONS; r++) sums[r]! += rows[at++]!;
    }
    this.points += count;
  }

  estimate(): RunEstimate {
    const { mean, standardError } = summarize(this.sums.map((sum) => sum / this.points));
    return { value: mean, standardError, degrees: RANDOMISATIONS - 1 };
  }
}
