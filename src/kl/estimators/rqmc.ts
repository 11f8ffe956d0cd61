import { normalQuantile } from '../../math/normal-quantile';
import { MAX_SCRAMBLED_POINTS, OwenScramble } from '../../math/owen-scramble';
import type { RandomStream } from '../../math/random';
import { SobolSequence } from '../../math/sobol';
import { summarize } from '../../math/summary';
import { type KlProblem, logRatioAt, Placement } from './problem';
import type { Run, RunEstimate } from './run';

/** Independent scramblings, whose spread is the error: enough for Student's t to be close to the normal. */
const RANDOMISATIONS = 16;

/**
 * Randomised quasi-Monte Carlo: the points of Sobol's sequence, scrambled as Owen (1995) does and sent through the inverse normal
 * distribution function. Each scrambling's mean is unbiased; for smooth integrands its standard error falls almost like
 * n^(−3/2), and never slower than n^(−1/2) (Owen 1997). Complete after 16·2^m draws: the first 2^m points under 16 scramblings.
 */
export class RqmcRun implements Run {
  readonly step: number = RANDOMISATIONS;
  readonly fewest: number = 2 * RANDOMISATIONS;
  private readonly placement: Placement;
  private readonly sequence: SobolSequence;
  private readonly scrambles: readonly OwenScramble[];
  private readonly sums: Float64Array = new Float64Array(RANDOMISATIONS);
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;
  private points = 0;

  constructor(
    private readonly problem: KlProblem,
    stream: RandomStream,
  ) {
    this.placement = new Placement(problem.qs);
    const { inputs, dimension } = this.placement;
    this.sequence = new SobolSequence(inputs);
    this.scrambles = Array.from(this.sums, () => new OwenScramble(inputs, stream));
    this.epsilon = new Float64Array(dimension);
    this.z = new Float64Array(dimension);
  }

  fit(samples: number): number {
    const points = Math.min(samples / RANDOMISATIONS, MAX_SCRAMBLED_POINTS);
    return points < 1 ? 0 : RANDOMISATIONS * 2 ** Math.floor(Math.log2(points));
  }

  advance(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.points++;
      for (let r = 0; r < RANDOMISATIONS; r++) {
        this.sums[r]! += this.term(this.scrambles[r]!);
      }
      this.sequence.advance();
    }
  }

  estimate(): RunEstimate {
    const { mean, standardError } = summarize(this.sums.map((sum) => sum / this.points));
    return { value: mean, standardError, degrees: RANDOMISATIONS - 1 };
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
