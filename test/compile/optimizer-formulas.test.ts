import { afterAll, describe, expect, it } from 'vitest';
import { AdamNormGradOptimizer, AdamWOptimizer, clipByGlobalNorm, InvalidArgumentError, tf } from '../../src/index';

const GRADIENTS = [
  [3, -4],
  [0.5, 2],
  [-1, 1e-3],
];
const START = [1, -2];
const RATE = 0.1;

/** Algorithm 2 of Loshchilov and Hutter (2019) in float64, on the gradients as `change` has them. */
function byHand(decay: number, epsilon: number, change: (gradient: readonly number[]) => readonly number[]): number[] {
  const [theta, m, v] = [[...START], [0, 0], [0, 0]];
  GRADIENTS.forEach((raw, t) => {
    change(raw).forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      const [mean, square] = [m[i]! / (1 - 0.9 ** (t + 1)), v[i]! / (1 - 0.999 ** (t + 1))];
      theta[i] = theta[i]! * (1 - RATE * decay) - (RATE * mean) / (Math.sqrt(square) + epsilon);
    });
  });
  return theta;
}

function byOptimizer(optimizer: tf.Optimizer): number[] {
  const theta = tf.variable(tf.tensor1d(START), true);
  for (const gradient of GRADIENTS) optimizer.applyGradients({ [theta.name]: tf.tensor1d(gradient) });
  return [...theta.dataSync()];
}

const close = (values: readonly number[], expected: readonly number[]) =>
  values.forEach((value, i) => {
    expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-5);
  });

afterAll(() => tf.disposeVariables());

describe('optimizers take the steps of their papers, by float64 arithmetic', () => {
  it('AdamWOptimizer, with and without decay', () => {
    for (const weightDecay of [0, 0.01, 0.5]) {
      close(
        byOptimizer(new AdamWOptimizer(RATE, { weightDecay })),
        byHand(weightDecay, 1e-7, (g) => g),
      );
    }
    expect(byHand(0.5, 1e-7, (g) => g)).not.toEqual(byHand(0, 1e-7, (g) => g));
  });

  it('AdamNormGradOptimizer', () => {
    const normalised = (g: readonly number[]) => g.map((x) => x / (Math.hypot(...g) + 1e-7));
    close(byOptimizer(new AdamNormGradOptimizer(RATE)), byHand(0, 1e-8, normalised));
  });

  it('AdamWOptimizer refuses a decay that is negative or no number, by name', () => {
    for (const weightDecay of [-0.1, Number.NaN])
      expect(() => new AdamWOptimizer(RATE, { weightDecay })).toThrow('weightDecay: expected a number >= 0, got ');
  });
});

describe('clipByGlobalNorm', () => {
  const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0, 4]]) };

  it('scales all gradients by one factor to the norm, and leaves those of a smaller norm as they are', () => {
    const { a, b } = clipByGlobalNorm(gradients, 1);
    close([...a!.dataSync(), ...b!.dataSync()], [0.6, 0, 0, 0.8]);
    const same = clipByGlobalNorm(gradients, 5.5);
    expect([...same.a!.dataSync(), ...same.b!.dataSync()]).toEqual([3, 0, 0, 4]);
    expect(same.b!.shape).toEqual([1, 2]);
  });

  it('leaves what is null, and refuses a norm that is none', () => {
    const some = { ...gradients, c: null as unknown as tf.Tensor };
    expect(clipByGlobalNorm(some, 1).c).toBeNull();
    // Of Infinity, and of what float32 takes for it or for 0, the gradients became NaN.
    for (const norm of [0, -1, Number.NaN, Infinity, 1e39, 1e-50])
      expect(() => clipByGlobalNorm(gradients, norm)).toThrow(InvalidArgumentError);
  });
});
