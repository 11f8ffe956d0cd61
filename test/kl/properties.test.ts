import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { klApproximations } from '../../src/kl/approximations';
import { klBounds } from '../../src/kl/bounds';
import { klDivergence } from '../../src/kl/closed-form';
import { divergence, divergenceBounds, quadratureDivergence } from '../../src/kl/divergences';
import { entropyBounds } from '../../src/kl/entropy-bounds';
import { estimateDivergence, estimateEntropy } from '../../src/kl/estimate-combined';
import { estimateKl } from '../../src/kl/estimate-kl';
import { KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { estimateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { quadratureKlGradient } from '../../src/kl/gradients/quadrature-gradient';
import { KL_GRADIENT_ESTIMATORS } from '../../src/kl/gradients/terms';
import { monteCarloKl } from '../../src/kl/monte-carlo';
import { quadratureEntropy, quadratureKl } from '../../src/kl/quadrature';

// Means are multiples of 1/8, standard deviations and the entries of the maps small integers or powers of two, so that all that is given after a
// map is exact in float64, however large the shift and whatever the unit: what changes then is the library's.

/** N(mean, (B·diag(s))·(B·diag(s))ᵀ). */
interface Part {
  readonly weight: number;
  readonly mean: readonly number[];
  readonly B: readonly (readonly number[])[];
  readonly s: readonly number[];
}
type Mixture = readonly Part[];

const PLAIN = [
  [1, 0],
  [0, 1],
];
const eighth = fc.integer({ min: -24, max: 24 }).map((n) => n / 8);
const width = fc.constantFrom(0.5, 0.75, 1, 1.5);
const part = fc.record({
  weight: fc.integer({ min: 1, max: 9 }),
  mean: fc.tuple(eighth, eighth),
  B: fc.constantFrom(
    PLAIN,
    PLAIN,
    [
      [1, 0],
      [1, 1],
    ],
    [
      [2, 1],
      [1, 1],
    ],
  ),
  s: fc.tuple(width, width),
});
const mixture = fc.array(part, { minLength: 1, maxLength: 3 });
const diagonalPart = part.map((one) => ({ ...one, B: PLAIN }));

/** z ↦ unit·M·z + shift, M of integers with determinant ±1. */
interface Affine {
  readonly M: readonly (readonly number[])[];
  /** A power of two. */
  readonly unit: number;
  /** In units. */
  readonly shift: readonly number[];
}
const IDENTITY: Affine = { M: PLAIN, unit: 1, shift: [0, 0] };
/** Squares of units, which covariances hold, stay within the floats. */
const unit = fc.integer({ min: -480, max: 480 }).map((n) => 2 ** n);
const far = fc.integer({ min: -(2 ** 46), max: 2 ** 46 });
const shiftAndScale = fc.record({ M: fc.constant(PLAIN), unit, shift: fc.tuple(far, far) });
const turns = fc.record({
  M: fc.constantFrom(
    [
      [0, 1],
      [1, 0],
    ],
    [
      [0, -1],
      [1, 0],
    ],
    [
      [1, 1],
      [0, 1],
    ],
    [
      [2, 1],
      [1, 1],
    ],
    [
      [-1, 0],
      [0, 1],
    ],
  ),
  unit,
  shift: fc.tuple(far, far),
});

const product = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));

function normal({ mean, B, s }: Part, { M, unit: u, shift }: Affine = IDENTITY): Gaussian {
  const moved = M.map((row, i) => u * (row.reduce((sum, x, k) => sum + x * mean[k]!, 0) + shift[i]!));
  const root = product(M, B).map((row) => row.map((x, j) => u * x * s[j]!));
  const covariance = root.map((a) => root.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0)));
  if (covariance[0]![1] !== 0) return MultivariateNormal.full(moved, covariance);
  return MultivariateNormal.diagonal(
    moved,
    root.map((row) => Math.max(...row.map(Math.abs))),
  );
}

function mixed(parts: Mixture, map: Affine = IDENTITY): GaussianMixture {
  return new GaussianMixture(
    parts.map(({ weight }) => weight),
    parts.map((one) => normal(one, map)),
    { weightsAre: 'unnormalised' },
  );
}

function close(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    const allowed = tolerance * Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(value - expected[i]!), `entry ${i}: ${value} for ${expected[i]}`).toBeLessThanOrEqual(allowed);
  });
}

type Of = (q: GaussianMixture, p: GaussianMixture) => readonly number[];

/** What holds of the distributions alone, by function: what each gives, and how far rounding or its promise lets it stray. */
const EXACT: Readonly<Record<string, { readonly of: Of; readonly tolerance: number }>> = {
  klBounds: {
    of: (q, p) => Object.values(klBounds(q, p)),
    // The variational bound is minimised in steps, which end where they gain 1e-12 of it.
    tolerance: 1e-7,
  },
  'klApproximations, variational': { of: (q, p) => [klApproximations(q, p).variational], tolerance: 1e-9 },
  quadratureKl: { of: (q, p) => [quadratureKl(q, p)], tolerance: 2e-8 },
  'divergenceBounds, jeffreys': { of: (q, p) => Object.values(divergenceBounds('jeffreys', q, p)), tolerance: 1e-7 },
  'divergenceBounds, jensen-shannon': {
    of: (q, p) => Object.values(divergenceBounds('jensen-shannon', q, p)),
    tolerance: 1e-7,
  },
  'quadratureDivergence, jensen-shannon': {
    of: (q, p) => [quadratureDivergence('jensen-shannon', q, p)],
    tolerance: 2e-8,
  },
};

/** Whose draws depend on the order of q's components and on the axes, and on nothing else. */
const DRAWN: Readonly<Record<string, Of>> = {
  monteCarloKl: (q, p) => [monteCarloKl(q, p, { samples: 50, seed: 1 }).value],
  ...Object.fromEntries(
    KL_ESTIMATORS.filter((estimator) => estimator !== 'analytic-entropy').map((estimator): [string, Of] => [
      `estimateKl, ${estimator}`,
      (q, p) => {
        const samples = estimator === 'rqmc' ? 256 : 96;
        const { value, standardError } = estimateKl(q, p, { estimator, samples, seed: 1 });
        return [value, standardError ?? -1];
      },
    ]),
  ),
  estimateDivergence: (q, p) => [
    estimateDivergence('jeffreys', q, p, { estimator: 'plain', samples: 50, seed: 1 }).value,
  ],
};

const runs = (seed: number, numRuns: number) => ({ seed, numRuns });

describe.each(Object.entries(EXACT))('%s', (_, { of, tolerance }) => {
  it('is the same after any shift, unit, turn and shear of q and p', () => {
    fc.assert(
      fc.property(mixture, mixture, fc.oneof(shiftAndScale, turns), (q, p, map) => {
        close(of(mixed(q, map), mixed(p, map)), of(mixed(q), mixed(p)), tolerance);
      }),
      runs(81, 8),
    );
  });

  it('is the same for components in another order, split in two, or joined by one of weight zero', () => {
    fc.assert(
      fc.property(mixture, mixture, part, fc.boolean(), (q, p, extra, reverse) => {
        const [first, ...rest] = p;
        const halves = [
          { ...first!, weight: first!.weight / 4 },
          ...rest,
          { ...first!, weight: (3 * first!.weight) / 4 },
        ];
        const other = [...(reverse ? halves.toReversed() : halves), { ...extra, weight: 0 }];
        const [own, ...others] = q;
        const doubled = [...others, { ...own!, weight: own!.weight / 2 }, { ...own!, weight: own!.weight / 2 }];
        close(of(mixed(doubled), mixed(other)), of(mixed(q), mixed(p)), tolerance);
      }),
      runs(82, 8),
    );
  });
});

describe.each(Object.entries(DRAWN))('%s', (_, of) => {
  it('changes no digit that the arithmetic does not, for the same seed, after any shift and unit', () => {
    fc.assert(
      fc.property(mixture, mixture, shiftAndScale, (q, p, map) => {
        close(of(mixed(q, map), mixed(p, map)), of(mixed(q), mixed(p)), 1e-9);
      }),
      runs(83, 8),
    );
  });
});

describe('klDivergence and divergence of normals', () => {
  it('are the same after any shift, unit, turn and shear', () => {
    fc.assert(
      fc.property(part, part, fc.oneof(shiftAndScale, turns), (q, p, map) => {
        const of = (a: Gaussian, b: Gaussian) => [klDivergence(a, b), divergence('jeffreys', a, b)];
        close(of(normal(q, map), normal(p, map)), of(normal(q), normal(p)), 1e-12);
      }),
      runs(84, 100),
    );
  });
});

describe('the entropy', () => {
  it('grows by d·ln(unit) and by nothing else under a shift, a unit, a turn and a shear', () => {
    fc.assert(
      fc.property(mixture, fc.oneof(shiftAndScale, turns), (q, map) => {
        const of = (m: GaussianMixture, by: number) => {
          const { lower, upper } = entropyBounds(m);
          return [lower - by, upper - by, quadratureEntropy(m) - by];
        };
        close(of(mixed(q, map), 2 * Math.log(map.unit)), of(mixed(q), 0), 2e-8);
      }),
      runs(85, 12),
    );
  });

  it('is estimated with the same digits after any shift and unit', () => {
    fc.assert(
      fc.property(mixture, shiftAndScale, (q, map) => {
        const options = { estimator: 'component-wise', samples: 200, seed: 1 } as const;
        const here = estimateEntropy(mixed(q), options);
        const there = estimateEntropy(mixed(q, map), options);
        close([there.value - 2 * Math.log(map.unit)], [here.value], 1e-9);
      }),
      runs(86, 20),
    );
  });
});

describe('gradients', () => {
  type Gradient = { readonly mean: ArrayLike<number>; readonly stddev: ArrayLike<number> };
  const flat = ({ mean, stddev }: Gradient, u: number) =>
    [...Array.from(mean), ...Array.from(stddev)].map((x) => x * u);
  /** q with the standard deviations by which the gradient is. */
  const own = (q: Part, map?: Affine) => normal(q, map) as Extract<Gaussian, { kind: 'diagonal' }>;

  it.each(KL_GRADIENT_ESTIMATORS)('are divided by the unit, and do not see a shift: %s', (estimator) => {
    fc.assert(
      fc.property(diagonalPart, mixture, shiftAndScale, (q, p, map) => {
        const options = { estimator, samples: 40, seed: 1 } as const;
        const moved = estimateKlGradient(own(q, map), mixed(p, map), options);
        close(flat(moved, map.unit), flat(estimateKlGradient(own(q), mixed(p), options), 1), 1e-9);
      }),
      runs(87, 10),
    );
  });

  it('by quadrature too, whatever the order and the copies of p’s components', () => {
    fc.assert(
      fc.property(diagonalPart, mixture, shiftAndScale, (q, p, map) => {
        const copies = [...p.toReversed(), ...p];
        const moved = quadratureKlGradient(own(q, map), mixed(copies, map));
        close(flat(moved, map.unit), flat(quadratureKlGradient(own(q), mixed(p)), 1), 1e-7);
      }),
      runs(88, 6),
    );
  });
});
