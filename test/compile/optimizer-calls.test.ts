import { afterEach, describe, expect, it } from 'vitest';
import { compile } from '../../src/compile/compile';
import { AdamWOptimizer } from '../../src/compile/optimizers/adamw';
import { clipByGlobalNorm } from '../../src/compile/optimizers/clip';
import { tf } from '../../src/tensors';
import { relativeDistance } from './fixtures/run';

afterEach(() => tf.disposeVariables());

interface Learning {
  readonly variables: readonly tf.Variable[];
  readonly step: (inputs: { x: tf.Tensor }) => null;
}

/** The variables after `count` steps on the same two numbers, eagerly and compiled. */
async function bothWays(
  make: () => Learning,
  count: number,
): Promise<{ eager: number[]; compiled: number[]; text: string }> {
  const x = tf.tensor1d([0.5, 0.7]);
  const values = ({ variables }: Learning): number[] => variables.flatMap((variable) => [...variable.dataSync()]);
  const [eager, own] = [make(), make()];
  for (let i = 0; i < count; i++) eager.step({ x });
  const compiled = await compile(own.step, { inputs: { x: [2] }, threads: 1 });
  for (let i = 0; i < count; i++) await compiled.run({ x });
  await compiled.sync();
  const text = compiled.toString();
  await compiled.dispose();
  return { eager: values(eager), compiled: values(own), text };
}

describe('an optimizer that is called twice in a step, each time for other variables', () => {
  it.each([
    ['SGD', () => tf.train.sgd(0.1), true],
    ['momentum', () => tf.train.momentum(0.1, 0.9), false],
    ['Adam', () => tf.train.adam(0.1), false],
    ['RMSProp', () => tf.train.rmsprop(0.1, 0.9, 0.5), false],
  ] as const)(
    '%s does what it does eagerly, where both calls share slots and count',
    async (_, makeOptimizer, fused) => {
      const make = (): Learning => {
        const [a, b] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.tensor1d([3, -1]))];
        const optimizer = makeOptimizer();
        const minimize = (w: tf.Variable, x: tf.Tensor): void => {
          optimizer.minimize(() => tf.sum(tf.mul(tf.square(w), x)), false, [w]);
        };
        return {
          variables: [a, b],
          step: ({ x }) => {
            minimize(a, x);
            minimize(b, x);
            return null;
          },
        };
      };
      const { eager, compiled, text } = await bothWays(make, 5);
      // Five steps of float32 arithmetic.
      expect(relativeDistance(compiled, eager)).toBeLessThan(1e-6);
      expect(text.includes('then ')).toBe(fused);
    },
  );
});

describe('a gradient that is not like its variable stays in the graph, where it is broadcast or converted as eagerly', () => {
  it.each([
    ['one number for all elements', (x: tf.Tensor) => tf.sum(x)],
    ['integers', (x: tf.Tensor) => tf.cast(tf.mul(x, 10), 'int32')],
  ])('%s', async (_, gradient) => {
    const make = (): Learning => {
      const w = tf.variable(tf.tensor1d([1, 2]));
      const optimizer = tf.train.sgd(0.1);
      const step = ({ x }: { x: tf.Tensor }): null => {
        optimizer.applyGradients([{ name: w.name, tensor: gradient(x) }]);
        return null;
      };
      return { variables: [w], step };
    };
    const { eager, compiled, text } = await bothWays(make, 2);
    // Two steps of float32 arithmetic.
    expect(relativeDistance(compiled, eager)).toBeLessThan(1e-6);
    expect(text).not.toContain('then ');
  });
});

describe('a variable that has no gradient', () => {
  const make = (clip: boolean): Learning => {
    const [w, frozen, unused] = [true, false, true].map((trainable) => tf.variable(tf.tensor1d([1, 2]), trainable));
    const variables = [w, frozen, unused] as tf.Variable[];
    const optimizer = new AdamWOptimizer(0.1, { weightDecay: 0.5 });
    const step = ({ x }: { x: tf.Tensor }): null => {
      const loss = (): tf.Scalar => tf.sum(tf.mul(tf.square(w as tf.Tensor), tf.mul(x, frozen as tf.Tensor)));
      if (!clip) {
        optimizer.minimize(loss, false, variables);
        return null;
      }
      const { value, grads } = tf.variableGrads(loss, variables);
      optimizer.applyGradients(clipByGlobalNorm(grads, 0.1) as Parameters<typeof optimizer.applyGradients>[0]);
      value.dispose();
      return null;
    };
    return { variables, step };
  };

  it('does not decay either, be it not trainable or not used, eagerly as compiled', async () => {
    const { eager, compiled, text } = await bothWays(() => make(false), 3);
    expect(eager.slice(2)).toEqual([1, 2, 1, 2]);
    expect(compiled.slice(2)).toEqual([1, 2, 1, 2]);
    // Three steps of float32 arithmetic.
    expect(relativeDistance(compiled, eager)).toBeLessThan(1e-6);
    expect(text).toContain('then Adam');
  });

  it('is passed over by the clipping of the others', async () => {
    const { eager, compiled, text } = await bothWays(() => make(true), 3);
    expect(eager.slice(2)).toEqual([1, 2, 1, 2]);
    // Three steps of float32 arithmetic.
    expect(relativeDistance(compiled, eager)).toBeLessThan(1e-6);
    expect(text).toContain('clipped to global norm 0.1');
  });
});

// 1 − β₂ computed from the float32 nearest to β₂ = 0.9999 is wrong by 2e-4 of itself, which showed in the steps after it.
it.each([
  ['Adam', () => tf.train.adam(0.01, 0.9, 0.9999)],
  ['RMSProp', () => tf.train.rmsprop(1e-5, 0.9999, 0.5)],
] as const)('%s with a long memory takes the steps that it takes eagerly', async (_, makeOptimizer) => {
  const make = (): Learning => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const optimizer = makeOptimizer();
    const step = ({ x }: { x: tf.Tensor }): null => {
      optimizer.minimize(() => tf.sum(tf.mul(tf.square(w), x)));
      return null;
    };
    return { variables: [w], step };
  };
  const { eager, compiled } = await bothWays(make, 100);
  // A hundred roundings of a float32 near 1, 6e-8 each, of which some cancel.
  expect(relativeDistance(compiled, eager)).toBeLessThan(3e-6);
});
