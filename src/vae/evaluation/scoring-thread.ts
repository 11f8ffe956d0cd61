import { serveNative } from '../../threads/pool-worker';
import { type FrozenScoring, openFrozen } from './frozen-scoring';
import { type Scoring, type ScoringJob, scoreImages } from './score-images';

/** What each thread of a `Scorer` is given. */
export interface ScoringTask {
  readonly scoring: Scoring;
  readonly frozen: FrozenScoring;
}

/** What each thread of a `Scorer` runs. */
serveNative(async ({ scoring, frozen }: ScoringTask) => {
  const functions = await openFrozen(frozen);
  return (job: ScoringJob, pause) => scoreImages(functions, scoring, job, async () => pause());
});
