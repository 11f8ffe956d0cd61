import type { RandomStream } from './random';

/** Levels of the binary tree whose flips one hash holds: 1 + 2 + 4 + 8 + 16 nodes in 31 bits. */
const TIER = 5;
const TIERS = 5;
/** Leading binary digits that are scrambled by the tree; those after them are replaced by random ones. */
const LEVELS = TIER * TIERS;

/** Points of a base-2 net that keep their stratification under the scrambling. */
export const MAX_SCRAMBLED_POINTS: number = 2 ** LEVELS;

/**
 * One nested uniform scrambling (Owen 1995) of the coordinates of a base-2 net: digit l of a coordinate is flipped or not by a
 * fair coin that belongs to the l − 1 digits before it. Every scrambled point is uniform on the cube while the points together
 * remain a net. The coins are not stored: they are bits of a keyed hash of the preceding digits, so memory does not grow.
 */
export class OwenScramble {
  private readonly keys: Uint32Array;

  constructor(dimension: number, stream: RandomStream) {
    this.keys = Uint32Array.from({ length: dimension * (TIERS + 1) }, () => stream.integer(2 ** 32));
  }

  /** The scrambled coordinate j of the point whose binary digits there are `digits`, in the open interval (0, 1). */
  uniform(digits: number, j: number): number {
    const { keys } = this;
    const at = j * (TIERS + 1);
    let scrambled = 0;
    for (let tier = 0; tier < TIERS; tier++) {
      const coins = hash(tier === 0 ? 0 : digits >>> (32 - TIER * tier), keys[at + tier]!);
      const five = (digits >>> (32 - TIER * (tier + 1))) & 31;
      // Node 1 is the root of this tier's tree, 2n and 2n + 1 are below node n: its first l digits after a leading 1.
      const flips =
        (((coins >>> 1) & 1) << 4) |
        (((coins >>> (2 | (five >>> 4))) & 1) << 3) |
        (((coins >>> (4 | (five >>> 3))) & 1) << 2) |
        (((coins >>> (8 | (five >>> 2))) & 1) << 1) |
        ((coins >>> (16 | (five >>> 1))) & 1);
      scrambled = (scrambled << TIER) | (five ^ flips);
    }
    const rest = hash(digits >>> (32 - LEVELS), keys[at + TIERS]!) >>> 5;
    // 25 digits of the net, then 27 random ones: a multiple of 2^-52, moved to the middle of its cell.
    return (scrambled * 2 ** 27 + rest + 0.5) * 2 ** -52;
  }
}

/** A 32-bit hash of `x` under `key`: MurmurHash3's finaliser (Appleby), twice, with the key between. */
function hash(x: number, key: number): number {
  return mix((mix(x ^ key) + Math.imul(key, 0x9e3779b1)) | 0);
}

function mix(x: number): number {
  let h = x ^ (x >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
