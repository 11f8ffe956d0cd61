import { type Command, Option } from 'commander';
import type { EstimateKlOptions } from '../../kl/estimate-options';
import type { Way } from '../../kl/find';
import type { Threads } from '../../threads/thread-count';
import { fraction, integer, numberFrom, positiveInteger } from '../numbers';

type Method = Exclude<Way, 'estimate'>;

/** What was asked for, as commander reads it. */
export interface Asked {
  readonly method: Method;
  readonly estimator?: string;
  readonly targetError?: number;
  readonly confidence?: number;
  readonly samples?: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly json?: boolean;
}

/** Draws for Monte Carlo where nothing else is asked for. */
const DEFAULT_SAMPLES = 100_000;

/** Whether what was typed is for an estimator. */
export function asksForEstimate({ estimator, targetError, confidence }: Asked): boolean {
  return [estimator, targetError, confidence].some((given) => given !== undefined);
}

/** The same as the options of `estimateKl`. */
export function estimateOptions({ estimator = 'plain', targetError, confidence = 0.95, samples, seed }: Asked) {
  const amount =
    targetError === undefined
      ? { samples: samples ?? DEFAULT_SAMPLES }
      : { targetError, ...(samples !== undefined && { maxSamples: samples }) };
  return { estimator: estimator as EstimateKlOptions['estimator'], seed, confidence, ...amount };
}

/** The options of every command that computes one number of distributions. */
export function addMethodOptions(command: Command): Command {
  const threads = positiveInteger('--threads');
  return command
    .addOption(
      new Option('--method <name>', 'how to compute it')
        .choices(['auto', 'closed-form', 'monte-carlo', 'quadrature', 'bounds'] satisfies Method[])
        .default('auto'),
    )
    .option('--estimator <name>', 'which Monte Carlo estimator, or best')
    .option(
      '--target-error <E>',
      'draw until the standard error, in nats, is at most E',
      numberFrom('--target-error', 'above zero'),
    )
    .option('--confidence <C>', 'confidence of the interval, between 0 and 1 (default: 0.95)', fraction('--confidence'))
    .option(
      '--samples <N>',
      'draws for Monte Carlo (default: 100000); with --target-error at most (default: 10000000)',
      positiveInteger('--samples'),
    )
    .option('--seed <S>', 'an integer: the same seed gives the same estimate', integer('--seed'), 0)
    .option(
      '--threads <T>',
      'threads for the draws, which do not change the result',
      (text: string): Threads => (text === 'auto' ? text : threads(text)),
      'auto' as Threads,
    )
    .option('--json', 'print {"value", "method", "standardError", "samples", "lower", "upper"}');
}

/** What the help of these commands has in common. */
export const METHODS_HELP = `"auto" takes the closed form where there is one, else Monte Carlo together with its bounds.
--estimator, --target-error or --confidence ask for Monte Carlo whatever there is, and add "interval", "estimator", "evaluations",
"stoppedBy", "warnings" and, for best, "compared" to the JSON. Estimators: plain (the default), analytic-entropy, k2, k3,
antithetic, stratified, rqmc, control-variate, importance, component-wise, and best, which tries them first.
Draws take all cores once they would take long on one; --threads takes that many from the start. The result is the same.
All values are in nats. With --json a value that exceeds every float is the string "Infinity".`;

export const DISTRIBUTIONS_HELP = `  {"type": "normal", "mean": [0, 0], "stddev": [1, 2]}
  {"type": "normal", "mean": [0, 0], "covariance": [[1, 0.5], [0.5, 2]]}
  {"type": "mixture", "weights": [0.3, 0.7], "components": [<normal>, <normal>]}
  {"type": "mixture", "logits": [-1.2, 0], "components": [<normal>, <normal>]}`;
