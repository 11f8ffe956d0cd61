// Random mixtures for the oracles of quadratureKl, and ways to make of pairs with a known divergence others that have one too. Every
// covariance is B·diag(s²)·Bᵀ with a matrix B of integers and s of few bits, so that the floats given to the library are exactly what
// the oracles compute with.
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import type { RandomStream } from '../../src/math/random';
import { type OracleComponent, type OracleOptions, times } from './quadrature-oracle';

export type Mixture = readonly OracleComponent[];
type Matrix = readonly (readonly number[])[];

/** Two mixtures, and KL(q‖p) from elsewhere. */
export interface Pair {
  readonly q: Mixture;
  readonly p: Mixture;
  readonly kl: (options?: OracleOptions) => number;
}

export const SEPARATIONS = [0, 0.25, 1, 3, 10, 60];

export const chosen = <T>(stream: RandomStream, from: readonly T[]): T => from[stream.integer(from.length)]!;

/** From 1 down to 1/2^halvings, times 1, 1.25, 1.5 or 1.75. */
export const spread = (stream: RandomStream, halvings: number): number =>
  (1 + 0.25 * stream.integer(4)) * 2 ** -stream.integer(halvings + 1);

/** A multiple of 1/64 within ± the given distance. */
export const place = (stream: RandomStream, distance: number): number =>
  Math.round(64 * distance * (2 * stream.uniform() - 1)) / 64;

export function weights(stream: RandomStream, count: number): number[] {
  const raw = Array.from({ length: count }, () => 1 + stream.integer(stream.integer(3) === 0 ? 1000 : 4));
  const total = raw.reduce((sum, x) => sum + x, 0);
  return raw.map((x) => x / total);
}

/** An invertible matrix of integers. */
export function integers(stream: RandomStream, d: number, largest: number): number[][] {
  for (;;) {
    const B = Array.from({ length: d }, () =>
      Array.from({ length: d }, () => stream.integer(2 * largest + 1) - largest),
    );
    if (determinant(B) !== 0) return B;
  }
}

function determinant(m: Matrix): number {
  if (m.length === 1) return m[0]![0]!;
  return m[0]!.reduce((sum, x, j) => {
    const minor = m.slice(1).map((row) => row.filter((_, k) => k !== j));
    return sum + (j % 2 === 0 ? x : -x) * determinant(minor);
  }, 0);
}

/** A rotation times an integer: by a Gaussian integer in the plane, by a quaternion in space. */
function rotation(stream: RandomStream, d: number): number[][] {
  if (d === 1) return [[1]];
  if (d === 2) {
    const [a, b] = [1 + stream.integer(20), stream.integer(41) - 20];
    return [
      [a, -b],
      [b, a],
    ];
  }
  const [a, b, c, e] = [1 + stream.integer(2), stream.integer(5) - 2, stream.integer(5) - 2, stream.integer(5) - 2];
  return [
    [a * a + b * b - c * c - e * e, 2 * (b * c - a * e), 2 * (b * e + a * c)],
    [2 * (b * c + a * e), a * a - b * b + c * c - e * e, 2 * (c * e - a * b)],
    [2 * (b * e - a * c), 2 * (c * e + a * b), a * a - b * b - c * c + e * e],
  ];
}

/** A normal of weight 1 with axes of its own: at any right angles, or oblique. */
export function normalAt(
  stream: RandomStream,
  d: number,
  mean: readonly number[],
  halvings: number,
  oblique = stream.integer(3) === 0,
): OracleComponent {
  const B = d > 1 && oblique ? integers(stream, d, 3) : rotation(stream, d);
  const unit = oblique ? 1 : 2 ** -Math.round(Math.log2(Math.hypot(...B[0]!)));
  return { weight: 1, mean, B, s: mean.map(() => unit * spread(stream, halvings)) };
}

/** A mixture in any dimension, each component with axes of its own. */
export function mixtureOf(
  stream: RandomStream,
  d: number,
  count: number,
  halvings: number,
  separation: number,
): Mixture {
  return weights(stream, count).map((weight) => {
    const mean = Array.from({ length: d }, () => place(stream, separation));
    return { ...normalAt(stream, d, mean, halvings), weight };
  });
}

/** All pairs: independent coordinates, those of a before those of b. */
export function product(a: Mixture, b: Mixture): Mixture {
  return a.flatMap((x) =>
    b.map((y) => ({
      weight: x.weight * y.weight,
      mean: [...x.mean, ...y.mean],
      B: [...x.B.map((row) => [...row, ...y.mean.map(() => 0)]), ...y.B.map((row) => [...x.mean.map(() => 0), ...row])],
      s: [...x.s, ...y.s],
    })),
  );
}

export function independent(a: Pair, b: Pair): Pair {
  return { q: product(a.q, b.q), p: product(a.p, b.p), kl: (options) => a.kl(options) + b.kl(options) };
}

/** The same mixture after z ↦ M·z, which leaves divergences as they are. */
export function mapped(mixture: Mixture, M: Matrix): Mixture {
  return mixture.map(({ weight, mean, B, s }) => ({
    weight,
    mean: M.map((row) => row.reduce((sum, x, k) => sum + x * mean[k]!, 0)),
    B: times(M, B),
    s,
  }));
}

export const mappedPair = ({ q, p, kl }: Pair, M: Matrix): Pair => ({ q: mapped(q, M), p: mapped(p, M), kl });

interface Line {
  readonly slopes: readonly number[];
  readonly at: number;
  readonly s: number;
}

/**
 * Adds a coordinate that is normal given the others, about a plane that all components share: under q one, under p another. So components of
 * different widths lie at different angles. KL grows by E_q of the divergence of the two normals, a quadratic of which q's moments are known.
 */
export function regressed({ q, p, kl }: Pair, own: Line, other: Line): Pair {
  const onto = (mixture: Mixture, { slopes, at, s }: Line): Mixture =>
    mixture.map((c) => ({
      weight: c.weight,
      mean: [...c.mean, at + dot(slopes, c.mean)],
      B: [...c.B.map((row) => [...row, 0]), [...times([slopes], c.B)[0]!, 1]],
      s: [...c.s, s],
    }));
  const apart = own.slopes.map((slope, j) => slope - other.slopes[j]!);
  const square = q.reduce((sum, { weight, mean, B, s }) => {
    const along = times([apart], B)[0]!.map((x, j) => x * s[j]!);
    return sum + weight * ((dot(apart, mean) + own.at - other.at) ** 2 + dot(along, along));
  }, 0);
  const ratio = own.s / other.s;
  const more = 0.5 * (ratio * ratio - 1) - Math.log(ratio) + (0.5 * square) / other.s ** 2;
  return { q: onto(q, own), p: onto(p, other), kl: (options) => kl(options) + more };
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

/** The distance at which nothing of a cluster is seen from another one, however thin both are: nothing here is thinner than 1e-4. */
const FAR = 2 ** 28;

/** Clusters that are never seen together: KL = Σ_g ω_g (ln ω_g/π_g + KL_g) for their weights ω under q and π under p. */
export function apart(pairs: readonly Pair[], own: readonly number[], other: readonly number[]): Pair {
  const all = (side: 'q' | 'p', shares: readonly number[]): Mixture =>
    pairs.flatMap((pair, g) =>
      pair[side].map((c) => ({ ...c, weight: c.weight * shares[g]!, mean: c.mean.map((x) => x + g * FAR) })),
    );
  return {
    q: all('q', own),
    p: all('p', other),
    kl: (options) => pairs.reduce((sum, { kl }, g) => sum + own[g]! * (Math.log(own[g]! / other[g]!) + kl(options)), 0),
  };
}

/** What the library is given. @throws Error where a double does not hold a covariance exactly. */
export function given(mixture: Mixture): GaussianMixture {
  return new GaussianMixture(
    mixture.map(({ weight }) => weight),
    mixture.map((component) => {
      const { mean, B, s } = component;
      const covariance = B.map((a) => B.map((b) => a.reduce((sum, x, k) => sum + x * b[k]! * s[k]! ** 2, 0)));
      const wanted = scaledCovariance(component);
      covariance.forEach((row, i) => {
        row.forEach((x, j) => {
          if (BigInt(x * 2 ** (2 * BITS)) !== wanted[i]![j]) throw new Inexact();
        });
      });
      const diagonal = covariance.every((row, i) => row.every((x, j) => i === j || x === 0));
      if (!diagonal) return MultivariateNormal.full(mean, covariance);
      return MultivariateNormal.diagonal(
        mean,
        covariance.map((row, i) => Math.sqrt(row[i]!)),
      );
    }),
  );
}

class Inexact extends Error {}

/** Every s is a multiple of 2^−BITS. */
const BITS = 26;

/** Σ·4^BITS, exactly. */
export function scaledCovariance({ B, s }: OracleComponent): bigint[][] {
  const scaled = s.map((x) => BigInt(x * 2 ** BITS));
  const root = B.map((row) => row.map((x, k) => BigInt(x) * scaled[k]!));
  return root.map((a) => root.map((b) => a.reduce((sum, x, k) => sum + x * b[k]!, 0n)));
}

/** Makes problems until the floats hold one exactly. */
export function exactly<T>(make: () => T): T {
  for (;;) {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Inexact)) throw error;
    }
  }
}
