import { z } from 'zod';
import { GaussianMixture } from '../../distributions/gaussian-mixture';
import { MultivariateNormal } from '../../distributions/multivariate-normal';
import { InvalidArgumentError, UsageError } from '../../errors';
import type { KlDistribution } from '../../kl/closed-form';
import { problemIn } from '../../schema-problem';
import { printable } from '../../text-files';
import type { SpecText } from './read-spec';
import { repeatedKey } from './repeated-key';

// zod checks the structure only; numbers go unread to the constructors, whose messages name the entry at fault.
const array = z.array(z.unknown());
const normal = z
  .strictObject({
    type: z.literal('normal'),
    mean: array,
    stddev: array.optional(),
    covariance: array.optional(),
  })
  .refine(({ stddev, covariance }) => (stddev === undefined) !== (covariance === undefined), {
    error: 'expected exactly one of "stddev" and "covariance"',
  });
const mixture = z
  .strictObject({
    type: z.literal('mixture'),
    weights: array.optional(),
    logits: array.optional(),
    components: z.array(normal),
  })
  .refine(({ weights, logits }) => (weights === undefined) !== (logits === undefined), {
    error: 'expected exactly one of "weights" and "logits"',
  });
const distribution = z.discriminatedUnion('type', [normal, mixture]);
const spec = z.strictObject({ q: distribution, p: distribution });

type NormalSpec = z.infer<typeof normal>;

/**
 * The two distributions of a specification (see `gmm-vae kl --help`).
 * @throws UsageError or InvalidArgumentError with one line that begins with the field at fault: `p.components[1].stddev[0]`.
 */
export function parseKlSpec(given: SpecText): { q: KlDistribution; p: KlDistribution } {
  const { q, p } = parsed(spec, given);
  return { q: build('q', q), p: build('p', p) };
}

/** One distribution by itself (see `gmm-vae entropy --help`). @throws as `parseKlSpec`. */
export function parseDistribution(given: SpecText): KlDistribution {
  return build('', parsed(distribution, given));
}

function parsed<T>(schema: z.ZodType<T>, { text, source }: SpecText): T {
  const value = parseJson(text, source);
  const result = schema.safeParse(value);
  if (!result.success) throw new UsageError(problemIn(result.error, value, 'the specification'));
  return result.data;
}

function parseJson(text: string, source: string): unknown {
  const value = readJson(text.replace(/^\uFEFF/, ''), source);
  const twice = repeatedKey(text);
  if (twice !== undefined) throw new UsageError(`${printable(twice)}: given twice: only one of them would be read`);
  return value;
}

function readJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${source}: not JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : error}`);
  }
}

function build(field: string, given: z.infer<typeof distribution>): KlDistribution {
  if (given.type === 'normal') return buildNormal(field, given);
  const at = field === '' ? 'components' : `${field}.components`;
  const components = given.components.map((component, k) => buildNormal(`${at}[${k}]`, component));
  return named(field, () =>
    given.logits === undefined
      ? new GaussianMixture(given.weights as number[], components)
      : GaussianMixture.fromLogits(given.logits as number[], components),
  );
}

function buildNormal(field: string, { mean, stddev, covariance }: NormalSpec): MultivariateNormal {
  return named(field, () =>
    covariance === undefined
      ? MultivariateNormal.diagonal(mean as number[], stddev as number[])
      : MultivariateNormal.full(mean as number[], covariance as number[][]),
  );
}

function named<T>(field: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof InvalidArgumentError && field !== '' ? error.within(field) : error;
  }
}
