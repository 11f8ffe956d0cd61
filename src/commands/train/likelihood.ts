import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import { isReal, LIKELIHOOD_KINDS, type LikelihoodKind, specOf } from '../../vae/likelihood-kinds';
import { MODEL_OPTIONS } from '../../vae/model-table';
import type { ModelFlags } from './model-flags';

/** The options that say what p(x|z) is, as parsed. */
export type LikelihoodFlags = Pick<ModelFlags, 'likelihood' | 'stddev' | 'mixtures'>;

/** The numbers that `checkImages` is to allow. */
export function supportOf(kind: LikelihoodKind): 'unit' | 'bytes' | 'real' {
  if (isReal(kind)) return 'real';
  return specOf(kind).of === 'bytes' ? 'bytes' : 'unit';
}

type Options = Pick<StoredModel, 'likelihood' | 'stddev' | 'mixtures' | 'channels'>;

/** The model's options; `channels` counts in a mixture alone, where colours depend on each other. */
export function likelihoodOptions({ likelihood, stddev, mixtures }: LikelihoodFlags, channels = 1): Options {
  return {
    ...(likelihood !== MODEL_OPTIONS.likelihood.default && { likelihood }),
    ...(stddev !== undefined && { stddev }),
    ...(mixtures !== undefined && { mixtures }),
    ...(likelihood === 'logistic-mixture' && channels !== 1 && { channels }),
  };
}

/** What a kept model was started with, as options. */
export function storedLikelihood(options: Options): LikelihoodFlags {
  const { likelihood = MODEL_OPTIONS.likelihood.default, stddev, mixtures } = options;
  return { likelihood, ...(stddev !== undefined && { stddev }), ...(mixtures !== undefined && { mixtures }) };
}

/** @throws UsageError on options of another likelihood than the chosen one */
export function checkLikelihood(flags: LikelihoodFlags): void {
  for (const kind of LIKELIHOOD_KINDS) {
    const { own } = specOf(kind);
    if (own === undefined || flags[own] === undefined || kind === flags.likelihood) continue;
    throw new UsageError(`--${own}: only --likelihood ${kind} has ${HAS[own]}, not ${flags.likelihood}`);
  }
}

const HAS = { stddev: 'it', mixtures: 'them' } as const;
