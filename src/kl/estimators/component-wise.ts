import { logPosterior } from '../../distributions/posterior';
import { Moments } from '../../math/moments';
import type { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import { klDivergence } from '../closed-form';
import type { Components } from '../components';
import { type KlProblem, MixtureSampler } from './problem';
import type { Accumulator, EstimatorRun, RunEstimate, Sampler } from './run';

/**
 * Conditioning on components. With c(i) the component of p nearest to component i of q, and r the posterior component
 * probabilities of either mixture,
 *   KL(q‖p) = Σ_i w_i { KL(q_i‖p_c) + ln w_i − ln π_c + E_{q_i}[ln r_c^p(Z) − ln r_i^q(Z)] },
 * of which only the last expectation is sampled: it vanishes as the components move apart. Each component of q gets draws in
 * proportion to its weight, at least 32, so the choice of component adds no variance.
 */
export function componentWise(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const { qs, ps } = problem;
  const weights = qs.logWeights.map(Math.exp);
  const divergences = qs.components.map((component) =>
    ps.components.map((other, c) => klDivergence(component, other) - nth(ps.logWeights, c)),
  );
  const nearest = divergences.map((row) => row.indexOf(Math.min(...row)));
  const known = weights.reduce(
    (sum, w, i) => sum + w * (nth(nth(divergences, i), nth(nearest, i)) + nth(qs.logWeights, i)),
    0,
  );
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

/** A row is one draw's ln r_c^p(z) − ln r_i^q(z). */
class Remainders implements Sampler {
  readonly step = 1;
  readonly width = 1;
  private readonly allocation: StratifiedAllocation;
  private readonly mixtureSampler: MixtureSampler;
  private readonly epsilon: Float64Array;
  private readonly z: Float64Array;

  constructor(
    private readonly problem: KlProblem,
    private readonly stream: RandomStream,
    weights: readonly number[],
    private readonly nearest: readonly number[],
  ) {
    this.allocation = new StratifiedAllocation(weights);
    this.mixtureSampler = new MixtureSampler(problem.qs);
    this.epsilon = new Float64Array(problem.q.dimension);
    this.z = new Float64Array(problem.q.dimension);
  }

  fill(out: Float64Array, count: number): void {
    for (let row = 0; row < count; row++) {
      const i = this.allocation.next();
      this.stream.fillNormal(this.epsilon);
      this.mixtureSampler.place(i, this.epsilon, 1, this.z);
      out[row] = this.remainder(i);
    }
  }

  skip(count: number): void {
    for (let row = 0; row < count; row++) this.allocation.next();
    this.stream.skip(count * this.epsilon.length);
  }

  /** Each of the two logarithms is ln(weight·component density/mixture density). */
  private remainder(i: number): number {
    const { q, p, qs, ps } = this.problem.from(i);
    const { z } = this;
    const logP = p.logProbAt(z, 0);
    if (logP === -Infinity) return Infinity;
    return logResponsibility(ps, this.nearest[i]!, z, logP) - logResponsibility(qs, i, z, q.logProbAt(z, 0));
  }
}

/** The log density beyond which a difference of two is rounded by 1e-13 and more. */
const FAR = 1e3;

/** ln r_c(z), where the logarithm of the whole mixture's density is known to be `log`. */
function logResponsibility({ logWeights, components }: Components, c: number, z: Float64Array, log: number): number {
  if (components.length === 1) return 0;
  if (log > -FAR) return logWeights[c]! + nth(components, c).logProbAt(z, 0) - log;
  const terms = Float64Array.from(components, (component, k) => logWeights[k]! + component.logProbAt(z, 0));
  logPosterior(components, logWeights, z, terms);
  return nth(terms, c);
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
