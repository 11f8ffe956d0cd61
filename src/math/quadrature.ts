import { GAUSS, KRONROD, KRONROD_CENTRE, NODES } from './gauss-kronrod';

/**
 * Thrown when an integral cannot be had to the tolerance asked for; the message says what was reached.
 *
 * @example
 * ```ts
 * import { softplusExpectation } from 'gmm-vae';
 *
 * // What is integrated overflows:
 * softplusExpectation(0, 1e308); // throws QuadratureError
 * ```
 */
export class QuadratureError extends Error {
  override readonly name = 'QuadratureError';
}

export interface QuadratureTolerance {
  /** Accept an error of this much … */
  readonly absolute: number;
  /** … or of this fraction of ∫|f|, whichever is larger. */
  readonly relative: number;
}

export interface Integral {
  readonly value: number;
  /** An estimate of |value − true value|, as a rule far too large. */
  readonly error: number;
}

/**
 * ∫ f from breakpoints[0] to the last breakpoint, by globally adaptive bisection with the 21-point Gauss–Kronrod rule
 * (Piessens et al. 1983, QUADPACK). Put a breakpoint wherever f has a peak that is narrow against the interval, or a kink.
 * @throws QuadratureError when 5,000 bisections do not reach the tolerance, or f is not finite.
 */
export function integrate(
  f: (x: number) => number,
  breakpoints: ArrayLike<number>,
  tolerance: QuadratureTolerance = { absolute: 1e-10, relative: 1e-10 },
): Integral {
  const { value, error } = new Integrator().integrate(f, breakpoints, breakpoints.length, tolerance);
  return { value, error };
}

const MAX_BISECTIONS = 5000;

/** The workspace of `integrate`, kept between calls; one per level where integrals are nested. */
export class Integrator implements Integral {
  value = 0;
  error = 0;
  /** Evaluations of f in the last call. */
  evaluations = 0;
  private magnitude = 0;
  private panels: Float64Array[] = Array.from({ length: 64 }, () => new Float64Array(PANEL_FIELDS));
  private count = 0;
  private readonly below = new Float64Array(10);
  private readonly above = new Float64Array(10);

  /**
   * Integrates as the function `integrate` does, over the first `points` breakpoints; the result stays readable here until the next call.
   * @param enter is told of each panel before f is evaluated there.
   */
  integrate(
    f: (x: number) => number,
    breakpoints: ArrayLike<number>,
    points: number,
    tolerance: QuadratureTolerance,
    enter?: (left: number, right: number) => void,
  ): Integral {
    this.count = 0;
    this.evaluations = 0;
    for (let i = 1; i < points; i++) this.add(f, breakpoints[i - 1]!, breakpoints[i]!, enter);
    this.sumUp();
    for (let bisections = 0; !this.meets(tolerance); bisections++) {
      const worst = this.panels[this.worst()]!;
      const left = worst[LEFT]!;
      const right = worst[RIGHT]!;
      const middle = left + 0.5 * (right - left);
      if (bisections === MAX_BISECTIONS || middle <= left || middle >= right || !Number.isFinite(this.error)) {
        throw this.failure(tolerance);
      }
      this.apply(f, left, middle, worst, enter);
      this.add(f, middle, right, enter);
      this.sumUp();
    }
    return this;
  }

  private meets(tolerance: QuadratureTolerance): boolean {
    return Number.isFinite(this.error) && this.error <= this.allowed(tolerance);
  }

  private allowed({ absolute, relative }: QuadratureTolerance): number {
    return Math.max(absolute, relative * this.magnitude);
  }

  private add(
    f: (x: number) => number,
    left: number,
    right: number,
    enter?: (left: number, right: number) => void,
  ): void {
    if (this.count === this.panels.length) this.panels.push(new Float64Array(PANEL_FIELDS));
    this.apply(f, left, right, this.panels[this.count++]!, enter);
  }

  /** One application of the 10/21-point pair on [left, right]; the error estimate is QUADPACK's. */
  private apply(
    f: (x: number) => number,
    left: number,
    right: number,
    panel: Float64Array,
    enter?: (left: number, right: number) => void,
  ): void {
    enter?.(left, right);
    const { below, above } = this;
    const centre = left + 0.5 * (right - left);
    const half = 0.5 * (right - left);
    const atCentre = f(centre);
    let kronrod = KRONROD_CENTRE * atCentre;
    let gauss = 0;
    let magnitude = KRONROD_CENTRE * Math.abs(atCentre);
    for (let i = 0; i < 10; i++) {
      const reach = half * NODES[i]!;
      const low = f(centre - reach);
      const high = f(centre + reach);
      below[i] = low;
      above[i] = high;
      kronrod += KRONROD[i]! * (low + high);
      magnitude += KRONROD[i]! * (Math.abs(low) + Math.abs(high));
      if (i % 2 === 1) gauss += GAUSS[i >> 1]! * (low + high);
    }
    const average = 0.5 * kronrod;
    let variation = KRONROD_CENTRE * Math.abs(atCentre - average);
    for (let i = 0; i < 10; i++) {
      variation += KRONROD[i]! * (Math.abs(below[i]! - average) + Math.abs(above[i]! - average));
    }
    panel[LEFT] = left;
    panel[RIGHT] = right;
    panel[VALUE] = kronrod * half;
    panel[MAGNITUDE] = magnitude * half;
    panel[ERROR] = errorEstimate(Math.abs(kronrod - gauss) * half, variation * half, magnitude * half);
    this.evaluations += 21;
  }

  /** Sums afresh, so that the panels replaced leave no rounding behind. */
  private sumUp(): void {
    this.value = 0;
    this.error = 0;
    this.magnitude = 0;
    for (let i = 0; i < this.count; i++) {
      const panel = this.panels[i]!;
      this.value += panel[VALUE]!;
      this.error += panel[ERROR]!;
      this.magnitude += panel[MAGNITUDE]!;
    }
  }

  private worst(): number {
    let worst = 0;
    for (let i = 1; i < this.count; i++) if (this.panels[i]![ERROR]! > this.panels[worst]![ERROR]!) worst = i;
    return worst;
  }

  private failure(tolerance: QuadratureTolerance): QuadratureError {
    if (!Number.isFinite(this.error)) return new QuadratureError('quadrature: the integrand is not finite everywhere');
    const reached = `an estimated error of ${this.error.toExponential(1)}`;
    return new QuadratureError(
      `quadrature: ${reached} after ${this.count} panels, ${this.allowed(tolerance)} was asked for`,
    );
  }
}

// A panel is [left, right, ∫f, error estimate, ∫|f|].
const LEFT = 0;
const RIGHT = 1;
const VALUE = 2;
const ERROR = 3;
const MAGNITUDE = 4;
const PANEL_FIELDS = 5;

function errorEstimate(difference: number, variation: number, magnitude: number): number {
  const share = (200 * difference) / variation;
  const scaled = variation > 0 ? variation * Math.min(1, share * Math.sqrt(share)) : difference;
  return Math.max(scaled, 50 * Number.EPSILON * magnitude);
}
