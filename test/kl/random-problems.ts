import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { Normal } from '../../src/distributions/normal';
import { InvalidArgumentError } from '../../src/errors';
import type { KlDistribution } from '../../src/kl/closed-form';
import { quadratureDivergence } from '../../src/kl/divergences';
import { estimateDivergence, estimateEntropy } from '../../src/kl/estimate-combined';
import { type EstimateKlOptions, estimateKl } from '../../src/kl/estimate-kl';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';
import { QuadratureError } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';

export interface RandomProblem {
  /** The value by quadrature, in nats. */
  readonly exact: number;
  /** Null where the estimator cannot be used, or has no standard error. */
  readonly estimate: (options: EstimateKlOptions) => Made | null;
  readonly seed: number;
}

export interface Made {
  readonly value: number;
  readonly standardError: number;
  readonly warnings: readonly string[];
}

/** KL, Jensen–Shannon and entropy of mixtures of up to five components, from overlapping to far apart, of equal and of very unequal widths and weights. */
export function* randomProblems(seed: number, count: number): Generator<RandomProblem> {
  const stream = RandomStream.of(seed, 'random-problems');
  for (let made = 0; made < count; ) {
    const problem = randomProblem(stream);
    if (problem === null) continue;
    made++;
    yield problem;
  }
}

function randomProblem(stream: RandomStream): RandomProblem | null {
  const pick = <T>(from: readonly T[]): T => from[stream.integer(from.length)]!;
  const [d, distance, widths] = [pick([1, 1, 2]), pick([1, 2, 3, 5, 8, 15]), pick([0, 0.2, 0.7])];
  const mixture = (k: number): KlDistribution => randomMixture(stream, k, { d, distance, widths });
  const q = mixture(pick([1, 1, 2, 3, 5]));
  const own = q.kind === 'mixture' && pick([true, false, false]) ? q.components : null;
  const p = own ? new GaussianMixture(randomWeights(stream, own.length), own) : mixture(pick([1, 2, 3, 5]));
  const kind = pick(['kl', 'kl', 'entropy', 'jensen-shannon'] as const);
  const seed = stream.integer(1_000_000);
  try {
    return {
      seed,
      ...{
        kl: () => ({ exact: quadratureKl(q, p), estimate: orNull((o) => estimateKl(q, p, o)) }),
        entropy: () => ({ exact: quadratureEntropy(q), estimate: orNull((o) => estimateEntropy(q, o)) }),
        'jensen-shannon': () => ({
          exact: quadratureDivergence('jensen-shannon', q, p),
          estimate: orNull((o) => estimateDivergence('jensen-shannon', q, p, o)),
        }),
      }[kind](),
    };
  } catch (error) {
    if (error instanceof QuadratureError) return null;
    throw error;
  }
}

function randomWeights(stream: RandomStream, k: number): number[] {
  const evenness = [0, 1, 4, 9][stream.integer(4)]!;
  const weights = Array.from({ length: k }, () => Math.exp(-evenness * stream.uniform()));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function randomMixture(
  stream: RandomStream,
  k: number,
  { d, distance, widths }: { readonly d: number; readonly distance: number; readonly widths: number },
): KlDistribution {
  const component = (): Gaussian => {
    const mean = Array.from({ length: d }, () => distance * stream.normal());
    const stddev = Array.from({ length: d }, () => Math.exp(widths * stream.normal()));
    return d === 1 ? new Normal(mean[0]!, stddev[0]!) : MultivariateNormal.diagonal(mean, stddev);
  };
  return k === 1
    ? component()
    : new GaussianMixture(
        randomWeights(stream, k),
        Array.from({ length: k }, () => component()),
      );
}

type Estimation = { value: number; standardError: number | null; warnings: readonly string[] };

function orNull(estimate: (options: EstimateKlOptions) => Estimation): RandomProblem['estimate'] {
  return (options) => {
    try {
      const { value, standardError, warnings } = estimate(options);
      return standardError === null ? null : { value, standardError, warnings };
    } catch (error) {
      // Such as analytic-entropy for a mixture.
      if (error instanceof InvalidArgumentError) return null;
      throw error;
    }
  };
}
