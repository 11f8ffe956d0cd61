import type { FitOptions } from './fit-options';
import { Fitting, type GaussianMixtureFit } from './fitting';
import { PassRunner, runPass } from './pass-runner';

export type { CovarianceType } from './covariance-shapes';
export type { CovarianceFloor, FitOptions, FitProgress } from './fit-options';
export type { FitStart, GaussianMixtureFit } from './fitting';

/**
 * Fits a mixture by expectation maximisation (Dempster, Laird and Rubin 1977) from greedy k-means++ starts. The same data and seed
 * give the same fit.
 *
 * Each dimension is first scaled to variance 1 (with `spherical`, all by one factor), so the units of the data do not matter
 * to the start or to a relative floor.
 * @param data N rows of d numbers, for a mixture of event shape [d]; or N numbers, for one of event shape [].
 * @throws InvalidArgumentError naming the entry of `data` or the option at fault.
 *
 * @example
 * ```ts
 * import { fitGaussianMixture, GaussianMixture, Normal, RandomStream } from 'gmm-vae';
 *
 * const stream = RandomStream.of(1, 'points');
 * const truth = new GaussianMixture([0.3, 0.7], [new Normal(-2, 0.5), new Normal(1, 1)]);
 * const points = Array.from({ length: 2000 }, () => truth.sample(stream)[0] as number);
 *
 * const options = { components: 2, covarianceType: 'full', seed: 1, starts: 3 } as const;
 * const { mixture, converged } = fitGaussianMixture(points, options);
 * converged; // true
 * mixture.meanVector(); // [0.0687884]
 * [...mixture.weights].sort(); // [0.315218, 0.684782]
 * ```
 */
export function fitGaussianMixture(
  data: ArrayLike<number> | ArrayLike<ArrayLike<number>>,
  options: FitOptions,
): GaussianMixtureFit {
  const fitting = new Fitting(data, options);
  const runner = new PassRunner(fitting.points);
  const run = fitting.run();
  let step = run.next();
  while (!step.done) step = run.next(runPass(runner, step.value, fitting.points.count));
  return step.value;
}
