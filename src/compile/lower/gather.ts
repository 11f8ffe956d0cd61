import type { GraphBuilder } from '../graph/builder';
import { constantData, sizeOf, type Value } from '../graph/graph';
import { dim, range } from '../graph/shapes';

/**
 * `index` with what lies outside of the gathered axis made to lie outside of all that `gatherBatched` gathers from, so that ONNX Runtime
 * refuses it: a negative index would count from the end, and in a batch any may lead into another one's part.
 */
export function withinAxis(b: GraphBuilder, x: Value, index: Value, axis: number, batchDims: number): Value {
  const along = dim(x.shape, axis);
  const bad = constantData(index)?.find((i) => i < 0 || i >= along);
  if (bad !== undefined) throw new Error(`gather: the index ${bad} is not in [0, ${along - 1}]`);
  if (constantData(index)) return index;
  const negative = b.compare('Less', index, b.scalar(0, 'int32'));
  const beyond = b.compare('GreaterOrEqual', index, b.scalar(along, 'int32'));
  const outside = batchDims === 0 ? negative : b.binary('Or', negative, beyond);
  return b.where(outside, b.scalar(sizeOf(x.shape.slice(0, batchDims)) * along, 'int32'), index);
}

/**
 * `x` taken at `index` along `axis`, where the first `batchDims` axes of both run together: the batch axes are laid out
 * along the gathered axis and each batch's indices are moved to its part.
 */
export function gatherBatched(b: GraphBuilder, x: Value, index: Value, axis: number, batchDims: number): Value {
  if (batchDims === 0) return b.gather(x, index, axis);
  const batch = x.shape.slice(0, batchDims);
  const middle = x.shape.slice(batchDims, axis);
  const along = dim(x.shape, axis);
  const rest = x.shape.slice(axis + 1);
  const picked = index.shape.slice(batchDims);
  const [batches, middles, inner] = [batch, middle, rest].map(sizeOf) as [number, number, number];
  // x as [batches · along, middles · inner], each row one element of the gathered axis.
  const rows = b.transpose(b.reshape(x, [batches, middles, along, inner]), [0, 2, 1, 3]);
  const offsets = b.indices(
    range(batches).map((i) => i * along),
    [batches, 1],
  );
  const shifted = b.binary('Add', b.reshape(index, [batches, sizeOf(picked)]), offsets);
  const taken = b.gather(b.reshape(rows, [batches * along, middles, inner]), shifted, 0);
  return b.reshape(b.transpose(taken, [0, 2, 1, 3]), [...batch, ...middle, ...picked, ...rest]);
}

/** `x` continued past its ends by mirroring: `reflect` about the outermost element, `symmetric` about its edge. */
export function mirrorPad(
  b: GraphBuilder,
  x: Value,
  paddings: readonly [number, number][],
  mode: 'reflect' | 'symmetric',
): Value {
  const doubled = mode === 'symmetric' ? 1 : 0;
  return paddings.reduce((padded, [before, after], axis) => {
    if (before === 0 && after === 0) return padded;
    const n = dim(padded.shape, axis);
    const left = range(before).map((i) => before - i - doubled);
    const right = range(after).map((i) => n - 2 - i + doubled);
    return b.gather(padded, b.indices([...left, ...range(n), ...right]), axis);
  }, x);
}
