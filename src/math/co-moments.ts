import { symmetricEigen } from './linear-algebra';

/** Directions whose share of the variance is below this are rounding: the controls are linearly dependent there. */
const RANK_TOLERANCE = 1e-11;

/** Running means and co-moments of rows (y, x_1 … x_m) in constant memory, by Welford's updates, for regressing y on x. */
export class CoMoments {
  count = 0;
  private readonly means: Float64Array;
  /** Σ (row − mean)(row − mean)ᵀ. */
  private readonly products: Float64Array;
  private readonly delta: Float64Array;

  constructor(private readonly width: number) {
    this.means = new Float64Array(width);
    this.products = new Float64Array(width * width);
    this.delta = new Float64Array(width);
  }

  /** Adds the row at rows[at … at + width). */
  push(rows: Float64Array, at = 0): void {
    const { width, means, products, delta } = this;
    this.count++;
    for (let i = 0; i < width; i++) {
      delta[i] = rows[at + i]! - means[i]!;
      means[i]! += delta[i]! / this.count;
    }
    const share = 1 - 1 / this.count;
    for (let i = 0; i < width; i++) {
      for (let j = 0; j <= i; j++) products[i * width + j]! += share * delta[i]! * delta[j]!;
    }
  }

  /** The m coefficients of the least-squares fit of y on x and a constant; of least norm where the x are dependent. */
  regression(): Float64Array {
    const m = this.width - 1;
    const scale = Float64Array.from({ length: m }, (_, i) => Math.sqrt(this.product(i + 1, i + 1)));
    const correlation = new Float64Array(m * m);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) {
        correlation[i * m + j] = ratio(this.product(i + 1, j + 1), scale[i]! * scale[j]!);
      }
    }
    const { values, vectors } = symmetricEigen(correlation, m);
    const coefficients = new Float64Array(m);
    for (let k = 0; k < m; k++) {
      if (values[k]! <= RANK_TOLERANCE * m) continue;
      let projection = 0;
      for (let i = 0; i < m; i++) projection += vectors[i * m + k]! * ratio(this.product(i + 1, 0), scale[i]!);
      for (let i = 0; i < m; i++) coefficients[i]! += (projection / values[k]!) * vectors[i * m + k]!;
    }
    return coefficients.map((coefficient, i) => ratio(coefficient, scale[i]!));
  }

  /** The mean of y − Σ b_i x_i. */
  residualMean(b: Float64Array): number {
    return b.reduce((sum, coefficient, i) => sum - coefficient * this.means[i + 1]!, this.means[0]!);
  }

  /** The variance of y − Σ b_i x_i, with divisor count − 1. */
  residualVariance(b: Float64Array): number {
    const direction = [1, ...b.map((coefficient) => -coefficient)];
    let sum = 0;
    for (let i = 0; i < this.width; i++) {
      for (let j = 0; j < this.width; j++) sum += direction[i]! * direction[j]! * this.product(i, j);
    }
    return Math.max(0, sum) / (this.count - 1);
  }

  private product(i: number, j: number): number {
    return this.products[Math.max(i, j) * this.width + Math.min(i, j)]!;
  }
}

function ratio(a: number, b: number): number {
  return b > 0 ? a / b : 0;
}
