import { MAX_SCRAMBLED_POINTS, OwenScramble } from '../../math/owen-scramble';
import type { RandomStream } from '../../math/random';
import { SobolSequence } from '../../math/sobol';
import { summarize } from '../../math/summary';
import type { KlProblem } from './problem';
import type { Accumulator, EstimatorRun, RunEstimate, Sampler } from './run';
import { UnitCube } from './unit-cube';

/** Independent scramblings, whose spread is the error: enough for Student's t to be close to the normal. */
const RANDOMISATIONS = 16;

/**
 * Randomised quasi-Monte Carlo: the points of Sobol's sequence, scrambled as Owen (1995) does and sent through the inverse normal
 * distribution function. Each scrambling's mean is unbiased, and its standard error o(n^(−1/2)) for every integrand with a variance
 * (Owen 1997a); the n^(−3/2) of smooth integrands (Owen 1997b) needs them to be bounded, which `UnitCube` sees to in one dimension.
 * Complete after 16·2^m draws: the first 2^m points under 16 scramblings.
 */
export function rqmc(problem: KlProblem, stream: RandomStream): EstimatorRun {
  return {
    sampler: new ScrambledPoints(problem, stream),
    accumulator: new ScramblingMeans(),
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
class ScrambledPoints implements Sampler {
  readonly step: number = RANDOMISATIONS;
  readonly width: number = RANDOMISATIONS;
  private readonly cube: UnitCube;
  private readonly sequence: SobolSequence;
  private readonly scrambles: readonly OwenScramble[];

  constructor(problem: KlProblem, stream: RandomStream) {
    this.cube = new UnitCube(problem);
    // The first coordinate of the sequence is its best spread one: it picks the component.
    this.sequence = new SobolSequence(this.cube.point.length);
    this.scrambles = Array.from({ length: RANDOMISATIONS }, () => new OwenScramble(this.cube.point.length, stream));
  }

  fill(out: Float64Array, count: number): void {
    const { cube, sequence, scrambles } = this;
    const { point } = cube;
    for (let at = 0; at < count * RANDOMISATIONS; sequence.advance()) {
      for (const scramble of scrambles) {
        for (let j = 0; j < point.length; j++) point[j] = scramble.uniform(sequence.digits[j]!, j);
        out[at++] = cube.term();
      }
    }
  }

  skip(count: number): void {
    this.sequence.skip(count);
  }
}

class ScramblingMeans implements Accumulator {
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
