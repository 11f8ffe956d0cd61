import { constantData, producer } from '../graph/graph';
import type { Rule } from './rule';

/**
 * `Where(any IsNaN(x), NaN, max x)` as `max x + 0·Σ σ(x)`: the sum is finite for every x, infinite ones included, unless one is NaN. ONNX
 * Runtime 1.30 has no IsNaN for WebGPU, so that the extreme of a tensor there waits for the GPU in the middle of the graph, copies the
 * tensor to the host and the answer back.
 */
export const extremeWithoutHost: Rule = (b, { op, inputs: [condition, nan, extreme] }) => {
  if (op !== 'Where' || !condition || !nan || !extreme || !isNaNScalar(constantData(nan))) return null;
  const any = inputOf(producer(condition, 'Cast'));
  const reduction = any && producer(any, 'ReduceMax');
  const bits = inputOf(reduction ?? null);
  const flags = bits && inputOf(producer(bits, 'Cast'));
  const x = flags && inputOf(producer(flags, 'IsNaN'));
  if (!reduction || !x) return null;
  const { axes, keepdims } = reduction.attributes;
  const sum = b.reduce('ReduceSum', b.unary('Sigmoid', x), axes as readonly number[], keepdims === 1);
  return b.binary('Add', extreme, b.binary('Mul', b.scalar(0), sum));
};

const inputOf = (node: ReturnType<typeof producer>) => node?.inputs[0] ?? null;

function isNaNScalar(data: ReturnType<typeof constantData>): boolean {
  return data?.length === 1 && Number.isNaN(data[0]);
}
