import { UsageError } from '../../errors';
import { isModuleFile } from '../network-module';
import type { TrainFlags } from './flags';
import { typedAs } from './resumed';

/**
 * Options that have a default whatever else is chosen, so that only whether they were typed tells that somebody counts on them. Each is
 * judged by what was chosen beside it: null where it is used, else why not. `checkTogether` has those without a default.
 */
const UNUSED: { readonly [N in keyof TrainFlags]?: (flags: TrainFlags) => string | null } = {
  covariance: ({ prior }) =>
    prior === 'gmm' ? null : `only --prior gmm has covariances to choose, not ${prior}: leave it out`,
  pseudoInputs: ({ prior }) =>
    prior === 'vamp' ? null : `only --prior vamp has pseudo-inputs, not ${prior}: leave it out`,
  initialiser: ({ network }) =>
    isModuleFile(network) ? `not with --network ${network}, whose layers say their own` : null,
  stepsPerRun: ({ device, stepsPerRun }) =>
    stepsPerRun > 1 && (device === 'cpu' || device === 'eager')
      ? `only a GPU is given several steps at once, not --device ${device}: leave it out`
      : null,
};

/** @throws UsageError on an option that was typed and that the others leave without use */
export function refuseUnused(typed: Iterable<string>, flags: TrainFlags): void {
  for (const name of typed) {
    const why = UNUSED[name as keyof TrainFlags]?.(flags) ?? null;
    if (why !== null) throw new UsageError(`${typedAs(name)}: ${why}`);
  }
}
