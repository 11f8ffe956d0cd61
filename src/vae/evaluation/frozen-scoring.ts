import type { Frozen } from '../../compile/export';
import { FrozenSession } from '../../compile/runtime/frozen-session';
import type { ScoringFunctions } from './score-images';

/** Both functions of scoring as plain data, for `cpu`. */
export interface FrozenScoring {
  readonly posterior: Frozen<'x', 'mean' | 'logVariance' | 'kl'>;
  readonly samples: Frozen<'x' | 'mean' | 'logVariance' | 'noise', 'logLikelihood' | 'logRatio'>;
}

export interface DisposableFunctions extends ScoringFunctions {
  dispose(): Promise<void>;
}

/** Makes them ready to run on one thread. Knows nothing of TensorFlow.js, which would take longer to load in a thread than all else. */
export async function openFrozen(frozen: FrozenScoring): Promise<DisposableFunctions> {
  const posterior = await FrozenSession.create(frozen.posterior);
  const samples = await FrozenSession.create(frozen.samples);
  return { posterior, samples, dispose: () => disposeOf(posterior, samples) };
}

export async function disposeOf(...all: readonly { dispose(): Promise<void> }[]): Promise<void> {
  for (const one of all) await one.dispose();
}
