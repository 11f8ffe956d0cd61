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
