import { afterEach, describe, expect, it, vi } from 'vitest';
import { GaussianMixture } from '../../src/distributions/gaussian-mixture';
import { Normal } from '../../src/distributions/normal';
import { estimateKl } from '../../src/kl/estimate-kl';
import { KL_ESTIMATORS } from '../../src/kl/estimators/table';
import { estimateKlGradient } from '../../src/kl/gradients/estimate-gradient';
import { KL_GRADIENT_ESTIMATORS } from '../../src/kl/gradients/terms';
import { RandomStream } from '../../src/math/random';

const LENGTH = 1024;

/** Half of the generator's state, 64 bits, before each of the first `LENGTH` draws of each stream, sorted. */
function statesOf(streams: readonly RandomStream[]): BigUint64Array {
  const states = new BigUint64Array(streams.length * LENGTH);
  const words = new Uint32Array(states.buffer);
  streams.forEach((stream, s) => {
    for (let i = 0; i < LENGTH; i++) {
      const [a, b] = stream.state().words;
      words[2 * (s * LENGTH + i)] = a! >>> 0;
      words[2 * (s * LENGTH + i) + 1] = b! >>> 0;
      stream.uniform();
    }
  });
  return states.sort();
}

/** Places that are visited twice: two stretches of the generator's one cycle overlap exactly where they share states. */
function visitedTwice(streams: readonly RandomStream[]): number {
  const states = statesOf(streams);
  let count = 0;
  for (let i = 1; i < states.length; i++) if (states[i] === states[i - 1]) count++;
  return count;
}

describe('streams of random numbers', () => {
  // A million states: two of them agree in 64 bits by chance once in 2^64/(10^12/2), that is in 37 million such tests.
  it('do not overlap, for a thousand seeds and names next to each other', () => {
    const bySeed = Array.from({ length: 500 }, (_, seed) => RandomStream.of(seed, 'kl/monte-carlo'));
    const byName = Array.from({ length: 500 }, (_, i) => RandomStream.of(0, `batches/noise/${i}`));
    expect(visitedTwice([...bySeed, ...byName])).toBe(0);
  });

  it('that do overlap, by one draw, are found', () => {
    const late = RandomStream.of(3, 'kl/monte-carlo');
    late.skip(LENGTH - 1);
    const others = Array.from({ length: 500 }, (_, seed) => RandomStream.of(seed, 'kl/monte-carlo'));
    expect(visitedTwice([...others, late])).toBe(1);
  });

  it('do not overlap where threads share one: each begins where the last one ends', () => {
    const stretches = Array.from({ length: 1000 }, (_, i) => {
      const stream = RandomStream.of(3, 'kl/monte-carlo');
      stream.skip(i * LENGTH);
      return stream;
    });
    expect(visitedTwice(stretches)).toBe(0);
  });

  describe('of the estimators', () => {
    afterEach(() => vi.restoreAllMocks());

    it('each have a name of their own, pilot runs included', () => {
      const of = vi.spyOn(RandomStream, 'of');
      const [q, p] = [new Normal(0.1, 1.2), new GaussianMixture([0.5, 0.5], [new Normal(-1, 1), new Normal(1, 1)])];
      for (const estimator of KL_ESTIMATORS) estimateKl(q, p, { estimator, samples: 512, seed: 1 });
      estimateKl(q, p, { estimator: 'best', samples: 512, seed: 1 });
      for (const estimator of KL_GRADIENT_ESTIMATORS) estimateKlGradient(q, p, { estimator, samples: 2, seed: 1 });
      // How much variance places between components hold is looked at with the same points every time.
      const names = of.mock.calls.map(([, name]) => name).filter((name) => name !== 'crossings');
      // `best` draws afresh under the name of the estimator it chose: that one, and no other, occurs twice.
      expect(names.length - new Set(names).size).toBe(1);
      // Pilot runs leave out k2, and make two of rqmc.
      expect(names.length).toBe(KL_ESTIMATORS.length + KL_ESTIMATORS.length + 1 + KL_GRADIENT_ESTIMATORS.length);
    });
  });
});
