import { InvalidArgumentError, UsageError } from '../../errors';
import type { CombinedEstimation, CombinedEstimator } from '../../kl/combined-estimator';
import type { EstimateKlOptions, KlEstimation } from '../../kl/estimate-kl';
import type { CommandIo } from '../io';
import { boundsLine, DEFAULT_SAMPLES, type KlAnswer, toJson } from './answer';
import { drawn } from './draw';
import type { Asked } from './options';
import type { Quantity } from './quantity';

interface Request {
  readonly quantity: Quantity;
  readonly asked: Asked;
  readonly io: CommandIo;
}

/** The fields of every answer in their order, then those of an estimator; of two divergences in a sum also each by itself. */
type EstimatorAnswer = KlAnswer &
  Pick<CombinedEstimation, 'interval' | 'evaluations' | 'stoppedBy' | 'warnings'> & {
    readonly estimator: string;
    readonly compared?: KlEstimation['compared'];
    readonly parts?: readonly KlEstimation[];
  };

/** `--estimator NAME|best --target-error E`: the estimate, what it cost, and on stderr what must be known to read it. */
export async function runEstimate({ quantity, asked, io }: Request): Promise<void> {
  const { method, threads } = asked;
  if (method !== 'auto' && method !== 'monte-carlo') {
    throw new UsageError(`--estimator, --target-error and --confidence are for --method monte-carlo, got ${method}`);
  }
  const estimator = start(quantity, asked);
  if (!(await drawn(estimator, threads, io))) return;
  const result = estimator.result();
  for (const warning of warningsOf(result, asked)) io.stderr.write(`gmm-vae: warning: ${warning}\n`);
  const bounds = method === 'auto' ? quantity.bounds() : { lower: null, upper: null };
  const lines = sentences(quantity.symbol, result, asked);
  if (bounds.lower !== null) lines.push(boundsLine(quantity.symbol, bounds));
  io.stdout.write(asked.json ? toJson(answer(result, bounds)) : `${lines.join('\n')}\n`);
}

function start(
  quantity: Quantity,
  { estimator = 'plain', targetError, samples, seed, ...asked }: Asked,
): CombinedEstimator {
  const amount =
    targetError === undefined
      ? { samples: samples ?? DEFAULT_SAMPLES }
      : { targetError, ...(samples === undefined ? {} : { maxSamples: samples }) };
  const { confidence = 0.95 } = asked;
  try {
    return quantity.estimator({ estimator: estimator as EstimateKlOptions['estimator'], seed, confidence, ...amount });
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

function warningsOf(
  { warnings, stoppedBy, standardError, samples }: CombinedEstimation,
  { targetError }: Asked,
): string[] {
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
    `the standard error did not reach ${short(targetError)} within ${samples} samples: ${reached}; raise --samples or take --estimator best`,
  ];
}

/** Writes a number as people do: 1e-6 and 0.05. */
function short(value = Number.NaN): string {
  const [plain, exponential] = [String(value), value.toExponential()];
  return exponential.length < plain.length ? exponential : plain;
}

function answer(
  { value, standardError, samples, interval, evaluations, stoppedBy, warnings, parts }: CombinedEstimation,
  { lower, upper }: Pick<KlAnswer, 'lower' | 'upper'>,
): EstimatorAnswer {
  const found = { value, method: 'monte-carlo', standardError, samples, lower, upper } as const;
  const more = { interval, estimator: namesOf(parts), evaluations, stoppedBy, warnings };
  if (parts.length > 1) return { ...found, ...more, parts };
  const compared = parts[0]?.compared;
  return { ...found, ...more, ...(compared === undefined ? {} : { compared }) };
}

/** The estimators of all parts, each once. */
function namesOf(parts: readonly KlEstimation[]): string {
  return [...new Set(parts.map(({ estimator }) => estimator))].join(' and ');
}

function sentences(symbol: string, result: CombinedEstimation, { confidence = 0.95 }: Asked): string[] {
  const { value, standardError, interval, samples, evaluations, parts } = result;
  const error = standardError === null ? 'no standard error' : `standard error ${standardError.toPrecision(2)}`;
  const lines = [
    `${symbol} ≈ ${value} nats (${namesOf(parts)}, ${error}, ${samples} samples, ${evaluations} evaluations)`,
  ];
  if (interval) lines.push(`${interval[0]} to ${interval[1]} nats (interval with confidence ${confidence})`);
  for (const { compared } of parts) {
    if (!compared) continue;
    const trials = compared.map((trial) => `${trial.estimator} ${trial.standardError.toPrecision(2)}`);
    lines.push(`pilot standard errors: ${trials.join(', ')}`);
  }
  return lines;
}
