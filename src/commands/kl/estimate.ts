import { InvalidArgumentError, UsageError } from '../../errors';
import type { KlBounds } from '../../kl/bounds';
import type { KlDistribution } from '../../kl/closed-form';
import type { EstimateKlOptions, KlEstimation, KlEstimator } from '../../kl/estimate-kl';
import type { Threads } from '../../threads/thread-count';
import type { CommandIo } from '../io';
import { DEFAULT_SAMPLES, type KlAnswer, toJson } from './answer';
import { drawn } from './draw';

/** A request for a particular estimator, as the command line gives it. */
export interface EstimateRequest {
  readonly q: KlDistribution;
  readonly p: KlDistribution;
  readonly seed: number;
  readonly samples: number | null;
  readonly method: string;
  readonly threads: Threads;
  readonly estimator: string | undefined;
  readonly targetError: string | undefined;
  readonly confidence: string | undefined;
  readonly json: boolean;
  readonly io: CommandIo;
}

type EstimatorAnswer = KlAnswer & Omit<KlEstimation, 'value' | 'standardError' | 'samples'>;

/** `gmm-vae kl --estimator NAME|best --target-error E`: the estimate, what it cost, and on stderr what must be known to read it. */
export async function runEstimate(request: EstimateRequest): Promise<void> {
  const { io, q, p, method } = request;
  if (method !== 'auto' && method !== 'monte-carlo') {
    throw new UsageError(`--estimator, --target-error and --confidence are for --method monte-carlo, got ${method}`);
  }
  const estimation = await start(request);
  if (!(await drawn(estimation, request.threads, io))) return;
  const result = estimation.result();
  for (const warning of warningsOf(result, request)) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
  const { klBounds } = await import('../../kl/bounds.js');
  const bounds = method === 'auto' ? klBounds(q, p) : null;
  io.stdout.write(request.json ? toJson(answer(result, bounds)) : `${sentences(result, bounds, request).join('\n')}\n`);
}

async function start({ q, p, seed, samples, ...request }: EstimateRequest): Promise<KlEstimator> {
  const { KlEstimator } = await import('../../kl/estimate-kl.js');
  const { estimator = 'plain', targetError, confidence } = request;
  const amount =
    targetError === undefined
      ? { samples: samples ?? DEFAULT_SAMPLES }
      : { targetError: number(targetError), ...(samples === null ? {} : { maxSamples: samples }) };
  try {
    return new KlEstimator(q, p, {
      estimator: estimator as EstimateKlOptions['estimator'],
      seed,
      ...amount,
      ...(confidence === undefined ? {} : { confidence: number(confidence) }),
    });
  } catch (error) {
    const flag = error instanceof InvalidArgumentError ? FLAGS[error.argument] : undefined;
    throw flag === undefined ? error : new UsageError(`${flag}: ${(error as InvalidArgumentError).problem}`);
  }
}

const FLAGS: Readonly<Record<string, string>> = {
  estimator: '--estimator',
  samples: '--samples',
  maxSamples: '--samples',
  targetError: '--target-error',
  confidence: '--confidence',
};

function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function warningsOf({ warnings, stoppedBy, standardError, samples }: KlEstimation, request: EstimateRequest): string[] {
  if (stoppedBy === 'infinite-value') {
    return [
      ...warnings,
      'a draw fell where the density of p is below every float: the estimate is infinite, and stays so',
    ];
  }
  if (stoppedBy !== 'max-samples') return [...warnings];
  const reached = standardError === null ? 'there is no standard error' : `it is ${standardError.toPrecision(2)}`;
  return [
    ...warnings,
    `the standard error did not reach ${request.targetError} within ${samples} samples: ${reached}; raise --samples or take --estimator best`,
  ];
}

/** The fields of every answer in their order, then those of an estimator. */
function answer({ value, standardError, samples, ...rest }: KlEstimation, bounds: KlBounds | null): EstimatorAnswer {
  const { lower = null, upper = null } = bounds ?? {};
  return { value, method: 'monte-carlo', standardError, samples, lower, upper, ...rest };
}

function sentences(result: KlEstimation, bounds: KlBounds | null, { confidence = '0.95' }: EstimateRequest): string[] {
  const { value, standardError, interval, samples, evaluations, estimator, compared } = result;
  const error = standardError === null ? 'no standard error' : `standard error ${standardError.toPrecision(2)}`;
  const lines = [`KL(q‖p) ≈ ${value} nats (${estimator}, ${error}, ${samples} samples, ${evaluations} evaluations)`];
  if (interval) lines.push(`${interval[0]} to ${interval[1]} nats (interval with confidence ${confidence})`);
  if (compared) {
    const trials = compared.map((trial) => `${trial.estimator} ${trial.standardError.toPrecision(2)}`);
    lines.push(`pilot standard errors: ${trials.join(', ')}`);
  }
  if (bounds) lines.push(`${bounds.lower} ≤ KL(q‖p) ≤ ${bounds.upper} nats (bounds)`);
  return lines;
}
