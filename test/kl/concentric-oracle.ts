// KL of mixtures of round normals about one point, in two or three dimensions: an integral over the distance from it. In three
// dimensions q may be one round normal anywhere, since the density of that distance is elementary then.
import { refine } from './quadrature-oracle';

/** Weights and standard deviations. */
export type Shells = readonly { readonly weight: number; readonly s: number }[];

/** @param offset the distance of q, then a single normal, from p's centre; 0 in two dimensions. */
export function concentricKl(d: number, q: Shells, p: Shells, offset: number): number {
  return q.reduce((sum, own) => {
    const logRatio = (r: number): number => {
      if (offset === 0) return logDensity(d, q, r) - logDensity(d, p, r);
      return -logDensity(d, p, r);
    };
    // Of a normal away from the centre, E[ln q] is known.
    const entropy = offset === 0 ? 0 : -d * Math.log(own.s) - 0.5 * d;
    return sum + own.weight * (entropy + average(d, own.s, offset, logRatio));
  }, 0);
}

/** Without (2π)^(−d/2), which cancels. */
function logDensity(d: number, shells: Shells, r: number): number {
  const terms = shells.map(({ weight, s }) => Math.log(weight) - d * Math.log(s) - 0.5 * (r / s) ** 2);
  const largest = Math.max(...terms);
  return largest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - largest), 0));
}

/** E f(‖Z‖), Z normal with standard deviation s at that distance from 0, over ln r. */
function average(d: number, s: number, offset: number, f: (r: number) => number): number {
  const at = (t: number): number => {
    const r = Math.exp(t);
    return distanceDensity(d, r / s, offset / s) * (r / s) * f(r);
  };
  let sum = 0;
  // About an offset the density is s wide: the steps are as short there.
  const [from, to] = [Math.log(Math.max(1e-9 * s, offset - 9 * s)), Math.log(offset + 9 * s)];
  const steps = Math.max(40, Math.ceil((to - from) * 8));
  for (let i = 0; i < steps; i++) {
    const step = (to - from) / steps;
    sum += refine(at, from + i * step, from + (i + 1) * step, 1e-14, 30);
  }
  return sum;
}

/** The density of ‖Z‖ at r for a unit normal at the distance a from 0. */
function distanceDensity(d: number, r: number, a: number): number {
  if (d === 2) return r * Math.exp(-0.5 * r * r);
  if (a === 0) return Math.sqrt(2 / Math.PI) * r * r * Math.exp(-0.5 * r * r);
  return (r / a) * Math.exp(-0.5 * (r - a) ** 2) * (-Math.expm1(-2 * r * a) / Math.sqrt(2 * Math.PI));
}
