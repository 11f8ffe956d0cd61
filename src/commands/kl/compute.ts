import { NoClosedFormError } from '../../distributions/no-closed-form';
import { UsageError } from '../../errors';
import type { CommandIo } from '../io';
import { answer, DEFAULT_SAMPLES, type KlAnswer, sentence, toJson } from './answer';
import { drawn } from './draw';
import type { Asked, Method } from './options';
import type { Quantity } from './quantity';

interface Request {
  readonly quantity: Quantity;
  readonly asked: Asked;
  readonly io: CommandIo;
}

/** Computes the quantity in the way asked for and prints it. */
export async function compute(request: Request): Promise<void> {
  const { asked, io, quantity } = request;
  const { estimator, targetError, confidence, method } = asked;
  if ([estimator, targetError, confidence].some((given) => given !== undefined)) {
    const { runEstimate } = await import('./estimate.js');
    await runEstimate(request);
    return;
  }
  const found = await METHODS[method](request);
  if (found === null) return;
  io.stdout.write(asked.json ? toJson(found) : `${sentence(quantity.symbol, found)}\n`);
}

/** Null from a method means that the user interrupted it, and has been told so. */
const METHODS: { readonly [M in Method]: (request: Request) => Promise<KlAnswer | null> } = {
  auto: async (request) => {
    const { quantity } = request;
    try {
      return answer('closed-form', { value: quantity.closedForm() });
    } catch (error) {
      if (!(error instanceof NoClosedFormError)) throw error;
    }
    const estimate = await monteCarlo(request);
    return estimate && { ...estimate, ...quantity.bounds() };
  },
  'closed-form': async ({ quantity }) => {
    try {
      return answer('closed-form', { value: quantity.closedForm() });
    } catch (error) {
      if (!(error instanceof NoClosedFormError)) throw error;
      throw new UsageError(`--method closed-form: ${quantity.withoutClosedForm}`);
    }
  },
  'monte-carlo': monteCarlo,
  quadrature: async ({ quantity }) => answer('quadrature', { value: quantity.quadrature() }),
  bounds: async ({ quantity }) => answer('bounds', quantity.bounds()),
};

async function monteCarlo({ quantity, asked, io }: Request): Promise<KlAnswer | null> {
  const { samples = DEFAULT_SAMPLES, seed, threads } = asked;
  const estimator = quantity.estimator({ estimator: 'plain', samples, seed });
  if (!(await drawn(estimator, threads, io))) return null;
  const { value, standardError, samples: all } = estimator.result();
  return answer('monte-carlo', { value, standardError, samples: all });
}
