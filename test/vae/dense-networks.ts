import type { NetworkOptions } from '../../src/vae/networks';

/** Every kind of dense layers, by what they apply. */
export const DENSE_NETWORKS = {
  relu: { kind: 'dense' },
  tanh: { kind: 'dense', activation: 'tanh' },
  gated: { kind: 'gated' },
} as const satisfies Record<string, NetworkOptions>;

export type DenseName = keyof typeof DENSE_NETWORKS;
export const DENSE_NAMES = Object.keys(DENSE_NETWORKS) as readonly DenseName[];
