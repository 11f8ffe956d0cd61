import { serve } from '../../threads/pool-worker';
import type { PassShape } from './pass';
import { PassRunner } from './pass-runner';

/** The points, and where the components of each pass will stand; both in shared memory. */
export interface PassTask {
  readonly coordinates: Float64Array;
  readonly weights: Float64Array;
  readonly homes: Float64Array;
  readonly d: number;
  readonly count: number;
  readonly parameters: SharedArrayBuffer;
}

/** The blocks `from` … `to` − 1 of a pass. */
export interface PassJob {
  /** `length` numbers of the shared parameters; another `serial`, other parameters; another `version`, another arrangement of the points. */
  readonly pass: PassShape & { readonly length: number; readonly serial: number; readonly version: number };
  readonly from: number;
  readonly to: number;
}

/** What each thread of `fitGaussianMixtureInParallel` runs. */
serve(({ parameters, ...given }: PassTask) => {
  const points = { ...given, version: 0 };
  const runner = new PassRunner(points);
  let serial = 0;
  return ({ pass, from, to }: PassJob) => {
    if (pass.serial !== serial) runner.begin(pass, new Float64Array(parameters, 0, pass.length));
    serial = pass.serial;
    points.version = pass.version;
    return runner.run(from, to);
  };
});
