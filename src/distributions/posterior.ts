import { logRatio } from '../math/elementary';
import { solveLowerInPlace } from '../math/linear-algebra';
import { logSoftmax } from '../math/log-sum-exp';
import { nth } from '../nth';
import { factorOf, type Gaussian, meanOf, stddevOf } from './multivariate-normal';

/** The log density below which rounding takes 1e-13 of a nat and more, which is kept out of the differences. */
const FAR = 1e3;

/**
 * The posterior component probabilities r_k = π_k N(z; μ_k, Σ_k)/p(z), written over terms[k] = ln π_k + ln N(z; μ_k, Σ_k). They are
 * divided by their own sum, so they sum to 1 however far z is from every component; exp of a difference from the rounded ln p(z)
 * would not.
 * @returns whether they are defined: false, with the terms as they were, where every log density is −∞.
 */
export function posterior(
  components: readonly Gaussian[],
  logWeights: ArrayLike<number>,
  z: Float64Array,
  terms: Float64Array,
): boolean {
  if (!keepDifferences(components, logWeights, z, terms)) return false;
  const largest = terms[indexOfLargest(terms)]!;
  let sum = 0;
  for (let k = 0; k < terms.length; k++) {
    terms[k] = Math.exp(terms[k]! - largest);
    sum += terms[k]!;
  }
  for (let k = 0; k < terms.length; k++) terms[k]! /= sum;
  return true;
}

/** Writes ln r_k, by the same terms, in place. @returns false where they are not defined. */
export function logPosterior(
  components: readonly Gaussian[],
  logWeights: ArrayLike<number>,
  z: Float64Array,
  terms: Float64Array,
): boolean {
  if (!keepDifferences(components, logWeights, z, terms)) return false;
  terms.set(logSoftmax(terms));
  return true;
}

/** Where the terms are large, puts in their place what they are relative to the largest. @returns false where that is −∞. */
export function keepDifferences(
  components: readonly Gaussian[],
  logWeights: ArrayLike<number>,
  z: Float64Array,
  terms: Float64Array,
): boolean {
  const nearest = indexOfLargest(terms);
  if (terms[nearest] === -Infinity) return false;
  if (terms[nearest]! >= -FAR) return true;
  const other = nth(components, nearest);
  for (let k = 0; k < terms.length; k++) {
    if (terms[k] === -Infinity) continue;
    terms[k] = logWeights[k]! - logWeights[nearest]! + logDensityRatio(nth(components, k), other, z);
  }
  return true;
}

function indexOfLargest(terms: Float64Array): number {
  let at = 0;
  for (let k = 1; k < terms.length; k++) if (terms[k]! > terms[at]!) at = k;
  return at;
}

/**
 * ln a(z)/b(z) = Σ_j ln(s_bj/s_aj) − ½ Σ_j (u_aj − u_bj)(u_aj + u_bj), with u the whitened z − μ and s the diagonal of its factor:
 * what the two squares have in common never enters, where they are 1e18 and their difference is 1.
 */
function logDensityRatio(a: Gaussian, b: Gaussian, z: Float64Array): number {
  const sigmaA = stddevOf(a);
  const sigmaB = stddevOf(b);
  const log = sigmaA && sigmaB ? diagonalRatio(a, b, z, sigmaA, sigmaB) : fullRatio(a, b, z);
  // Squares that overflow: further away than any float.
  return Number.isNaN(log) ? -Infinity : log;
}

function diagonalRatio(a: Gaussian, b: Gaussian, z: Float64Array, sigmaA: Float64Array, sigmaB: Float64Array): number {
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let log = 0;
  for (let j = 0; j < z.length; j++) {
    const u = (z[j]! - meanA[j]!) / sigmaA[j]!;
    const v = (z[j]! - meanB[j]!) / sigmaB[j]!;
    // u − v = (m_b − m_a)/s_b + (z − m_a)(1/s_a − 1/s_b).
    const difference = (meanB[j]! - meanA[j]!) / sigmaB[j]! + u * ((sigmaB[j]! - sigmaA[j]!) / sigmaB[j]!);
    log += logRatio(sigmaB[j]!, sigmaA[j]!) - 0.5 * difference * (u + v);
  }
  return log;
}

function fullRatio(a: Gaussian, b: Gaussian, z: Float64Array): number {
  const d = z.length;
  const lowerA = factorOf(a);
  const lowerB = factorOf(b);
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  const u = whitened(
    lowerA,
    z.map((x, j) => x - meanA[j]!),
  );
  const v = whitened(
    lowerB,
    z.map((x, j) => x - meanB[j]!),
  );
  // L_b(u − v) = m_b − m_a + (L_b − L_a)u.
  const difference = meanB.map((m, j) => m - meanA[j]!);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k <= i; k++) difference[i]! += (lowerB[i * d + k]! - lowerA[i * d + k]!) * u[k]!;
  }
  whitened(lowerB, difference);
  let log = 0;
  for (let j = 0; j < d; j++) {
    log += logRatio(lowerB[j * d + j]!, lowerA[j * d + j]!) - 0.5 * difference[j]! * (u[j]! + v[j]!);
  }
  return log;
}

function whitened(lower: Float64Array, x: Float64Array): Float64Array {
  solveLowerInPlace(lower, x.length, x);
  return x;
}
