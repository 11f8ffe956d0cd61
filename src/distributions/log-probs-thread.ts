import { serve } from '../threads/pool-worker';
import type { GaussianMixture } from './gaussian-mixture';
import { fromPortable, type Portable } from './portable';

/** What each thread of `logProbsInParallel` runs: rows of points in, their log densities out. */
serve((mixture: Portable) => {
  const revived = fromPortable(mixture) as GaussianMixture;
  return (points: Float64Array) => revived.logProbs(points);
});
