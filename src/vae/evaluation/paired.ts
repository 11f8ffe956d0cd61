import { InvalidArgumentError } from '../../errors';
import { Moments } from '../../math/moments';
import { nth } from '../../nth';

/**
 * The mean of b − a, scores of the same images in the same order (nats), and its standard error, which is far below that of
 * either mean; null for a single image.
 *
 * @throws InvalidArgumentError on different numbers of scores, or none
 *
 * @example
 * ```ts
 * import { pairedDifference } from 'gmm-vae';
 *
 * // ln p(x) of two models on the same images
 * pairedDifference([-90, -100, -80], [-89, -98.5, -79.5]); // { mean: 1, standardError: 0.288675 }
 * ```
 */
export function pairedDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): { readonly mean: number; readonly standardError: number | null } {
  if (a.length === 0) throw new InvalidArgumentError('a', 'expected at least one score, got none');
  if (a.length !== b.length) throw new InvalidArgumentError('b', `expected ${a.length} scores, got ${b.length}`);
  const { mean, standardError } = Array.from(a).reduce((moments, score, i) => {
    moments.push(nth(b, i) - score);
    return moments;
  }, new Moments());
  return { mean, standardError };
}
