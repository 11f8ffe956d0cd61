import { normalQuantile } from '../../math/normal-quantile';
import { klBounds } from '../bounds';
import { type KlProblem, logRatioAt, MixtureSampler } from './problem';

/**
 * ln q/p as a function on the unit cube, whose mean over the cube is KL(q‖p): for estimators that spread their points there evenly. One
 * coordinate each goes through Φ⁻¹, and where q is a mixture the first one picks the component.
 *
 * Towards the faces of the cube ln q/p grows like the square of Φ⁻¹, and so like −ln u. In one dimension the outermost of n points,
 * which is anywhere in its interval of length 1/n, then has an error in n^(−1) and a skewness of 2, beside which the n^(−3/2) of the
 * points within is nothing. So there v is sent to u = 2v² (and 1 − 2(1 − v)² beyond ½), with the weight du/dv = 4v, under which the
 * integrand vanishes at the ends. With more dimensions it is the points within that carry the error, and such weights only add to it.
 */
export class UnitCube {
  /** Where the next term is taken: one number in (0, 1) per coordinate. */
  readonly point: Float64Array;
  private readonly mixtureSampler: MixtureSampler;
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;
  private readonly centre: number;

  constructor(private readonly problem: KlProblem) {
    this.mixtureSampler = new MixtureSampler(problem.qs);
    this.point = new Float64Array(this.mixtureSampler.inputs);
    this.epsilon = new Float64Array(this.mixtureSampler.dimension);
    this.z = new Float64Array(this.mixtureSampler.dimension);
    this.centre = this.point.length === 1 ? middleOfBounds(problem) : 0;
  }

  /** ln q/p at `point`, weighted in one dimension. */
  term(): number {
    const { mixtureSampler, point, epsilon } = this;
    if (point.length === 1) return this.weightedTerm();
    const shift = mixtureSampler.inputs - mixtureSampler.dimension;
    for (let j = 0; j < epsilon.length; j++) epsilon[j] = normalQuantile(point[j + shift]!);
    return this.logRatio(shift > 0 ? mixtureSampler.component(point[0]!) : 0);
  }

  /** c + 4v(f − c): any constant c leaves the mean alone, and one close to the divergence keeps the weights from adding much variance. */
  private weightedTerm(): number {
    const v = this.point[0]!;
    const end = Math.min(v, 1 - v);
    const quantile = normalQuantile(2 * end * end);
    this.epsilon[0] = v < 0.5 ? quantile : -quantile;
    return this.centre + 4 * end * (this.logRatio(0) - this.centre);
  }

  private logRatio(component: number): number {
    this.mixtureSampler.place(component, this.epsilon, 1, this.z);
    return logRatioAt(this.problem.from(component), this.z);
  }
}

/** The middle of the closed-form bounds of KL(q‖p); 0 where they are infinite. */
export function middleOfBounds({ q, p }: KlProblem): number {
  const { lower, upper } = klBounds(q, p);
  return Number.isFinite(upper) ? 0.5 * (lower + upper) : 0;
}
