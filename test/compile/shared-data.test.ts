import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { freeze } from '../../src/compile/export';
import { FrozenSession } from '../../src/compile/runtime/frozen-session';
import { tf } from '../../src/tensors';
import { type Case, compiled, described } from './fixtures/case';

// TensorFlow.js does not copy on a reshape, nor on a cast that loses nothing: both tensors then share their data.

afterEach(() => tf.disposeVariables());

const points = tf.tensor1d([1, 2, 4]);
const [row, column] = [tf.reshape(points, [1, 3]), tf.reshape(points, [3, 1])];
const labels = tf.tensor1d([2, 0, 1], 'int32');
const mask = tf.tensor1d([1, 0, 1], 'bool');
const one = { x: tf.scalar(1) };

describe('tensors from outside that share their data keep their own', () => {
  it.each<Case>([
    ['shape, in a difference of all pairs', ({ x }) => tf.mul(tf.sub(column, row), x as tf.Tensor), one],
    ['shape, in a product', ({ x }) => tf.mul(tf.matMul(column, row), x as tf.Tensor), one],
    [
      'type, integers first',
      ({ x }) => tf.mul(tf.mul(tf.cast(tf.oneHot(labels, 3), 'float32'), tf.cast(labels, 'float32')), x as tf.Tensor),
      one,
    ],
  ])('%s', async (_, fn, inputs) => {
    expect(described(await compiled(fn, inputs))).toEqual(described(fn(inputs)));
  });

  it.each([
    ['int32', 'float32', labels],
    ['bool', 'float32', mask],
    ['bool', 'int32', mask],
  ] as const)('type, which is %s of one and %s of the other', async (_, dtype, tensor) => {
    const converted = tf.cast(tensor, dtype);
    const fn = ({ x }: Record<string, tf.Tensor>): tf.Tensor[] => [
      tf.where(tf.cast(tensor, 'bool'), x as tf.Tensor, tf.scalar(9)),
      tf.div(tf.add(converted, converted), tf.scalar(4)),
      tf.logicalNot(tf.cast(tensor, 'bool')),
      tf.add(converted, converted),
    ];
    expect((await compiled(fn, one)).map(described)).toEqual(fn(one).map(described));
  });
});

describe.each([
  ['int32 as float32', labels, 'float32'],
  ['bool as float32', mask, 'float32'],
  ['bool as int32', mask, 'int32'],
] as const)('a tensor with the data of another type (%s)', (_, source, dtype) => {
  const x = tf.cast(source, dtype);

  it('is taken as an input', async () => {
    const fn = (inputs: Record<string, tf.Tensor>) => tf.mul(inputs.x as tf.Tensor, tf.scalar(3, dtype));
    expect(described(await compiled(fn, { x }))).toEqual(described(fn({ x })));
  });

  it('is a variable that a step reads, and one that it changes', async () => {
    const [read, changed] = [tf.variable(x), tf.variable(x)];
    const fn = (inputs: Record<string, tf.Tensor>): tf.Tensor[] => {
      changed.assign(tf.add(changed, inputs.x as tf.Tensor));
      return [tf.mul(read, changed)];
    };
    const step = await compile(fn, { inputs: { x }, threads: 1 });
    const result = await step.run({ x });
    await step.sync();
    expect(described(changed)).toEqual(described(tf.add(x, x)));
    expect(result.map(described)).toEqual([described(tf.mul(x, tf.add(x, x)))]);
    // Assigned from outside, again with the other type's data.
    changed.assign(x);
    expect((await step.run({ x })).map(described)).toEqual(result.map(described));
    await step.dispose();
  });

  it('is a variable of a frozen function', async () => {
    const w = tf.variable(x);
    const frozen = freeze(({ y }: { y: tf.Tensor }) => ({ z: tf.mul(tf.cast(w, 'float32'), y) }), { y: [3] });
    const session = await FrozenSession.create(frozen);
    const { z } = await session.run({ y: Float32Array.of(1, 2, 3) });
    expect(Array.from(z)).toEqual(Array.from(x.dataSync(), (value, i) => value * (i + 1)));
    await session.dispose();
  });
});
