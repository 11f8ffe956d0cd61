import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { dim, frontAxis } from '../graph/shapes';

/**
 * The running product (or sum) of `x` along `axis` in ⌈log₂ n⌉ passes: after pass k each element holds the product of the
 * 2ᵏ elements up to it (Hillis & Steele, 1986).
 */
export function scan(
  b: GraphBuilder,
  op: 'Mul' | 'Add',
  x: Value,
  axis: number,
  exclusive: boolean,
  reverse: boolean,
): Value {
  const at = frontAxis(axis, x.shape.length);
  const n = dim(x.shape, at);
  if (n === 0) return x;
  const neutral = op === 'Mul' ? 1 : 0;
  let result = exclusive ? shift(b, x, at, 1, neutral, reverse) : x;
  for (let reach = 1; reach < n; reach *= 2)
    result = b.binary(op, result, shift(b, result, at, reach, neutral, reverse));
  return result;
}

/** `x` moved by `by` places along `axis` (towards the front if `reverse`), with `neutral` moving in. */
function shift(b: GraphBuilder, x: Value, axis: number, by: number, neutral: number, reverse: boolean): Value {
  const zeros = x.shape.map(() => 0);
  const moved = zeros.map((_, i) => (i === axis ? by : 0));
  const ends = x.shape.map((n, i) => (i === axis ? n - by : n));
  return reverse
    ? b.pad(b.slice(x, moved, x.shape), zeros, moved, neutral)
    : b.pad(b.slice(x, zeros, ends), moved, zeros, neutral);
}
