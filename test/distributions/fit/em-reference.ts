/** EM for Gaussian mixtures as the textbooks write it, point by point and without any of the shortcuts of `src`: the reference of its tests. */

export interface PlainMixture {
  readonly weights: number[];
  readonly means: number[][];
  /** d×d each. */
  readonly covariances: number[][][];
}

/** ln N(x | μ, Σ) by Gaussian elimination on Σ. */
function logNormal(x: readonly number[], mean: readonly number[], covariance: readonly (readonly number[])[]): number {
  const d = x.length;
  const rows = covariance.map((row, i) => [...row, x[i]! - mean[i]!]);
  let logDeterminant = 0;
  for (let i = 0; i < d; i++) {
    logDeterminant += Math.log(rows[i]![i]!);
    for (let r = i + 1; r < d; r++) {
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c <= d; c++) rows[r]![c]! -= factor * rows[i]![c]!;
    }
  }
  const solved = new Array<number>(d).fill(0);
  for (let i = d - 1; i >= 0; i--) {
    let rest = rows[i]![d]!;
    for (let c = i + 1; c < d; c++) rest -= rows[i]![c]! * solved[c]!;
    solved[i] = rest / rows[i]![i]!;
  }
  const square = solved.reduce((sum, s, i) => sum + s * (x[i]! - mean[i]!), 0);
  return -0.5 * (square + logDeterminant + d * Math.log(2 * Math.PI));
}

/** ln p(x_n) and the responsibilities of each point. */
function expectation(points: readonly number[][], { weights, means, covariances }: PlainMixture) {
  return points.map((x) => {
    const terms = weights.map((w, k) => Math.log(w) + logNormal(x, means[k]!, covariances[k]!));
    const most = Math.max(...terms);
    const logProb = most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
    return { logProb, shares: terms.map((term) => Math.exp(term - logProb)) };
  });
}

/** One EM step for points that count `weight[n]` times. @param diagonal whether covariances keep their diagonals only. */
export function emStep(
  points: readonly number[][],
  weight: readonly number[],
  mixture: PlainMixture,
  diagonal: boolean,
): PlainMixture {
  const shares = expectation(points, mixture).map((point) => point.shares);
  const total = weight.reduce((a, b) => a + b, 0);
  const counts = mixture.weights.map((_, k) => shares.reduce((sum, r, n) => sum + weight[n]! * r[k]!, 0));
  const average = (k: number, of: (x: number[]) => number) =>
    points.reduce((sum, x, n) => sum + weight[n]! * shares[n]![k]! * of(x), 0) / counts[k]!;
  const d = points[0]!.length;
  const each = <T>(of: (j: number) => T): T[] => Array.from({ length: d }, (_, j) => of(j));
  const means = counts.map((_, k) => each((j) => average(k, (x) => x[j]!)));
  return {
    weights: counts.map((count) => count / total),
    means,
    covariances: means.map((mean, k) =>
      each((i) => each((j) => (diagonal && i !== j ? 0 : average(k, (x) => (x[i]! - mean[i]!) * (x[j]! - mean[j]!))))),
    ),
  };
}

/** Mean log-likelihood per unit of weight, in nats. */
export function meanLogLikelihood(
  points: readonly number[][],
  weight: readonly number[],
  mixture: PlainMixture,
): number {
  const total = weight.reduce((a, b) => a + b, 0);
  return expectation(points, mixture).reduce((sum, { logProb }, n) => sum + weight[n]! * logProb, 0) / total;
}
