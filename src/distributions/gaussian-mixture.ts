import { display, type MimeBundle } from '../display';
import { InvalidArgumentError } from '../errors';
import { cumulativeSums, searchSorted } from '../math/cumulative';
import { logSumExp } from '../math/log-sum-exp';
import type { RandomStream } from '../math/random';
import { nth } from '../nth';
import type { Distribution } from './distribution';
import { mixtureWeights, type WeightScale } from './mixture-weights';
import type { Gaussian } from './multivariate-normal';
import { meanOf, stddevOf } from './multivariate-normal';
import { NoClosedFormError } from './no-closed-form';
import { PackedDiagonals } from './packed-diagonals';
import { posterior } from './posterior';
import { distributionBundle } from './show';
import { isArrayLike, point, requireNumbers, sameLength, shown } from './validate';

/**
 * How weights are read.
 *
 * @example
 * ```ts
 * import { GaussianMixture, type MixtureOptions, Normal } from 'gmm-vae';
 *
 * const counts: MixtureOptions = { weightsAre: 'unnormalised' };
 * new GaussianMixture([30, 10], [new Normal(0, 1), new Normal(4, 1)], counts).weights; // [0.75, 0.25]
 * ```
 */
export interface MixtureOptions {
  /**
   * What the weights given are. Default `probabilities`, which sum to 1 within 1e-6; `unnormalised` ones have any positive sum; `logits` are
   * logarithms up to a constant. They are normalised exactly.
   */
  readonly weightsAre?: WeightScale;
}

/**
 * The Gaussian mixture p(z) = Σ_k π_k N(z; μ_k, Σ_k), equation (10). Weights may be zero; components may repeat.
 *
 * @example
 * ```ts
 * import { GaussianMixture, Normal } from 'gmm-vae';
 *
 * const p = new GaussianMixture([0.3, 0.7], [new Normal(-1, 1), new Normal(2, 0.5)]);
 * p.logProb(0); // -2.62033
 * p.responsibilities(0); // [0.997426, 0.00257442]
 * p.meanVector(); // [1.1]
 * p.entropy(); // throws NoClosedFormError
 * GaussianMixture.fromLogits([0, Math.log(3)], p.components).weights; // [0.25, 0.75]
 * ```
 */
export class GaussianMixture implements Distribution {
  readonly kind = 'mixture' as const;
  readonly eventShape: readonly number[];
  readonly dimension: number;
  /** π, of length K, summing to 1. */
  readonly weights: Float64Array;
  /** The weights before they were normalised, and what they are: what makes the same mixture again, to the last bit. */
  readonly givenWeights: Float64Array;
  readonly weightsAre: WeightScale;
  /** ln π; −Infinity for a component of weight zero. Made from logits, also of weights below every float. */
  readonly logWeights: Float64Array;
  /** The K components, all of one event shape. */
  readonly components: readonly Gaussian[];
  private readonly diagonals: PackedDiagonals | null;
  private readonly cumulative: Float64Array;
  private readonly scratch: Float64Array;
  private readonly terms: Float64Array;

  /**
   * @param weights K numbers ≥ 0 that sum to 1 within 1e-6, or what `weightsAre` says.
   * @throws InvalidArgumentError naming the weight or the component at fault.
   */
  constructor(
    weights: ArrayLike<number>,
    components: readonly Gaussian[],
    { weightsAre = 'probabilities' }: MixtureOptions = {},
  ) {
    const normalised = mixtureWeights(weights, weightsAre);
    this.givenWeights = normalised.given;
    this.weightsAre = weightsAre;
    this.weights = normalised.weights;
    this.logWeights = normalised.logWeights;
    this.components = checkedComponents(components, this.weights.length);
    const first = nth(this.components, 0);
    this.eventShape = first.eventShape;
    this.dimension = first.dimension;
    this.cumulative = cumulativeSums(this.weights);
    this.diagonals = PackedDiagonals.of(this.components.map(meanOf), this.components.map(stddevOf), this.logWeights);
    this.scratch = new Float64Array(this.dimension);
    this.terms = new Float64Array(this.weights.length);
  }

  /**
   * The mixture with the weights softmax(logits): K numbers, −Infinity for a weight of zero.
   * @throws InvalidArgumentError naming the logit or the component at fault.
   */
  static fromLogits(logits: ArrayLike<number>, components: readonly Gaussian[]): GaussianMixture {
    return new GaussianMixture(logits, components, { weightsAre: 'logits' });
  }

  /** The same weights, to the last bit, with other components. */
  withComponents(components: readonly Gaussian[]): GaussianMixture {
    return new GaussianMixture(this.givenWeights, components, { weightsAre: this.weightsAre });
  }

  logProb(z: number | ArrayLike<number>): number {
    const x = point(z, this.scratch);
    return x.every(Number.isFinite) ? this.logProbAt(x, 0) : -Infinity;
  }

  /** ln p(z) = ln Σ_k exp(ln π_k + ln N(z; μ_k, Σ_k)): each component's sum over dimensions first, then one log-sum-exp. */
  logProbAt(points: Float64Array, offset: number): number {
    if (this.diagonals !== null) return this.diagonals.logProbAt(points, offset);
    this.fillJoint(points, offset);
    return logSumExp(this.terms);
  }

  /**
   * The log densities, in nats, of N points given row by row (N×d numbers): the numbers that `logProb` gives, several times as
   * fast where all covariances are diagonal.
   * @param out filled and returned; of length N.
   * @throws InvalidArgumentError when `points` holds NaN or no whole number of points, or `out` has another length than N.
   */
  logProbs(points: Float64Array, out: Float64Array = new Float64Array(points.length / this.dimension)): Float64Array {
    const d = this.dimension;
    sameLength('points', points.length, out.length * d, 'coordinate of each of the points');
    requireNumbers('points', points);
    if (this.diagonals === null) for (let i = 0; i < out.length; i++) out[i] = this.logProbAt(points, i * d);
    else this.diagonals.logProbs(points, out);
    return out;
  }

  /**
   * The posterior component probabilities π_k N(z; μ_k, Σ_k)/p(z), of length K, which sum to 1 wherever the log density is finite.
   * @throws InvalidArgumentError where it is −∞, and for the points that `logProb` refuses.
   */
  responsibilities(z: number | ArrayLike<number>): Float64Array {
    const x = point(z, this.scratch);
    if (x.every(Number.isFinite)) this.fillJoint(x, 0);
    else this.terms.fill(-Infinity);
    if (!posterior(this.components, this.logWeights, x, this.terms)) {
      throw new InvalidArgumentError(
        'z',
        'expected a point where some component has a density above zero (a finite log density)',
      );
    }
    return this.terms.slice();
  }

  sample(stream: RandomStream): Float64Array {
    const z = new Float64Array(this.dimension);
    this.sampleInto(stream, z, 0);
    return z;
  }

  sampleInto(stream: RandomStream, out: Float64Array, offset: number): void {
    nth(this.components, searchSorted(this.cumulative, stream.uniform())).sampleInto(stream, out, offset);
  }

  meanVector(): Float64Array {
    const mean = new Float64Array(this.dimension);
    this.components.forEach((component, k) => {
      const mu = meanOf(component);
      for (let j = 0; j < mean.length; j++) mean[j]! += this.weights[k]! * mu[j]!;
    });
    return mean;
  }

  /** Σ_k π_k (Σ_k + (μ_k − μ)(μ_k − μ)ᵀ). */
  covarianceMatrix(): Float64Array {
    const d = this.dimension;
    const mean = this.meanVector();
    const total = new Float64Array(d * d);
    this.components.forEach((component, k) => {
      // 0·∞, where the square of its spread overflows, would be NaN.
      if (this.weights[k] === 0) return;
      const mu = meanOf(component);
      const within = component.covarianceMatrix();
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          const between = (mu[i]! - mean[i]!) * (mu[j]! - mean[j]!);
          total[i * d + j]! += this.weights[k]! * (within[i * d + j]! + between);
        }
      }
    });
    return total;
  }

  /**
   * The entropy of the only component that counts, when the mixture is one normal written as many.
   * @throws NoClosedFormError otherwise.
   */
  entropy(): number {
    const only = this.soleComponent();
    if (only !== null) return only.entropy();
    throw new NoClosedFormError(
      'no closed form is known for the entropy of a mixture, the expectation of the logarithm of a sum over components; ' +
        'call estimateEntropy (with its standard error), entropyBounds or quadratureEntropy (up to 3 dimensions) instead',
    );
  }

  /** What a notebook shows: a table of weights, means and standard deviations. */
  [display](): MimeBundle {
    return distributionBundle(this);
  }

  /** The one component this mixture equals exactly (K = 1, duplicates, zero weights), or null when two differ. */
  soleComponent(): Gaussian | null {
    const present = this.components.filter((_, k) => this.logWeights[k]! > -Infinity);
    const first = nth(present, 0);
    return present.every((other) => sameGaussian(first, other)) ? first : null;
  }

  /** terms[k] = ln π_k + ln N(z; μ_k, Σ_k). */
  private fillJoint(points: Float64Array, offset: number): void {
    const { terms, logWeights, components } = this;
    if (this.diagonals !== null) {
      this.diagonals.joint(points, offset, terms);
      return;
    }
    for (let k = 0; k < terms.length; k++) {
      const logWeight = logWeights[k]!;
      terms[k] = logWeight === -Infinity ? -Infinity : logWeight + components[k]!.logProbAt(points, offset);
    }
  }
}

function checkedComponents(components: readonly Gaussian[], count: number): readonly Gaussian[] {
  if (!isArrayLike(components)) {
    throw new InvalidArgumentError('components', `expected an array of normals, got ${shown(components)}`);
  }
  sameLength('components', components.length, count, 'weight');
  const shape = (g: Gaussian): string => `[${g.eventShape.join(', ')}]`;
  components.forEach((component, k) => {
    if (!['normal', 'diagonal', 'full'].includes(component?.kind)) {
      throw new InvalidArgumentError(
        `components[${k}]`,
        `expected a Normal or a MultivariateNormal, got ${shown(component)}`,
      );
    }
    if (shape(component) !== shape(nth(components, 0))) {
      const problem = `expected event shape ${shape(nth(components, 0))} like components[0], got ${shape(component)}`;
      throw new InvalidArgumentError(`components[${k}]`, problem);
    }
  });
  return [...components];
}

function sameGaussian(a: Gaussian, b: Gaussian): boolean {
  if (a === b) return true;
  const same = (x: ArrayLike<number>, y: ArrayLike<number>): boolean =>
    Array.from(x).every((value, i) => value === y[i]);
  if (a.kind === 'normal' && b.kind === 'normal') return a.mean === b.mean && a.stddev === b.stddev;
  if (a.kind === 'diagonal' && b.kind === 'diagonal') return same(a.mean, b.mean) && same(a.stddev, b.stddev);
  if (a.kind === 'full' && b.kind === 'full') return same(a.mean, b.mean) && same(a.covariance, b.covariance);
  return false;
}
