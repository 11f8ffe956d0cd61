import { z } from 'zod';
import { UsageError } from '../../errors';
import { studentQuantile } from '../../math/student';
import { type Summary, summarize } from '../../math/summary';
import { nth } from '../../nth';
import { packageFile } from '../../package';
import { problemIn } from '../../schema-problem';
import { readText } from '../../text-files';
import type { ControlledRun } from './control';

/**
 * Runs of a controlled comparison as a file keeps them, with the settings that they share.
 *
 * @example
 * ```ts
 * import { type ControlResults, storedControlResults } from 'gmm-vae';
 *
 * const results: ControlResults = storedControlResults('plane');
 * results.latent; // 2
 * results.rungs.map(({ name }) => name); // ['normal', 'sampled', 'single', 'mixture-10']
 * ```
 */
export interface ControlResults {
  /** The command that makes the file. */
  readonly command: string;
  /** Name of the images. */
  readonly data: string;
  readonly trainImages: number;
  readonly testImages: number;
  readonly latent: number;
  readonly hidden: readonly number[];
  readonly network: { readonly kind: string };
  readonly epochs: number;
  readonly learningRate: number;
  readonly warmUpEpochs: number;
  readonly fitPriorAfter: number;
  readonly samples: number;
  /** Priors in the order of the comparison. */
  readonly rungs: readonly { readonly name: string; readonly label: string }[];
  readonly runs: readonly ControlledRun[];
}

const number = z.number();
const schema: z.ZodType<ControlResults> = z.object({
  command: z.string(),
  data: z.string(),
  trainImages: number,
  testImages: number,
  latent: number,
  hidden: z.array(number),
  network: z.object({ kind: z.string() }),
  epochs: number,
  learningRate: number,
  warmUpEpochs: number,
  fitPriorAfter: number,
  samples: number,
  rungs: z.array(z.object({ name: z.string(), label: z.string() })),
  runs: z.array(
    z.object({
      prior: z.string(),
      seed: number,
      logLikelihood: number,
      elbo: number,
      reconstruction: number,
      kl: number,
      mutualInformation: number,
      marginalKl: number,
      activeUnits: number,
      effectiveComponents: number,
      clusterAccuracy: number,
      gain: z.object({ mean: number, standardError: number.nullable() }),
    }),
  ),
});

/**
 * Reads the stored runs of a controlled comparison.
 * @throws UsageError, one line, when the file does not exist or holds something else
 *
 * @example
 * ```ts
 * import { readControlResults } from 'gmm-vae';
 *
 * readControlResults('no-such-file.json'); // throws UsageError
 * ```
 */
export function readControlResults(path: string): ControlResults {
  const refuse = (problem: string): never => {
    throw new UsageError(`${path}: no results of a controlled comparison: ${problem}`);
  };
  const json = jsonIn(readText(path), () => refuse('it is not JSON'));
  const parsed = schema.safeParse(json);
  return parsed.success ? parsed.data : refuse(problemIn(parsed.error, json, 'the file'));
}

function jsonIn(text: string, refuse: () => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse();
  }
}

/**
 * Reads the runs that this package keeps: `plane` has two latent dimensions, `forty` has forty. `docs/benchmarks/priors.md` names the commands
 * that made them.
 *
 * @example
 * ```ts
 * import { storedControlResults } from 'gmm-vae';
 *
 * storedControlResults('forty').rungs.at(-1)?.label; // 'mixture, K = 100'
 * ```
 */
export function storedControlResults(name: 'plane' | 'forty'): ControlResults {
  return readControlResults(packageFile('notebooks', 'results', `control-${name}.json`));
}

/**
 * Summary of one prior over all seeds, in nats per image.
 *
 * @example
 * ```ts
 * import { type RungSummary, storedControlResults, summarizeControl } from 'gmm-vae';
 *
 * const { rungs, runs } = storedControlResults('plane');
 * const summaries: RungSummary[] = summarizeControl({ rungs, runs });
 * summaries.map(({ step }) => step?.mean ?? null); // [null, -0.1568, 0.52057, 0.30338]
 * ```
 */
export interface RungSummary {
  readonly name: string;
  readonly label: string;
  readonly logLikelihood: Summary;
  readonly elbo: Summary;
  readonly kl: Summary;
  readonly reconstruction: Summary;
  readonly mutualInformation: Summary;
  readonly marginalKl: Summary;
  readonly effectiveComponents: Summary;
  readonly clusterAccuracy: Summary;
  /**
   * Difference in ln p(x) to the rung before, taken seed by seed: what the one change is worth. The 95 % interval is Student's,
   * over the seeds. Null for the first rung and for a single seed.
   */
  readonly step: { readonly mean: number; readonly interval: readonly [number, number] } | null;
}

/**
 * Summarises what each rung reached, over the seeds that all rungs have, and what each step is worth.
 * @throws UsageError when no seed has a run of every rung
 *
 * @example
 * ```ts
 * import { storedControlResults, summarizeControl } from 'gmm-vae';
 *
 * const summaries = summarizeControl(storedControlResults('forty'));
 * summaries.at(-1)?.logLikelihood.mean; // -94.0189
 * ```
 */
export function summarizeControl({ rungs, runs }: Pick<ControlResults, 'rungs' | 'runs'>): RungSummary[] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))].filter((seed) =>
    rungs.every(({ name }) => runs.some((run) => run.prior === name && run.seed === seed)),
  );
  if (seeds.length === 0) throw new UsageError('no seed has a run of every prior: run the comparison to its end');
  const of = (name: string) =>
    runs
      .filter((run) => run.prior === name && seeds.includes(run.seed))
      .sort((a, b) => seeds.indexOf(a.seed) - seeds.indexOf(b.seed));
  return rungs.map(({ name, label }, i) => {
    const all = of(name);
    const over = (value: (run: ControlledRun) => number): Summary => summarize(all.map(value));
    const before = i === 0 ? null : of(nth(rungs, i - 1).name);
    return {
      name,
      label,
      logLikelihood: over((run) => run.logLikelihood),
      elbo: over((run) => run.elbo),
      kl: over((run) => run.kl),
      reconstruction: over((run) => run.reconstruction),
      mutualInformation: over((run) => run.mutualInformation),
      marginalKl: over((run) => run.marginalKl),
      effectiveComponents: over((run) => run.effectiveComponents),
      clusterAccuracy: over((run) => run.clusterAccuracy),
      step: before && stepOf(all.map((run, s) => run.logLikelihood - nth(before, s).logLikelihood)),
    };
  });
}

function stepOf(differences: readonly number[]): RungSummary['step'] {
  const { mean, standardError } = summarize(differences);
  if (standardError === null) return null;
  const reach = studentQuantile(0.975, differences.length - 1) * standardError;
  return { mean, interval: [mean - reach, mean + reach] };
}
