/** Σ_{j ≤ k} w_j of weights that sum to 1, with exactly 1 from the last positive one on, so that rounding never picks a weight of zero. */
export function cumulativeSums(weights: ArrayLike<number>): Float64Array {
  let sum = 0;
  const given = Float64Array.from(weights);
  const sums = given.map((w) => {
    sum += w;
    return sum;
  });
  const last = given.findLastIndex((w) => w > 0);
  return sums.fill(1, last);
}

/** The first index whose running sum exceeds u in [0, 1): the one that the uniform number u picks. */
export function searchSorted(sums: Float64Array, u: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}
