import type { Command } from 'commander';
import { UsageError } from '../../errors';
import type { StoredModel } from '../../vae/checkpoint/manifest';
import type { LikelihoodKind } from '../../vae/likelihoods';
import { choice, numberFrom, positiveInteger } from '../vae-options';

/** The options that say what p(x|z) is, as parsed. */
export interface LikelihoodFlags {
  readonly likelihood: LikelihoodKind;
  readonly stddev?: number;
  readonly mixtures?: number;
}

/** What the numbers are that a likelihood is of. */
const NUMBERS: { readonly [L in LikelihoodKind]: 'bits' | 'intensities' | 'bytes' | 'real' } = {
  bernoulli: 'bits',
  gaussian: 'intensities',
  'gaussian-global': 'intensities',
  'gaussian-fixed': 'intensities',
  'logistic-mixture': 'bytes',
  normal: 'real',
  'student-t': 'real',
};

export function addLikelihoodOptions(command: Command): Command {
  return command
    .addOption(
      choice(
        '--likelihood <name>',
        'p(x|z): of bits bernoulli; of intensities gaussian (σ per pixel), gaussian-global (one learned σ), gaussian-fixed; of bytes logistic-mixture; of any numbers (standardised, with categories) normal or student-t',
        Object.keys(NUMBERS) as LikelihoodKind[],
        'bernoulli',
      ),
    )
    .option('--stddev <x>', 'σ of gaussian-fixed (default: 0.1)', numberFrom('--stddev', 'above zero'))
    .option('--mixtures <K>', 'of logistic-mixture (default: 10)', positiveInteger('--mixtures'));
}

/** Whether numbers may be any, not only intensities in [0, 1]. */
export const isOfReals = (kind: LikelihoodKind): boolean => NUMBERS[kind] === 'real';

/** What pixels are trained as unless told otherwise: bits are drawn from intensities. */
export function usualBinarisation(kind: LikelihoodKind): 'dynamic' | 'none' {
  return NUMBERS[kind] === 'bits' ? 'dynamic' : 'none';
}

/** What checkImages takes. */
export function supportOf(kind: LikelihoodKind): 'unit' | 'bytes' | 'real' {
  const numbers = NUMBERS[kind];
  return numbers === 'bytes' || numbers === 'real' ? numbers : 'unit';
}

type Options = Pick<StoredModel, 'likelihood' | 'stddev' | 'mixtures' | 'channels'>;

/** The model's options; `channels` counts in a mixture alone, where colours depend on each other. */
export function likelihoodOptions({ likelihood, stddev, mixtures }: LikelihoodFlags, channels = 1): Options {
  return {
    ...(likelihood !== 'bernoulli' && { likelihood }),
    ...(stddev !== undefined && { stddev }),
    ...(mixtures !== undefined && { mixtures }),
    ...(likelihood === 'logistic-mixture' && channels !== 1 && { channels }),
  };
}

/** What a kept model was started with, as options. */
export function storedLikelihood({ likelihood = 'bernoulli', stddev, mixtures }: Options): LikelihoodFlags {
  return { likelihood, ...(stddev !== undefined && { stddev }), ...(mixtures !== undefined && { mixtures }) };
}

/** @throws UsageError on options of another likelihood than the chosen one */
export function checkLikelihood({ likelihood, stddev, mixtures }: LikelihoodFlags): void {
  if (stddev !== undefined && likelihood !== 'gaussian-fixed')
    throw new UsageError(`--stddev: only --likelihood gaussian-fixed has it, not ${likelihood}`);
  if (mixtures !== undefined && likelihood !== 'logistic-mixture')
    throw new UsageError(`--mixtures: only --likelihood logistic-mixture has them, not ${likelihood}`);
}
