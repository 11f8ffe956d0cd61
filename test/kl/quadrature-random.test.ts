import { describe, expect, it } from 'vitest';
import { quadratureKl } from '../../src/kl/quadrature';
import { QuadratureError } from '../../src/math/quadrature';
import { RandomStream } from '../../src/math/random';
import { FAMILIES } from './quadrature-problems';

/** The first few of each family of bench/quadrature.ts. */
const COUNTS: { readonly [name: string]: number } = {
  '1-D mixtures': 40,
  '2-D, independent coordinates, mixed': 4,
  '2-D, axes of their own, K ≤ 4': 2,
  'closed forms': 40,
};

describe('quadratureKl of random problems', () => {
  it.each(Object.entries(COUNTS))('keeps its promise or says that it cannot: %s, the first %i', (name, count) => {
    for (let i = 0; i < count; i++) {
      const { q, p, truth } = FAMILIES[name]!(RandomStream.of(i, `quadrature/${name}`));
      let value: number;
      try {
        value = quadratureKl(q, p);
      } catch (error) {
        expect(error, `problem ${i}`).toBeInstanceOf(QuadratureError);
        expect((error as Error).message).toContain('call estimateKl');
        continue;
      }
      const expected = truth();
      expect(Math.abs(value - expected), `problem ${i}: ${value} for ${expected}`).toBeLessThan(
        1e-8 * Math.max(1, expected),
      );
    }
  });
});
