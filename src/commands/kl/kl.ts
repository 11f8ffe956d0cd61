import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { NoClosedFormError } from '../../distributions/no-closed-form';
import { UsageError } from '../../errors';
import type { KlDistribution } from '../../kl/closed-form';
import { decodeUtf8, readText } from '../../text-files';
import type { Threads } from '../../threads/thread-count';
import type { CommandIo } from '../io';
import { DEFAULT_SAMPLES, type KlAnswer, toJson } from './answer';
import { drawn } from './draw';

type Method = 'auto' | KlAnswer['method'];

interface KlOptions {
  readonly method: Method;
  readonly estimator?: string;
  readonly targetError?: string;
  readonly confidence?: string;
  readonly samples?: string;
  readonly seed: string;
  readonly threads: string;
  readonly json?: boolean;
}

interface Request {
  readonly q: KlDistribution;
  readonly p: KlDistribution;
  readonly samples: number;
  readonly seed: number;
  readonly threads: Threads;
  readonly io: CommandIo;
}

const HELP = `
The specification is JSON: {"q": …, "p": …}, each of them one of
  {"type": "normal", "mean": [0, 0], "stddev": [1, 2]}
  {"type": "normal", "mean": [0, 0], "covariance": [[1, 0.5], [0.5, 2]]}
  {"type": "mixture", "weights": [0.3, 0.7], "components": [<normal>, <normal>]}

"auto" takes the closed form where there is one, else Monte Carlo together with its bounds.
--estimator, --target-error or --confidence ask for Monte Carlo whatever there is, and add "interval", "estimator", "evaluations",
"stoppedBy", "warnings" and, for best, "compared" to the JSON. Estimators: plain (the default), analytic-entropy, k2, k3,
antithetic, stratified, rqmc, control-variate, importance, component-wise, and best, which tries them first.
Draws take all cores once they would take long on one; --threads takes that many from the start. The result is the same.
All values are in nats. With --json a divergence that exceeds every float is the string "Infinity".

Example:
  echo '{"q":{"type":"normal","mean":[1],"stddev":[0.5]},"p":{"type":"normal","mean":[0],"stddev":[1]}}' | gmm-vae kl -`;

/** `gmm-vae kl`: the divergence KL(q‖p) of two distributions given as JSON. */
export function registerKl(program: Command, io: CommandIo): void {
  program
    .command('kl')
    .description('the Kullback–Leibler divergence KL(q‖p) of two normals or Gaussian mixtures, in nats')
    .argument('<spec>', 'a JSON file with q and p, or - for standard input')
    .addOption(
      new Option('--method <name>', 'how to compute it')
        .choices(['auto', 'closed-form', 'monte-carlo', 'quadrature', 'bounds'] satisfies Method[])
        .default('auto'),
    )
    .option('--estimator <name>', 'which Monte Carlo estimator, or best')
    .option('--target-error <E>', 'draw until the standard error, in nats, is at most E')
    .option('--confidence <C>', 'of the interval, between 0 and 1 (default: 0.95)')
    .option('--samples <N>', 'draws for Monte Carlo (default: 100000); with --target-error at most (default: 10000000)')
    .option('--seed <S>', 'an integer: the same seed gives the same estimate', '0')
    .option('--threads <T>', 'threads for the draws, which do not change the result', 'auto')
    .option('--json', 'print {"value", "method", "standardError", "samples", "lower", "upper"}')
    .addHelpText('after', HELP)
    .action((spec: string, options: KlOptions) => run(spec, options, io));
}

async function run(file: string, options: KlOptions, io: CommandIo): Promise<void> {
  const samples = options.samples === undefined ? null : integer('--samples', options.samples, 1);
  const seed = integer('--seed', options.seed, -Number.MAX_SAFE_INTEGER);
  const threads = options.threads === 'auto' ? 'auto' : integer('--threads', options.threads, 1);
  const { parseKlSpec } = await import('./spec.js');
  const { q, p } = parseKlSpec(await readSpec(file, io), file === '-' ? 'standard input' : file);
  const { requireSameShape } = await import('../../kl/shapes.js');
  requireSameShape(q, p);
  const { estimator, targetError, confidence, method } = options;
  if ([estimator, targetError, confidence].some((given) => given !== undefined)) {
    const { runEstimate } = await import('./estimate.js');
    await runEstimate({
      q,
      p,
      samples,
      seed,
      io,
      threads,
      method,
      estimator,
      targetError,
      confidence,
      json: options.json === true,
    });
    return;
  }
  const found = await METHODS[method]({ q, p, samples: samples ?? DEFAULT_SAMPLES, seed, threads, io });
  if (found === null) return;
  if (options.json) io.stdout.write(toJson(found));
  else io.stdout.write(`${sentence(found)}\n`);
}

/** Null from a method means that the user interrupted it, and has been told so. */
const METHODS: { readonly [M in Method]: (request: Request) => Promise<KlAnswer | null> } = {
  auto: async (request) => {
    try {
      return await closedForm(request);
    } catch (error) {
      if (!(error instanceof NoClosedFormError)) throw error;
    }
    const estimate = await monteCarlo(request);
    return estimate && { ...estimate, ...(await boundsOf(request)) };
  },
  'closed-form': async (request) => {
    try {
      return await closedForm(request);
    } catch (error) {
      if (!(error instanceof NoClosedFormError)) throw error;
      throw new UsageError(
        '--method closed-form: there is none for a mixture, whose log density is the logarithm of a sum; use auto, ' +
          'monte-carlo, bounds or (up to 3 dimensions) quadrature',
      );
    }
  },
  'monte-carlo': monteCarlo,
  quadrature: async ({ q, p }) => {
    const { quadratureKl } = await import('../../kl/quadrature.js');
    return answer('quadrature', { value: quadratureKl(q, p) });
  },
  bounds: async (request) => answer('bounds', await boundsOf(request)),
};

/** The fields in the order they are printed in; null for those not given. */
function answer(method: KlAnswer['method'], given: Partial<KlAnswer>): KlAnswer {
  const { value = null, standardError = null, samples = null, lower = null, upper = null } = given;
  return { value, method, standardError, samples, lower, upper };
}

async function closedForm({ q, p }: Request): Promise<KlAnswer> {
  const { klDivergence } = await import('../../kl/closed-form.js');
  return answer('closed-form', { value: klDivergence(q, p) });
}

async function boundsOf({ q, p }: Request): Promise<{ lower: number; upper: number }> {
  const { klBounds } = await import('../../kl/bounds.js');
  return klBounds(q, p);
}

async function monteCarlo({ q, p, samples, seed, threads, io }: Request): Promise<KlAnswer | null> {
  const { KlEstimator } = await import('../../kl/estimate-kl.js');
  const estimation = new KlEstimator(q, p, { estimator: 'plain', samples, seed });
  if (!(await drawn(estimation, threads, io))) return null;
  const { value, standardError } = estimation.result();
  return answer('monte-carlo', { value, standardError, samples });
}

async function readSpec(file: string, io: CommandIo): Promise<string> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
    return decodeUtf8(Buffer.concat(chunks), 'standard input');
  }
  return readText(resolve(io.cwd, file), file);
}

function integer(option: string, text: string, smallest: number): number {
  const value = /^[+-]?\d+(e\+?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= smallest) return value;
  throw new UsageError(`${option}: expected ${smallest === 1 ? 'a positive' : 'an'} integer, got ${text}`);
}

function sentence({ value, method, standardError, samples, lower, upper }: KlAnswer): string {
  const enclosure = lower === null ? '' : `${lower} ≤ KL(q‖p) ≤ ${upper} nats (bounds)`;
  if (value === null) return enclosure;
  if (method !== 'monte-carlo') return `KL(q‖p) = ${value} nats (${method})`;
  const error = standardError === null ? 'no standard error' : `standard error ${standardError.toPrecision(2)}`;
  const estimate = `KL(q‖p) ≈ ${value} nats (${method}, ${error}, ${samples} samples)`;
  return enclosure === '' ? estimate : `${estimate}\n${enclosure}`;
}
