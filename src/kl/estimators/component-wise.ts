import { Moments } from '../../math/moments';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { klDivergence } from '../closed-form';
import { type Crossing, crossingsOf, nearestComponent, weightAt } from './crossings';
import { type KlProblem, MixtureSampler } from './problem';
import { remainderAt } from './remainder';
import type { Accumulator, EstimatorRun, RunEstimate, Sampler } from './run';
import { placeTilted } from './tilt';

/**
 * Conditioning on components. With c(i) the component of p nearest to component i of q, and r the posterior component
 * probabilities of either mixture,
 *   KL(q‖p) = Σ_i w_i { KL(q_i‖p_c) + ln w_i − ln π_c + E_{q_i}[ln r_c^p(Z) − ln r_i^q(Z)] },
 * of which only the last expectation is sampled: it vanishes as the components move apart. Each component of q gets draws in
 * proportion to its weight, at least 32, so the choice of component adds no variance. Where the last expectation comes from places that draws
 * from q_i hardly reach, up to half of them go there instead and are weighted (`crossings.ts`).
 */
export function componentWise(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const { qs, ps } = problem;
  const weights = qs.logWeights.map(Math.exp);
  const nearest = weights.map((_, i) => nearestComponent(problem, i));
  const known = weights.reduce((sum, w, i) => {
    const c = nth(nearest, i);
    const divergence = klDivergence(nth(qs.components, i), nth(ps.components, c));
    return sum + w * (divergence - nth(ps.logWeights, c) + nth(qs.logWeights, i));
  }, 0);
  return {
    sampler: new Remainders(problem, stream, weights, nearest),
    accumulator: new WeightedMeans(weights, known),
    fewest: FEWEST_EACH * weights.length,
    fit: (samples) => samples,
  };
}

/** Draws of each component, however rare: from fewer, its variance and with it the interval would be guesswork. */
const FEWEST_EACH = 32;

/**
 * Which component each draw belongs to: the one furthest behind its share, once each has its 32 draws. There is no
 * jump to a later draw: skipping draws still replays the allocation, which costs little beside a density.
 */
class StratifiedAllocation {
  private readonly counts: Float64Array;
  private drawn = 0;

  constructor(private readonly weights: readonly number[]) {
    this.counts = new Float64Array(weights.length);
  }

  next(): number {
    const { weights, counts } = this;
    const i =
      this.drawn < FEWEST_EACH * counts.length
        ? this.drawn % counts.length
        : furthestBehind(weights, counts, this.drawn);
    counts[i]!++;
    this.drawn++;
    return i;
  }
}

function furthestBehind(weights: readonly number[], counts: Float64Array, drawn: number): number {
  let furthest = 0;
  let behind = -Infinity;
  for (let i = 0; i < counts.length; i++) {
    const deficit = weights[i]! * (drawn + 1) - counts[i]!;
    if (deficit > behind) {
      behind = deficit;
      furthest = i;
    }
  }
  return furthest;
}

/** A row is one draw's ln r_c^p(z) − ln r_i^q(z), weighted where the draw may have left q_i. */
class Remainders implements Sampler {
  readonly step = 1;
  readonly width = 1;
  private readonly allocation: StratifiedAllocation;
  private readonly mixtureSampler: MixtureSampler;
  /** The places that draws of each component of q leave for. */
  private readonly crossings: readonly (readonly Crossing[])[];
  private readonly someLeave: boolean;
  /** The remainder at the component's mean, from which the weighted ones are counted. */
  private readonly centres: readonly number[];
  private readonly normals: Float64Array;
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;

  constructor(
    private readonly problem: KlProblem,
    private readonly stream: RandomStream,
    weights: readonly number[],
    private readonly nearest: readonly number[],
  ) {
    const d = problem.q.dimension;
    this.allocation = new StratifiedAllocation(weights);
    this.mixtureSampler = new MixtureSampler(problem.qs);
    this.crossings = weights.map((_, i) => crossingsOf(problem, i));
    this.someLeave = this.crossings.some((some) => some.length > 0);
    this.normals = new Float64Array(d);
    this.epsilon = new Float64Array(d);
    this.z = new Float64Array(d);
    this.centres = this.crossings.map((some, i) => (some.length > 0 ? finiteOr0(this.remainder(i)) : 0));
  }

  fill(out: Float64Array, count: number): void {
    for (let row = 0; row < count; row++) {
      const i = this.allocation.next();
      const u = this.someLeave ? this.stream.uniform() : 1;
      this.stream.fillNormal(this.normals);
      const crossings = this.crossings[i]!;
      const { epsilon } = this;
      place(crossings, u, this.normals, epsilon);
      this.mixtureSampler.place(i, epsilon, 1, this.z);
      const remainder = this.remainder(i);
      const centre = this.centres[i]!;
      const isWeighted = crossings.length > 0 && remainder < Infinity;
      out[row] = isWeighted ? centre + weightAt(crossings, epsilon) * (remainder - centre) : remainder;
    }
  }

  skip(count: number): void {
    for (let row = 0; row < count; row++) this.allocation.next();
    this.stream.skip(count * (this.epsilon.length + (this.someLeave ? 1 : 0)));
  }

  /** At z, in the view from component i. */
  private remainder(i: number): number {
    return remainderAt(this.problem.from(i), i, this.nearest[i]!, this.z);
  }
}

function finiteOr0(x: number): number {
  return Number.isFinite(x) ? x : 0;
}

/** A draw in units of q_i: at the crossing that the uniform u picks, or from q_i itself. */
function place(crossings: readonly Crossing[], u: number, normals: Float64Array, out: Float64Array): void {
  let below = 0;
  for (const { odds, tilt, share } of crossings) {
    below += share;
    if (u < below) {
      placeTilted(odds, tilt.theta, normals, out);
      return;
    }
  }
  out.set(normals);
}

class WeightedMeans implements Accumulator {
  private readonly allocation: StratifiedAllocation;
  private readonly moments: readonly Moments[];

  constructor(
    private readonly weights: readonly number[],
    private readonly known: number,
  ) {
    this.allocation = new StratifiedAllocation(weights);
    this.moments = weights.map(() => new Moments());
  }

  add(rows: Float64Array, count: number): void {
    for (let row = 0; row < count; row++) nth(this.moments, this.allocation.next()).push(rows[row]!);
  }

  /** The degrees of freedom are Welch and Satterthwaite's, (Σ v_i)²/Σ v_i²/(n_i − 1): those of the component that carries the error. */
  estimate(): RunEstimate {
    let value = this.known;
    let variance: number | null = 0;
    let squares = 0;
    let fewest = Infinity;
    this.moments.forEach(({ mean, variance: own, count }, i) => {
      const w = nth(this.weights, i);
      value += w * mean;
      const share = own === null ? null : (w * w * own) / count;
      variance = variance === null || share === null ? null : variance + share;
      if (share !== null) squares += share ** 2 / (count - 1);
      fewest = Math.min(fewest, count - 1);
    });
    if (variance === null) return { value, standardError: null, degrees: 0 };
    const degrees = squares > 0 ? Math.floor(variance ** 2 / squares) : fewest;
    return { value, standardError: Math.sqrt(variance), degrees };
  }
}
