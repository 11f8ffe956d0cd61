/** Terms per block: blocks are summed one by one (Welford), then joined (Chan), whatever sizes the terms arrive in. */
const BLOCK = 1024;

/**
 * Running mean and variance of a stream of numbers in constant memory: Welford (1962) inside fixed blocks of 1,024 terms,
 * the blocks joined by Chan, Golub and LeVeque (1979). The grouping depends on the number of terms alone, so the result is
 * the same to the last bit however the terms are chunked.
 */
export class Moments {
  private joined: Block = { count: 0, mean: 0, squares: 0 };
  private open: Block = { count: 0, mean: 0, squares: 0 };
  /** The sum of the terms that are not finite: 0 while there are none. */
  private notFinite = 0;
  private notFiniteCount = 0;

  push(x: number): void {
    if (!Number.isFinite(x)) {
      this.notFinite += x;
      this.notFiniteCount++;
      return;
    }
    const block = this.open;
    block.count++;
    const delta = x - block.mean;
    block.mean += delta / block.count;
    block.squares += delta * (x - block.mean);
    if (block.count === BLOCK) {
      this.joined = join(this.joined, block);
      this.open = { count: 0, mean: 0, squares: 0 };
    }
  }

  /**
   * The moments of both streams together. Bit for bit the same as one stream where this one's finite terms fill whole
   * blocks and `other` has at most one; otherwise equal up to rounding.
   */
  merge(other: Moments): Moments {
    const merged = new Moments();
    merged.joined = join(join(this.joined, this.open), join(other.joined, other.open));
    merged.notFinite = this.notFinite + other.notFinite;
    merged.notFiniteCount = this.notFiniteCount + other.notFiniteCount;
    return merged;
  }

  get count(): number {
    return this.joined.count + this.open.count + this.notFiniteCount;
  }

  /** NaN without terms; ±Infinity when a term was. */
  get mean(): number {
    if (this.notFiniteCount > 0) return this.notFinite;
    return this.count === 0 ? Number.NaN : join(this.joined, this.open).mean;
  }

  /** The variance with divisor count − 1 (ddof 1); null below two terms or when a term was infinite. */
  get variance(): number | null {
    if (this.count < 2 || this.notFiniteCount > 0) return null;
    return join(this.joined, this.open).squares / (this.count - 1);
  }

  /** The standard error of the mean, √(variance/count); null where the variance is. */
  get standardError(): number | null {
    const variance = this.variance;
    return variance === null ? null : Math.sqrt(variance / this.count);
  }
}

interface Block {
  count: number;
  mean: number;
  /** Σ (x − mean)². */
  squares: number;
}

function join(a: Block, b: Block): Block {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count,
    mean: a.mean + delta * (b.count / count),
    squares: a.squares + b.squares + delta * delta * ((a.count * b.count) / count),
  };
}
