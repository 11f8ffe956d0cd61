/**
 * ln Σ_k exp(x_k) without overflow or underflow. All −∞ (or no terms) gives −∞; a NaN gives NaN.
 * The largest term is taken out of the sum, which leaves ln(1 + rest): accurate even where the result is near zero.
 */
export function logSumExp(values: ArrayLike<number>, count: number = values.length): number {
  let largest = -Infinity;
  let at = -1;
  for (let k = 0; k < count; k++) {
    const x = values[k] as number;
    if (x > largest) {
      largest = x;
      at = k;
    } else if (Number.isNaN(x)) return Number.NaN;
  }
  if (largest === -Infinity || largest === Infinity) return largest;
  let rest = 0;
  for (let k = 0; k < count; k++) if (k !== at) rest += Math.exp((values[k] as number) - largest);
  return largest + Math.log1p(rest);
}

/**
 * ln softmax(x)_k = x_k − ln Σ_j exp(x_j): normalised log weights. A logit of −∞ stays −∞; when all are, so is the result.
 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  let largest = -Infinity;
  for (let k = 0; k < logits.length; k++) largest = Math.max(largest, logits[k]!);
  if (!Number.isFinite(largest)) return Float64Array.from(logits, (x) => (x === -Infinity ? x : x - largest));
  // The largest is taken off first, so that a constant added to all of them costs no digits.
  const shifted = Float64Array.from(logits, (x) => x - largest);
  const total = logSumExp(shifted);
  return shifted.map((x) => x - total);
}
