// Random problems for quadratureKl whose divergence is known another way. Every covariance is B·diag(s²)·Bᵀ with a matrix B of
// small integers and s of few bits, so that the floats given to the library are exactly what the oracle computes with.
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { MultivariateNormal } from '../../src/distributions/multivariate-normal';
import { klDivergence } from '../../src/kl/closed-form';
import type { RandomStream } from '../../src/math/random';
import { type OracleComponent, type OracleOptions, oracleKl, times } from './quadrature-oracle';

export interface Problem {
  readonly dimension: number;
  readonly q: GaussianMixture;
  readonly p: GaussianMixture;
  /** KL(q‖p), and with other options once more, by other lines. */
  readonly truth: (options?: OracleOptions) => number;
  readonly describe: string;
}

type Mixture = readonly OracleComponent[];

/** From 1 down to 1/2^halvings, times 1, 1.25, 1.5 or 1.75. */
const spread = (stream: RandomStream, halvings: number): number =>
  (1 + 0.25 * stream.integer(4)) * 2 ** -stream.integer(halvings + 1);

const SEPARATIONS = [0, 0.25, 1, 3, 10, 60];

/** A multiple of 1/64 within ± the given distance. */
const place = (stream: RandomStream, distance: number): number =>
  Math.round(64 * distance * (2 * stream.uniform() - 1)) / 64;

function integers(stream: RandomStream, d: number, largest: number): number[][] {
  for (;;) {
    const B = Array.from({ length: d }, () =>
      Array.from({ length: d }, () => stream.integer(2 * largest + 1) - largest),
    );
    if (determinant(B) !== 0) return B;
  }
}

function determinant(m: readonly (readonly number[])[]): number {
  if (m.length === 1) return m[0]![0]!;
  return m[0]!.reduce((sum, x, j) => {
    const minor = m.slice(1).map((row) => row.filter((_, k) => k !== j));
    return sum + (j % 2 === 0 ? x : -x) * determinant(minor);
  }, 0);
}

function weights(stream: RandomStream, count: number): number[] {
  const raw = Array.from({ length: count }, () => 1 + stream.integer(stream.integer(3) === 0 ? 1000 : 4));
  const total = raw.reduce((sum, x) => sum + x, 0);
  return raw.map((x) => x / total);
}

/** A mixture in one or two dimensions, each component with axes of its own. */
function mixtureOf(stream: RandomStream, d: number, count: number, halvings: number, separation: number): Mixture {
  const shares = weights(stream, count);
  return shares.map((weight) => ({
    weight,
    mean: Array.from({ length: d }, () => place(stream, separation)),
    B: d === 1 ? [[1]] : integers(stream, d, 3),
    s: Array.from({ length: d }, () => spread(stream, halvings)),
  }));
}

/** All pairs: independent coordinates, those of a before those of b. */
function product(a: Mixture, b: Mixture): Mixture {
  return a.flatMap((x) =>
    b.map((y) => ({
      weight: x.weight * y.weight,
      mean: [...x.mean, ...y.mean],
      B: [...x.B.map((row) => [...row, ...y.mean.map(() => 0)]), ...y.B.map((row) => [...x.mean.map(() => 0), ...row])],
      s: [...x.s, ...y.s],
    })),
  );
}

/** The same mixture after z ↦ M·z, which leaves divergences as they are. */
function mapped(mixture: Mixture, M: readonly (readonly number[])[]): Mixture {
  return mixture.map(({ weight, mean, B, s }) => ({
    weight,
    mean: M.map((row) => row.reduce((sum, x, k) => sum + x * mean[k]!, 0)),
    B: times(M, B),
    s,
  }));
}

function given(mixture: Mixture): GaussianMixture {
  return new GaussianMixture(
    mixture.map(({ weight }) => weight),
    mixture.map(({ mean, B, s }) => {
      const covariance = B.map((a) => B.map((b) => a.reduce((sum, x, k) => sum + x * b[k]! * s[k]! ** 2, 0)));
      const diagonal = covariance.every((row, i) => row.every((x, j) => i === j || x === 0));
      if (!diagonal) return MultivariateNormal.full(mean, covariance);
      return MultivariateNormal.diagonal(
        mean,
        covariance.map((row, i) => Math.sqrt(row[i]!)),
      );
    }),
  );
}

const chosen = <T>(stream: RandomStream, from: readonly T[]): T => from[stream.integer(from.length)]!;

function problem(describe: string, q: Mixture, p: Mixture, truth: Problem['truth']): Problem {
  return { describe, dimension: q[0]!.mean.length, q: given(q), p: given(p), truth };
}

/** Independent coordinates, mixed by a matrix of integers: the divergences of the coordinates add up. K ≤ 20. */
function independent(stream: RandomStream, d: number): Problem {
  const sizes = chosen(
    stream,
    {
      1: [[1], [2], [5], [20]],
      2: [
        [1, 2],
        [2, 2],
        [3, 3],
        [4, 5],
      ],
      3: [
        [1, 1, 2],
        [1, 2, 2],
        [2, 2, 2],
        [2, 3, 3],
      ],
    }[d]!,
  );
  const pairs = sizes.map((count) => {
    const separation = chosen(stream, SEPARATIONS);
    const q = mixtureOf(stream, 1, stream.integer(3) === 0 ? count : 1, 17, separation);
    return { q, p: mixtureOf(stream, 1, count, 17, separation) };
  });
  const M = d === 1 || stream.integer(4) === 0 ? null : integers(stream, d, 2);
  const whole = (side: 'q' | 'p'): Mixture => {
    const all = pairs.map((pair) => pair[side]).reduce(product);
    return M === null ? all : mapped(all, M);
  };
  return problem(`independent, ${sizes}`, whole('q'), whole('p'), () =>
    pairs.reduce((sum, { q, p }) => sum + oracleKl(q, p), 0),
  );
}

/** Components with axes of their own, in the plane. */
function plane(stream: RandomStream, largest: number): Problem {
  const separation = chosen(stream, SEPARATIONS);
  const halvings = chosen(stream, [4, 8, 10, 17]);
  const q = mixtureOf(stream, 2, chosen(stream, [1, 1, 2]), halvings, separation);
  const p = mixtureOf(stream, 2, 1 + stream.integer(largest), halvings, separation);
  // Half of the time q is one of p's components, so that its ridge is crossed by the others.
  const own = stream.integer(2) === 0 ? [{ ...p[0]!, weight: 1 }] : q;
  return problem(`plane, ${own.length}, ${p.length}`, own, p, (options) => oracleKl(own, p, options));
}

/** Such a plane with an independent third coordinate, mixed by a matrix of integers. */
function planeAndLine(stream: RandomStream): Problem {
  const separation = chosen(stream, SEPARATIONS);
  const halvings = chosen(stream, [4, 8, 12]);
  const p2 = mixtureOf(stream, 2, 1 + stream.integer(3), halvings, separation);
  const q2 = stream.integer(2) === 0 ? [{ ...p2[0]!, weight: 1 }] : mixtureOf(stream, 2, 1, halvings, separation);
  const q1 = mixtureOf(stream, 1, 1, halvings, separation);
  const p1 = mixtureOf(stream, 1, 1 + stream.integer(2), halvings, separation);
  const M = integers(stream, 3, 1);
  const [q, p] = [mapped(product(q2, q1), M), mapped(product(p2, p1), M)];
  return problem(`plane and line, ${p.length}`, q, p, (options) => oracleKl(q2, p2, options) + oracleKl(q1, p1));
}

/** One normal in many guises, or components that share nothing: closed forms. */
function closed(stream: RandomStream, d: number): Problem {
  const one = (): OracleComponent => ({
    weight: 1,
    mean: Array.from({ length: d }, () => place(stream, 3)),
    B: d === 1 ? [[1]] : integers(stream, d, 2),
    s: Array.from({ length: d }, () => spread(stream, 10)),
  });
  const [q, p] = [one(), one()];
  const exact = klDivergence(given([q]).components[0]!, given([p]).components[0]!);
  const copies = weights(stream, 1 + stream.integer(5));
  // Copies of p far away, along every axis: 2^20 long axes. What they add is beyond every float.
  const far = { ...p, mean: p.mean.map((m) => m + 2 ** 20) };
  const share = 1 + stream.integer(7);
  const both = [...copies.map((weight) => ({ ...p, weight: (weight * share) / 8 })), { ...far, weight: 1 - share / 8 }];
  return problem(`closed, ${d}`, [q], both, () => exact - Math.log(share / 8));
}

/** The i-th of a family of problems. */
export const FAMILIES: { readonly [name: string]: (stream: RandomStream) => Problem } = {
  '1-D mixtures': (stream) => independent(stream, 1),
  '2-D, independent coordinates, mixed': (stream) => independent(stream, 2),
  '3-D, independent coordinates, mixed': (stream) => independent(stream, 3),
  '2-D, axes of their own, K ≤ 4': (stream) => plane(stream, 4),
  '2-D, axes of their own, K ≤ 20': (stream) => plane(stream, 20),
  '3-D, a plane and a line, mixed': (stream) => planeAndLine(stream),
  'closed forms': (stream) => closed(stream, 1 + stream.integer(3)),
};
