import type { DiagonalNormal } from '../../distributions/diagonal-normal';
import type { Normal } from '../../distributions/normal';
import { requireOptions, shown } from '../../distributions/validate';
import { InvalidArgumentError } from '../../errors';
import { RandomStream } from '../../math/random';
import { nth } from '../../nth';
import type { KlDistribution } from '../closed-form';
import { klProblem } from '../estimators/problem';
import { inUnitsOfZ, type KlGradient, outOfReach, requireDiagonal, stddevs } from './kl-gradient';
import { LogDensityGradient } from './log-density-gradient';
import { GRADIENT_TERMS, type GradientEstimatorName, type GradientTerm } from './terms';

/**
 * Which estimator of the gradient draws, how many draws, and from which seed.
 *
 * @example
 * ```ts
 * import { estimateKlGradient, type GradientOptions, Normal } from 'gmm-vae';
 *
 * const options: GradientOptions = { estimator: 'sticking-the-landing', samples: 2, seed: 1 };
 * // No noise at q = p:
 * estimateKlGradient(new Normal(0, 1), new Normal(0, 1), options); // { mean: [0], stddev: [0] }
 * ```
 */
export interface GradientOptions {
  readonly estimator: GradientEstimatorName;
  /** N, the draws behind one gradient; at least 2 with a baseline. */
  readonly samples: number;
  readonly seed: number;
}

/** Independent estimates of one gradient, one after the other. */
export class GradientRun {
  private readonly q: KlDistribution;
  private readonly units: Float64Array;
  private readonly sigma: Float64Array;
  private readonly term: GradientTerm;
  private readonly stream: RandomStream;
  private readonly logDensity: LogDensityGradient;
  private readonly epsilon: Float64Array;
  private readonly pull: Float64Array;
  private readonly signal: Float64Array;
  private readonly z: Float64Array;

  constructor(
    q: Normal | DiagonalNormal,
    p: KlDistribution,
    private readonly options: GradientOptions,
  ) {
    requireDiagonal(q);
    const problem = klProblem(q, p);
    requireOptions(options);
    const { estimator, samples, seed } = options;
    if (!Object.hasOwn(GRADIENT_TERMS, estimator)) {
      const known = Object.keys(GRADIENT_TERMS).join(', ');
      throw new InvalidArgumentError('estimator', `expected one of ${known}, got ${shown(estimator)}`);
    }
    this.term = GRADIENT_TERMS[estimator];
    const fewest = this.term.baseline ? 2 : 1;
    if (!Number.isSafeInteger(samples) || samples < fewest) {
      throw new InvalidArgumentError(
        'samples',
        `expected an integer ≥ ${fewest} for ${estimator}, got ${shown(samples)}`,
      );
    }
    // From z − μ = σε, so that large means cost no digits.
    const view = problem.from(0);
    this.q = view.q;
    this.units = problem.units ?? new Float64Array(q.dimension).fill(1);
    this.sigma = stddevs(nth(view.qs.components, 0));
    this.stream = RandomStream.of(seed, `kl/gradient/${estimator}`);
    this.logDensity = new LogDensityGradient(view.p);
    this.epsilon = new Float64Array(samples * q.dimension);
    this.pull = new Float64Array(samples * q.dimension);
    this.signal = new Float64Array(samples);
    this.z = new Float64Array(q.dimension);
  }

  /** The next independent estimate. */
  next(): KlGradient {
    this.draw();
    if (this.term.baseline) this.subtractBaseline();
    const { term, epsilon, pull, signal, sigma } = this;
    const d = sigma.length;
    const mean = new Float64Array(d);
    const stddev = new Float64Array(d);
    const { samples } = this.options;
    for (let i = 0, at = 0; i < samples; i++) {
      for (let j = 0; j < d; j++, at++) {
        const draw = { epsilon: epsilon[at]!, sigma: sigma[j]!, pull: pull[at]!, signal: signal[i]! };
        mean[j]! += term.mean(draw) / samples;
        stddev[j]! += term.stddev(draw) / samples;
      }
    }
    return inUnitsOfZ({ mean, stddev }, this.units);
  }

  private draw(): void {
    const { q, sigma, epsilon, pull, signal, z, logDensity, stream } = this;
    const d = z.length;
    stream.fillNormal(epsilon);
    for (let i = 0; i < signal.length; i++) {
      for (let j = 0; j < d; j++) z[j] = sigma[j]! * epsilon[i * d + j]!;
      const logP = logDensity.at(z);
      if (logP === -Infinity) throw outOfReach();
      signal[i] = q.logProbAt(z, 0) - logP;
      pull.set(logDensity.gradient, i * d);
    }
  }

  /** f_i − mean of the others = (f_i − mean of all)·N/(N − 1). */
  private subtractBaseline(): void {
    const { signal } = this;
    const n = signal.length;
    const mean = signal.reduce((sum, f) => sum + f, 0) / n;
    for (let i = 0; i < n; i++) signal[i] = ((signal[i]! - mean) * n) / (n - 1);
  }
}
