/** The kind of numbers that a likelihood describes, and the option that it alone has. */
interface LikelihoodSpec {
  /** Pixels drawn from intensities, intensities in [0, 1], the 256 of them that a byte holds, or any numbers. */
  readonly of: 'bits' | 'intensities' | 'bytes' | 'real';
  readonly own?: 'stddev' | 'mixtures';
}

/** Every likelihood that a model may have. */
export const LIKELIHOOD_SPECS = {
  bernoulli: { of: 'bits' },
  gaussian: { of: 'intensities' },
  'gaussian-global': { of: 'intensities' },
  'gaussian-fixed': { of: 'intensities', own: 'stddev' },
  'logistic-mixture': { of: 'bytes', own: 'mixtures' },
  normal: { of: 'real' },
  'student-t': { of: 'real' },
} as const satisfies Readonly<Record<string, LikelihoodSpec>>;

type Specs = typeof LIKELIHOOD_SPECS;

/** Names of likelihoods: of intensities in [0, 1], or of any numbers (see `realLikelihood`). */
export type LikelihoodKind = keyof Specs;

export const LIKELIHOOD_KINDS = Object.keys(LIKELIHOOD_SPECS) as readonly LikelihoodKind[];

/** Likelihoods of any numbers. */
export type RealKind = { [K in LikelihoodKind]: Specs[K] extends { readonly of: 'real' } ? K : never }[LikelihoodKind];

export function specOf(kind: LikelihoodKind): LikelihoodSpec {
  return LIKELIHOOD_SPECS[kind];
}

export function isReal(kind: LikelihoodKind): kind is RealKind {
  return specOf(kind).of === 'real';
}
