import { CoMoments } from '../../math/co-moments';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { type Control, centred, controlsOf } from './controls';
import { Draws, type KlProblem, logRatioAt } from './problem';
import type { Accumulator, EstimatorRun, RunEstimate, Sampler } from './run';
import { mayBeUnseen, unseen } from './unseen';

/**
 * ln q/p less fitted multiples of controls with known means: the log densities of q itself (where it is one normal), of the normal
 * with p's moments, of p's nearest component, and of p's components weighted as in the variational bound. For q and p normal
 * the integrand is a sum of the controls and nothing is left to estimate.
 *
 * Coefficients fitted on the draws they are applied to would bias the estimate. Here odd draws are corrected by the
 * coefficients of even ones and the other way round (cross-fitting), so each half is unbiased.
 */
export function controlVariate(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const controls = controlsOf(problem);
  return {
    sampler: new ControlledRows(problem, stream, controls),
    accumulator: new CrossFit(controls, problem.qs.logWeights.map(Math.exp)),
    fewest: 16 * (controls.length + 1),
    fit: (samples) => samples,
  };
}

/** A row is ln q/p at one draw and the controls there less their means. */
class ControlledRows implements Sampler {
  readonly step = 1;
  readonly width: number;
  private readonly draws: Draws;

  constructor(
    private readonly problem: KlProblem,
    private readonly stream: RandomStream,
    private readonly controls: readonly Control[],
  ) {
    this.width = controls.length + 1;
    this.draws = new Draws(problem, stream);
  }

  fill(out: Float64Array, count: number): void {
    const { problem, controls, draws } = this;
    for (let at = 0; at < count * this.width; ) {
      const i = draws.next();
      out[at++] = logRatioAt(problem.from(i), draws.z);
      for (const control of controls) out[at++] = centred(control, i, draws.z);
    }
  }

  skip(count: number): void {
    this.stream.skip(count * this.draws.uniforms);
  }
}

/** The two halves of the draws, each with what regressing ln q/p on the controls needs. */
class CrossFit implements Accumulator {
  private readonly folds: readonly [CoMoments, CoMoments];
  private readonly width: number;
  private drawn = 0;
  private infinite = false;

  constructor(
    private readonly controls: readonly Control[],
    private readonly weights: readonly number[],
  ) {
    this.width = controls.length + 1;
    this.folds = [new CoMoments(this.width), new CoMoments(this.width)];
  }

  add(rows: Float64Array, count: number): void {
    for (let at = 0; at < count * this.width; at += this.width, this.drawn++) {
      if (this.isFinite(rows, at)) nth(this.folds, this.drawn % 2).push(rows, at);
      else this.infinite = true;
    }
  }

  private isFinite(rows: Float64Array, at: number): boolean {
    for (let i = 0; i < this.width; i++) if (!Number.isFinite(rows[at + i]!)) return false;
    return true;
  }

  estimate(): RunEstimate {
    if (this.infinite) return { value: Infinity, standardError: null, degrees: 0 };
    if (this.drawn === 0) return { value: Number.NaN, standardError: null, degrees: 0 };
    const [a, b] = this.folds;
    const halves = [
      { fold: a, fittedOn: b },
      { fold: b, fittedOn: a },
    ].filter(({ fold }) => fold.count > 0);
    let value = 0;
    let variance = 0;
    for (const { fold, fittedOn } of halves) {
      const share = fold.count / this.drawn;
      const coefficients = fittedOn.regression();
      value += share * fold.residualMean(coefficients);
      const spread = fold.residualVariance(coefficients) + this.unseenVariance(coefficients);
      variance += (share * share * spread) / fold.count;
    }
    const degrees = this.drawn - 2 * this.width;
    return { value, standardError: degrees > 0 ? Math.sqrt(variance) : null, degrees };
  }

  /**
   * What rare components of q add to the variance of Σ_c b_c(g_c − E g_c). The mean E g_c counts them although no draw may come from them, and
   * coefficients that fit the others can be huge there.
   */
  private unseenVariance(coefficients: Float64Array): number {
    const { controls, weights, drawn } = this;
    const rare = [...weights.keys()].filter((i) => mayBeUnseen(nth(weights, i), drawn));
    const off = rare.map((i) =>
      controls.reduce(
        (total, { mean, componentMeans }, c) => total + nth(coefficients, c) * (nth(componentMeans, i) - mean),
        0,
      ),
    );
    const found = unseen(
      rare.map((i) => nth(weights, i)),
      off,
      drawn,
    );
    return found ? found.deviation ** 2 : 0;
  }
}
