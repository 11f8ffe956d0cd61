import { NoClosedFormError } from '../distributions/no-closed-form';
import type { CombinedEstimation } from './combined-estimator';
import { drawCombined } from './estimate-combined-in-parallel';
import type { DrawOptions } from './estimate-in-parallel';
import type { EstimateKlOptions } from './estimate-options';
import type { Quantity } from './quantity';

/**
 * A way to a quantity. `estimate`: Monte Carlo together with the bounds; `auto`: the closed form where there is one, else `estimate`.
 */
export type Way = 'auto' | 'closed-form' | 'monte-carlo' | 'estimate' | 'quadrature' | 'bounds';

/** What was found, in nats; null where the way has none of it. */
export interface Found {
  readonly method: 'closed-form' | 'monte-carlo' | 'quadrature' | 'bounds';
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly estimation: CombinedEstimation | null;
}

/** How to draw, where the way is one by Monte Carlo. */
export type FindOptions = EstimateKlOptions &
  Omit<DrawOptions, 'onProgress'> & {
    /** Told the fraction of all draws that is done, from 0 to 1. */
    readonly onProgress?: (fraction: number) => void;
  };

/**
 * Takes a way to a quantity.
 *
 * @throws NoClosedFormError where that was the way and there is none; the signal's reason; as the functions that compute it
 */
export function find(quantity: Quantity, way: Way, options: FindOptions): Promise<Found> {
  return WAYS[way](quantity, options);
}

const WAYS: { readonly [W in Way]: (quantity: Quantity, options: FindOptions) => Promise<Found> } = {
  auto: async (quantity, options) => {
    try {
      return found('closed-form', { value: quantity.closedForm() });
    } catch (error) {
      if (!(error instanceof NoClosedFormError)) throw error;
      return WAYS.estimate(quantity, options);
    }
  },
  'closed-form': async (quantity) => found('closed-form', { value: quantity.closedForm() }),
  'monte-carlo': async (quantity, options) => {
    const estimator = quantity.estimator(options);
    const onProgress = (): void => options.onProgress?.(estimator.progress);
    const estimation = await drawCombined(estimator, { ...options, onProgress });
    return found('monte-carlo', { value: estimation.value, estimation });
  },
  estimate: async (quantity, options) => ({
    ...(await WAYS['monte-carlo'](quantity, options)),
    ...quantity.bounds(),
  }),
  quadrature: async (quantity) => found('quadrature', { value: quantity.quadrature() }),
  bounds: async (quantity) => found('bounds', quantity.bounds()),
};

function found(method: Found['method'], some: Partial<Found>): Found {
  return { value: null, lower: null, upper: null, estimation: null, ...some, method };
}
