import type { CombinedEstimation } from '../../kl/combined-estimator';
import type { KlEstimation } from '../../kl/estimate-kl';
import type { Found } from '../../kl/find';
import { counted } from '../../words';
import type { CommandIo } from '../io';
import { type Asked, asksForEstimate } from './options';

/** What `gmm-vae kl --json` prints; null where a field does not apply. */
interface KlAnswer extends Pick<Found, 'value' | 'method' | 'lower' | 'upper'> {
  readonly standardError: number | null;
  readonly samples: number | null;
}

/** The fields of every answer, then those of an estimator that was asked for; of two divergences in a sum also each by itself. */
type EstimatorAnswer = KlAnswer &
  Pick<CombinedEstimation, 'interval' | 'evaluations' | 'stoppedBy' | 'warnings'> & {
    readonly estimator: string;
    readonly compared?: KlEstimation['compared'];
    readonly parts?: readonly KlEstimation[];
  };

/** Prints what was found, as text or JSON, and on standard error what must be known to read it. */
export function printAnswer(symbol: string, found: Found, asked: Asked, io: CommandIo): void {
  const { estimation } = found;
  const inFull = estimation && asksForEstimate(asked) ? estimation : null;
  for (const warning of estimation ? warningsOf(estimation, asked) : [])
    io.stderr.write(`gmm-vae: warning: ${warning}\n`);
  const json = inFull ? estimatorAnswer(found, inFull) : answer(found);
  const lines = [
    ...(inFull ? estimateLines(symbol, inFull, asked) : valueLines(symbol, answer(found))),
    ...(found.lower === null ? [] : [`${found.lower} ≤ ${symbol} ≤ ${found.upper} nats (bounds)`]),
  ];
  io.stdout.write(asked.json ? toJson(json) : `${lines.join('\n')}\n`);
}

/** The fields in the order they are printed in. */
function answer({ value, method, lower, upper, estimation }: Found): KlAnswer {
  const { standardError = null, samples = null } = estimation ?? {};
  return { value, method, standardError, samples, lower, upper };
}

function estimatorAnswer(found: Found, estimation: CombinedEstimation): EstimatorAnswer {
  const { interval, evaluations, stoppedBy, warnings, parts } = estimation;
  const more = { interval, estimator: namesOf(parts), evaluations, stoppedBy, warnings };
  if (parts.length > 1) return { ...answer(found), ...more, parts };
  const compared = parts[0]?.compared;
  return { ...answer(found), ...more, ...(compared === undefined ? {} : { compared }) };
}

/** One line of JSON, in which an infinite number is the string "Infinity". */
function toJson(found: object): string {
  return `${JSON.stringify(found, (_, value) => (value === Infinity || value === -Infinity ? String(value) : value))}\n`;
}

function valueLines(symbol: string, { value, method, standardError, samples }: KlAnswer): string[] {
  if (value === null) return [];
  if (method !== 'monte-carlo') return [`${symbol} = ${value} nats (${method})`];
  return [`${symbol} ≈ ${value} nats (${method}, ${errorText(standardError)}, ${counted(samples, 'sample')})`];
}

function estimateLines(symbol: string, result: CombinedEstimation, { confidence = 0.95 }: Asked): string[] {
  const { value, standardError, interval, samples, evaluations, parts } = result;
  const cost = `${counted(samples, 'sample')}, ${evaluations} evaluations`;
  const lines = [`${symbol} ≈ ${value} nats (${namesOf(parts)}, ${errorText(standardError)}, ${cost})`];
  if (interval) lines.push(`${interval[0]} to ${interval[1]} nats (interval with confidence ${confidence})`);
  for (const { compared } of parts) {
    if (!compared) continue;
    const trials = compared.map((trial) => `${trial.estimator} ${trial.standardError.toPrecision(2)}`);
    lines.push(`pilot standard errors: ${trials.join(', ')}`);
  }
  return lines;
}

function errorText(standardError: number | null): string {
  return standardError === null ? 'no standard error' : `standard error ${standardError.toPrecision(2)}`;
}

/** The estimators of all parts, each once. */
function namesOf(parts: readonly KlEstimation[]): string {
  return [...new Set(parts.map(({ estimator }) => estimator))].join(' and ');
}

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
  // An error that is met and not reliable has its warning.
  if (standardError !== null && targetError !== undefined && standardError <= targetError) return [...warnings];
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
