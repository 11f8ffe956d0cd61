import type { Portable } from '../distributions/portable';
import { fromPortable } from '../distributions/portable';
import { serve } from '../threads/pool-worker';
import { klProblem } from './estimators/problem';
import { type RunKey, startRun } from './estimators/start-run';

/** One run of an estimator, as it travels to a thread. */
export interface RowsTask {
  readonly q: Portable;
  readonly p: Portable;
  readonly key: RunKey;
}

/** The rows `from` … `from` + `count` of the run; of the jobs that one thread gets, each begins where the last ended or later. */
export interface RowsJob {
  readonly from: number;
  readonly count: number;
}

/** What each thread of `estimateKlInParallel` runs. */
serve(({ q, p, key }: RowsTask) => {
  const { sampler: rows } = startRun(klProblem(fromPortable(q), fromPortable(p)), key);
  let at = 0;
  return ({ from, count }: RowsJob) => {
    rows.skip(from - at);
    at = from + count;
    const out = new Float64Array(count * rows.width);
    rows.fill(out, count);
    return out;
  };
});
