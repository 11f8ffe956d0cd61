import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { tf } from '../../src/tensors';
import { relativeDistance } from './fixtures/run';

/** Smooth operators whose values and slopes stay moderate for moderate inputs, so that float32 rounding stays small. */
const UNARY: readonly ((x: tf.Tensor) => tf.Tensor)[] = [
  tf.tanh,
  tf.sigmoid,
  tf.softplus,
  tf.sin,
  tf.neg,
  (x) => tf.square(tf.tanh(x)),
  (x) => tf.exp(tf.tanh(x)),
  (x) => tf.log(tf.add(tf.square(x), 1)),
  (x) => tf.sqrt(tf.add(tf.square(x), 1)),
  (x) => tf.logSoftmax(x),
  (x) => tf.softmax(x),
  (x) => tf.mean(x, -1, true),
  (x) => tf.reshape(tf.logSumExp(x, 1), [-1, 1]),
  (x) => tf.cumsum(tf.tanh(x), 1),
  (x) => tf.reverse(x, 1),
  (x) => tf.clipByValue(x, -0.7, 0.9),
  (x) =>
    tf.slice(
      tf.pad(x, [
        [0, 0],
        [1, 1],
      ]),
      [0, 0],
      [x.shape[0] as number, x.shape[1] as number],
    ),
  (x) => tf.transpose(tf.transpose(x)),
];
const BINARY: readonly ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
  tf.add,
  tf.sub,
  tf.mul,
  tf.maximum,
  tf.squaredDifference,
  (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  (a, b) => tf.where(tf.tensor([1, 0, 0, 1], [4], 'bool'), a, tf.mul(b, 0.5)),
  (a, b) => tf.matMul(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true), b as tf.Tensor2D),
];

/** An expression over inputs 0 and 1: each instruction appends one value made of earlier ones. */
interface Instruction {
  readonly binary: boolean;
  readonly op: number;
  readonly left: number;
  readonly right: number;
}

const instruction: fc.Arbitrary<Instruction> = fc.record({
  binary: fc.boolean(),
  op: fc.nat(99),
  left: fc.nat(99),
  right: fc.nat(99),
});
const elements = fc.array(
  fc.integer({ min: -100, max: 100 }).map((n) => n / 50),
  { minLength: 12, maxLength: 12 },
);

function evaluate(program: readonly Instruction[], a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const values = [a, b];
  const at = (i: number): tf.Tensor => values[i % values.length] as tf.Tensor;
  for (const { binary, op, left, right } of program) {
    const [x, y] = [at(left), tf.add(at(right), tf.zeros(a.shape))];
    const unary = UNARY[op % UNARY.length] as (x: tf.Tensor) => tf.Tensor;
    const pair = BINARY[op % BINARY.length] as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
    // Every value is brought back to the full shape, by broadcasting where an operator has reduced it.
    values.push(
      tf.add(binary ? pair(tf.add(x, tf.zeros(a.shape)), y) : unary(tf.add(x, tf.zeros(a.shape))), tf.zeros(a.shape)),
    );
  }
  // Both inputs take part, so that both have a gradient.
  return tf.tanh(tf.addN([values.at(-1) as tf.Tensor, tf.mul(a, 0.1), tf.mul(b, 0.1)]));
}

describe('random expressions', () => {
  it('have the same values and gradients compiled as eager', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(instruction, { minLength: 1, maxLength: 12 }),
        elements,
        elements,
        async (program, first, second) => {
          const fn = ({ a, b }: { a: tf.Tensor; b: tf.Tensor }): tf.Tensor[] => {
            const { value, grads } = tf.valueAndGrads((x: tf.Tensor, y: tf.Tensor) => tf.sum(evaluate(program, x, y)))([
              a,
              b,
            ]);
            return [evaluate(program, a, b), value, ...grads];
          };
          const feeds = { a: tf.tensor(first, [3, 4]), b: tf.tensor(second, [3, 4]) };
          const step = await compile(fn, { inputs: { a: [3, 4], b: [3, 4] }, threads: 1 });
          const [compiled, eager] = [await step.run(feeds), fn(feeds)];
          // Twelve chained operators amplify rounding; at an operator's kink (where, maximum, clip) both must still agree.
          compiled.forEach((tensor, i) => {
            expect(relativeDistance(tensor.dataSync(), eager[i]?.dataSync() ?? [])).toBeLessThan(2e-4);
          });
          tf.dispose([compiled, eager, feeds]);
          await step.dispose();
        },
      ),
      { numRuns: 60, seed: 20240601 },
    );
  });
});
