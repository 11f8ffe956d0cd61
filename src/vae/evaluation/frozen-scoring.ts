import type { Frozen } from '../../compile/export';
import { FrozenSession } from '../../compile/runtime/frozen-session';
import { MixturePass, type PlainMixture } from './mixture-pass';
import type { ScoringFunctions, Shape } from './score-images';

/** The functions of scoring as plain data, for `cpu`. */
export interface FrozenScoring {
  readonly posterior: Frozen<'x', 'mean' | 'rest' | 'kl'>;
  readonly logLikelihood: Frozen<'x' | 'mean' | 'rest' | 'noise', 'logLikelihood'>;
  /** A prior with diagonal components as its parameters, where q(z|x) is normal; any other as a graph. */
  readonly logRatio: { readonly prior: PlainMixture } | Frozen<'mean' | 'rest' | 'noise', 'logRatio'>;
  readonly shape: Shape;
  /** d. */
  readonly latent: number;
}

export interface DisposableFunctions extends ScoringFunctions {
  dispose(): Promise<void>;
}

/** Makes them ready to run on one thread. Knows nothing of TensorFlow.js, which would take longer to load in a thread than all else. */
export async function openFrozen(frozen: FrozenScoring): Promise<DisposableFunctions> {
  const posterior = await FrozenSession.create(frozen.posterior);
  const likelihood = await FrozenSession.create(frozen.logLikelihood);
  const ratio = await openRatio(frozen);
  return {
    posterior,
    samples: {
      run: async (inputs) => {
        const { logLikelihood } = await likelihood.run(inputs);
        return { logLikelihood, ...(await ratio.run(inputs)) };
      },
    },
    dispose: () => disposeOf(posterior, likelihood, ratio),
  };
}

async function openRatio({ logRatio, shape, latent }: FrozenScoring) {
  if ('model' in logRatio) return FrozenSession.create(logRatio);
  const pass = new MixturePass(logRatio.prior, shape, latent);
  return {
    run: async ({ noise, mean, rest }: Record<'noise' | 'mean' | 'rest', Float32Array>) => ({
      logRatio: pass.logRatios(noise, mean, rest),
    }),
    dispose: async () => {},
  };
}

export async function disposeOf(...all: readonly { dispose(): Promise<void> }[]): Promise<void> {
  for (const one of all) await one.dispose();
}
