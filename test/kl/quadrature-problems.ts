// Families of random problems for quadratureKl whose divergence is known another way.
import type { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { klDivergence } from '../../src/kl/closed-form';
import type { RandomStream } from '../../src/math/random';
import { concentricKl, type Shells } from './concentric-oracle';
import { latticeKl } from './lattice-oracle';
import {
  apart,
  chosen,
  exactly,
  given,
  independent,
  integers,
  type Mixture,
  mappedPair,
  mixtureOf,
  normalAt,
  type Pair,
  place,
  regressed,
  SEPARATIONS,
  spread,
  weights,
} from './oracle-mixtures';
import { type OracleOptions, oracleKl } from './quadrature-oracle';
import { twoNormalsKl } from './two-normals-oracle';

export interface Problem {
  readonly dimension: number;
  readonly q: GaussianMixture;
  readonly p: GaussianMixture;
  /** KL(q‖p), and with other options once more, by other lines; NaN where the oracle cannot tell. */
  readonly truth: (options?: OracleOptions) => number;
  readonly describe: string;
}

function problem(describe: string, { q, p, kl }: Pair): Problem {
  const size = `${q[0]!.mean.length}-D, ${q.length} and ${p.length} components`;
  return { describe: `${describe}, ${size}`, dimension: q[0]!.mean.length, q: given(q), p: given(p), truth: kl };
}

/** One coordinate; one or several components on either side. */
function line(stream: RandomStream, ofQ: number, ofP: number, halvings = 17): Pair {
  const separation = chosen(stream, SEPARATIONS);
  const [q, p] = [ofQ, ofP].map((count) => mixtureOf(stream, 1, count, halvings, separation));
  return { q: q!, p: p!, kl: () => oracleKl(q!, p!) };
}

const LINES: { readonly [d: number]: readonly (readonly number[])[] } = {
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
};

/** Independent coordinates, mixed by a matrix of integers: the divergences of the coordinates add up. K ≤ 20. */
function lines(stream: RandomStream, d: number): Problem {
  const pairs = chosen(stream, LINES[d]!).map((count) => line(stream, stream.integer(3) === 0 ? count : 1, count));
  const all = pairs.reduce(independent);
  const mixed = d > 1 && stream.integer(4) > 0;
  return problem('independent', mixed ? mappedPair(all, integers(stream, d, 2)) : all);
}

/** Components with axes of their own, in the plane. */
function plane(stream: RandomStream, largest: number): Problem {
  const separation = chosen(stream, SEPARATIONS);
  const halvings = chosen(stream, [4, 8, 10, 17]);
  const p = mixtureOf(stream, 2, 1 + stream.integer(largest), halvings, separation);
  // Half of the time q is one of p's components, so that its ridge is crossed by the others.
  const q =
    stream.integer(2) === 0
      ? [{ ...p[0]!, weight: 1 }]
      : mixtureOf(stream, 2, chosen(stream, [1, 1, 2]), halvings, separation);
  return problem('plane', { q, p, kl: (options) => oracleKl(q, p, options) });
}

/** Copies of two normals on both sides, each with axes of its own; aspects to 1e-5. @param copies at most so many of each. */
function twoNormals(stream: RandomStream, d: number, copies: number): Pair {
  const separation = chosen(stream, SEPARATIONS);
  const halvings = chosen(stream, [2, 6, 10, 17]);
  const [a, b] = [0, 1].map(() => {
    const mean = Array.from({ length: d }, () => place(stream, separation));
    return normalAt(stream, d, mean, halvings);
  });
  // Half of the time b lies on a, so that they cross where both are dense.
  const other = stream.integer(2) === 0 ? { ...b!, mean: a!.mean } : b!;
  const copied = (both: boolean): Mixture => {
    const parts = [a!, ...(both ? [other] : [])].flatMap((c) => Array(1 + stream.integer(copies)).fill(c));
    return weights(stream, parts.length).map((weight, k) => ({ ...parts[k], weight }));
  };
  const [q, p] = [copied(stream.integer(2) === 0), copied(true)];
  return { q, p, kl: () => twoNormalsKl(q, p) };
}

/** Further coordinates about lines or planes that all of q's components share, and all of p's. */
function withRegressions(stream: RandomStream, pair: Pair, more: number): Pair {
  let all = pair;
  for (let i = 0; i < more; i++) {
    const plane = (halvings: number) => ({
      slopes: all.q[0]!.mean.map(() => stream.integer(5) - 2),
      at: place(stream, 1),
      s: spread(stream, halvings),
    });
    const own = plane(chosen(stream, [2, 10, 17]));
    // The same plane half of the time, so that the divergence stays of the order of 1 however thin it is.
    all = regressed(all, own, stream.integer(2) === 0 ? own : plane(2));
  }
  return all;
}

function regression(stream: RandomStream, d: number): Problem {
  const most = d === 2 ? [1, 3, 8, 20] : [1, 2, 5, 20];
  const pair = line(stream, chosen(stream, most), chosen(stream, most), chosen(stream, [4, 10, 17]));
  return problem('regression', mappedPair(withRegressions(stream, pair, d - 1), integers(stream, d, 1)));
}

/** Two to five clusters, each two normals or a regression with axes of its own. */
function clusters(stream: RandomStream, d: number): Problem {
  const pairs = Array.from({ length: 2 + stream.integer(d === 2 ? 4 : 2) }, () => {
    if (stream.integer(2) === 0) return twoNormals(stream, d, 2);
    return withRegressions(stream, line(stream, 1 + stream.integer(3), 1 + stream.integer(3), 6), d - 1);
  });
  return problem('clusters', apart(pairs, weights(stream, pairs.length), weights(stream, pairs.length)));
}

/** A plane of two normals and an independent third coordinate, mixed. */
function planeAndLine(stream: RandomStream): Problem {
  const pair = independent(twoNormals(stream, 2, 1), line(stream, 1, 1 + stream.integer(2), 12));
  return problem('plane and line', mappedPair(pair, integers(stream, 3, 1)));
}

/** Round normals about one point, under a matrix of integers. */
function concentric(stream: RandomStream, d: number): Problem {
  const shells = (count: number): Shells =>
    weights(stream, count).map((weight) => ({ weight, s: spread(stream, chosen(stream, [4, 17])) }));
  const away = d === 3 && stream.integer(2) === 0;
  const [q, p] = [shells(away ? 1 : chosen(stream, [1, 2, 20])), shells(chosen(stream, [2, 5, 20]))];
  const offset = away ? place(stream, 4) : 0;
  const M = integers(stream, d, 2);
  const mixture = (all: Shells, at: number): Mixture =>
    all.map(({ weight, s }) => ({ weight, mean: M.map((row) => row[0]! * at), B: M, s: M.map(() => s) }));
  const kl = (): number => concentricKl(d, q, p, Math.abs(offset));
  return problem('concentric', { q: mixture(q, offset), p: mixture(p, 0), kl });
}

/** Up to three components of aspects below 3.5 with axes of their own, in space. */
function space(stream: RandomStream): Problem {
  const mixture = (count: number): Mixture =>
    weights(stream, count).map((weight) => {
      const mean = [0, 1, 2].map(() => place(stream, 0.5));
      return { ...normalAt(stream, 3, mean, 1, false), weight };
    });
  const [q, p] = [mixture(1), mixture(2 + stream.integer(2))];
  return problem('space', { q, p, kl: () => latticeKl(q, p) ?? Number.NaN });
}

/** One normal in many guises, or components that share nothing: closed forms. */
function closed(stream: RandomStream, d: number): Problem {
  const one = () =>
    normalAt(
      stream,
      d,
      Array.from({ length: d }, () => place(stream, 3)),
      10,
    );
  const [q, p] = [one(), one()];
  const exact = klDivergence(given([q]).components[0]!, given([p]).components[0]!);
  const copies = weights(stream, 1 + stream.integer(5));
  // Copies of p far away, along every axis: 2^20 long axes. What they add is beyond every float.
  const far = { ...p, mean: p.mean.map((m) => m + 2 ** 20) };
  const share = 1 + stream.integer(7);
  const both = [...copies.map((weight) => ({ ...p, weight: (weight * share) / 8 })), { ...far, weight: 1 - share / 8 }];
  return problem('closed', { q: [q], p: both, kl: () => exact - Math.log(share / 8) });
}

/** The i-th of a family of problems. */
export const FAMILIES: { readonly [name: string]: (stream: RandomStream) => Problem } = {
  '1-D mixtures': (stream) => lines(stream, 1),
  'closed forms': (stream) => closed(stream, 1 + stream.integer(3)),
  '2-D, independent coordinates, mixed': (stream) => lines(stream, 2),
  '2-D, two normals at any angle': (stream) => exactly(() => problem('two normals', twoNormals(stream, 2, 10))),
  '2-D, a common regression': (stream) => exactly(() => regression(stream, 2)),
  '2-D, clusters': (stream) => exactly(() => clusters(stream, 2)),
  '2-D, concentric': (stream) => exactly(() => concentric(stream, 2)),
  '2-D, axes of their own, K ≤ 4': (stream) => exactly(() => plane(stream, 4)),
  '2-D, axes of their own, K ≤ 20': (stream) => exactly(() => plane(stream, 20)),
  '3-D, independent coordinates, mixed': (stream) => lines(stream, 3),
  '3-D, two normals at any angle': (stream) => exactly(() => problem('two normals', twoNormals(stream, 3, 2))),
  '3-D, a common regression': (stream) => exactly(() => regression(stream, 3)),
  '3-D, clusters': (stream) => exactly(() => clusters(stream, 3)),
  '3-D, concentric': (stream) => exactly(() => concentric(stream, 3)),
  '3-D, a plane and a line, mixed': (stream) => exactly(() => planeAndLine(stream)),
  '3-D, axes of their own, wide': (stream) => exactly(() => space(stream)),
};
