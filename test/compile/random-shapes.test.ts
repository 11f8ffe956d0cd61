import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { relativeDistance } from './fixtures/run';

/** What one instruction has besides its operands. */
interface Parameters {
  readonly axis: number;
  readonly flag: boolean;
  readonly number: number;
  readonly shape: number[];
}
type Op = (x: tf.Tensor, y: tf.Tensor, p: Parameters) => tf.Tensor;

const SHAPES = [[], [1], [3], [2, 3], [2, 1], [1, 3], [2, 2, 3], [1, 1, 3], [2, 1, 3], [2, 1, 1, 3], [4, 2, 3]];
const LARGEST = 60;

/** For tensors of at least one axis; others stay as they are. */
const along =
  (op: (x: tf.Tensor, axis: number, p: Parameters) => tf.Tensor): Op =>
  (x, _, p) =>
    x.rank === 0 ? x : op(x, p.axis % x.rank, p);
const front = (x: tf.Tensor, axis: number, n: number): number[] => x.shape.map((_, i) => (i === axis ? n : 0));

/** A comparison with the gradient that TensorFlow.js's own lacks: none. */
const compared = (op: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): ((x: tf.Tensor, y: tf.Tensor) => tf.Tensor) =>
  tf.customGrad((...operands) => {
    const [x, y] = operands as tf.Tensor[] as [tf.Tensor, tf.Tensor];
    return { value: op(x, y), gradFunc: () => [tf.zerosLike(x), tf.zerosLike(y)] };
  });
const [greater, lessEqual] = [compared(tf.greater), compared(tf.lessEqual)];

/** Operators of every rank and what simplification looks for: broadcasts, neutral operands, chains of reshapes and transpositions. */
const OPS: readonly Op[] = [
  tf.add,
  tf.sub,
  tf.mul,
  (x, y) => tf.div(x, tf.add(tf.abs(y), 0.5)),
  // Their gradients in TensorFlow.js want operands of one shape.
  (x, y) => tf.maximum(tf.add(x, tf.zerosLike(y)), tf.add(y, tf.zerosLike(x))),
  (x, y) => tf.minimum(tf.add(x, tf.zerosLike(y)), tf.add(y, tf.zerosLike(x))),
  (x) => tf.relu(x),
  (x) => tf.tanh(x),
  (x) => tf.neg(x),
  (x) => tf.square(tf.sin(x)),
  (x) => tf.sigmoid(x),
  (x) => tf.softplus(x),
  (x) => tf.step(x),
  (x) => tf.sign(x),
  (x) => tf.clipByValue(x, -1, 1.5),
  (x) => tf.exp(tf.minimum(x, 2)),
  (x) => tf.mul(x, 1),
  (x) => tf.sub(x, tf.zeros(x.shape)),
  (x) => tf.div(x, tf.onesLike(x)),
  (x) => tf.mul(x, tf.zeros(x.shape)),
  (x, y) => tf.where(greater(x, y), x, y),
  (x, y) => tf.cast(lessEqual(x, y), 'float32'),
  along((x, axis, { flag }) => tf.sum(x, axis, flag)),
  along((x, axis, { flag }) => tf.mean(x, axis, flag)),
  along((x, axis, { flag }) => tf.max(x, axis, flag)),
  along((x, axis, { flag }) => tf.logSumExp(x, axis, flag)),
  // Along any other axis TensorFlow.js's gradient has another shape than x.
  along((x, _, { flag }) => tf.cumsum(x, x.rank - 1, flag, !flag)),
  along((x, axis) => tf.reverse(x, axis)),
  along((x, axis) => tf.concat([x, x], axis)),
  along((x, axis) => tf.gather(x, tf.tensor1d([0, (x.shape[axis] ?? 1) - 1, 0], 'int32'), axis)),
  along((x, axis, { number }) =>
    tf.pad(
      x,
      x.shape.map((_, i): [number, number] => [i === axis ? 1 : 0, 0]),
      number,
    ),
  ),
  along((x, axis) => tf.slice(x, front(x, axis, (x.shape[axis] ?? 1) > 1 ? 1 : 0))),
  along((x) => tf.transpose(x)),
  along((x, axis) =>
    tf.transpose(
      x,
      [axis, ...x.shape.keys()].filter((n, i) => i === 0 || n !== axis),
    ),
  ),
  (x) => tf.reshape(x, [-1]),
  (x) => tf.reshape(x, [1, ...x.shape]),
  (x) => tf.squeeze(x),
  (x, _, { shape }) => {
    const fits = x.rank <= shape.length && x.shape.every((n, i) => n === 1 || n === shape[i + shape.length - x.rank]);
    return fits ? tf.broadcastTo(x, shape) : x;
  },
  (x) => (x.rank === 2 ? tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, true) : x),
  (x, _, { number }) => tf.stack([x, tf.fill(x.shape, number)]),
];

const special = fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1, 1e-40);
const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -100, max: 100 }).map((n) => Math.fround(n / 50)) },
  { weight: 1, arbitrary: special },
);
const operand = fc.constantFrom(...SHAPES).chain((shape) => {
  const size = tf.util.sizeFromShape(shape);
  return fc.array(number, { minLength: size, maxLength: size }).map((values) => ({ shape, values }));
});
const instruction = fc.record({
  op: fc.nat(OPS.length - 1),
  left: fc.nat(99),
  right: fc.nat(99),
  axis: fc.nat(3),
  flag: fc.boolean(),
  number,
  shape: fc.constantFrom(...SHAPES),
});
type Instruction = typeof instruction extends fc.Arbitrary<infer T> ? T : never;

/** The values of all instructions; one whose operands do not broadcast gets a filled tensor for the second. */
function evaluate(program: readonly Instruction[], a: tf.Tensor, b: tf.Tensor): tf.Tensor[] {
  const values = [a, b];
  for (const { op, left, right, ...parameters } of program) {
    const [x, y] = [values[left % values.length], values[right % values.length]] as [tf.Tensor, tf.Tensor];
    const pair = broadcasts(x.shape, y.shape) ? y : tf.fill(x.shape, parameters.number);
    const result = (OPS[op] as Op)(x, pair, parameters);
    values.push(result.size > LARGEST || result.rank > 4 ? x : result);
  }
  return values.slice(-3);
}

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.every((n, i) => {
    const m = long[i + long.length - short.length];
    return n === m || n === 1 || m === 1;
  });
}

describe('random expressions of any rank, with NaN and infinities among the numbers', () => {
  it('have the same values and gradients simplified as traced and as eager', async () => {
    const property = fc.asyncProperty(
      fc.array(instruction, { minLength: 1, maxLength: 12 }),
      operand,
      operand,
      async (program, first, second) => {
        const fn = ({ a, b }: Record<'a' | 'b', tf.Tensor>): tf.Tensor[] => {
          const total = (x: tf.Tensor, y: tf.Tensor): tf.Tensor =>
            tf.addN([...evaluate(program, x, y).map((v) => tf.mul(tf.sum(v), 0.3)), tf.sum(x), tf.sum(y)]);
          const { value, grads } = tf.valueAndGrads(total)([a, b]);
          return [value, ...grads, ...evaluate(program, a, b)];
        };
        const feeds = { a: tf.tensor(first.values, first.shape), b: tf.tensor(second.values, second.shape) };
        const compiled = async (simplify: boolean): Promise<tf.Tensor[]> => {
          const step = await compile(fn, { inputs: feeds, threads: 1, simplify });
          const result = await step.run(feeds);
          await step.dispose();
          return result;
        };
        const [simplified, traced, eager] = [await compiled(true), await compiled(false), fn(feeds)];
        for (const [i, tensor] of simplified.entries()) {
          expect(tensor.shape).toEqual(eager[i]?.shape);
          // Sums of up to sixty float32 numbers in another order.
          expect(relativeDistance(tensor.dataSync(), traced[i]?.dataSync() ?? [])).toBeLessThan(1e-5);
          // Twelve chained operators amplify rounding.
          expect(relativeDistance(tensor.dataSync(), eager[i]?.dataSync() ?? [])).toBeLessThan(1e-3);
        }
        tf.dispose([simplified, traced, eager, feeds]);
      },
    );
    await fc.assert(property, { numRuns: 150, seed: 20261126 });
  });
});
