import { Integrator, QuadratureError, type QuadratureTolerance } from '../math/quadrature';
import { gradedMesh } from './graded-mesh';
import { type Places, Ridges } from './ridges';
import type { WhitenedMixture } from './whitened-mixture';

/** The standard deviations beyond which x² of a standard normal has 1e-11 of its mean. */
const REACH = 7.5;
const ALWAYS: readonly number[] = [-REACH, -3, 0, 3, REACH];
/** What places may add without being looked at, as a share of the tolerance. */
const OVERLOOKED = 0.03;

/** The nodes of the Gauss–Kronrod rule. */
const NODES = 21;
/** This many times too much work ahead is beyond what a rough forecast can be wrong by. */
const HOPELESS = 3;

/** Component densities evaluated before a tolerance counts as out of reach: half a minute or so. */
export const MAX_WORK = 1e9;

/** Component densities that may still be evaluated. */
export interface Budget {
  left: number;
}

/**
 * E[f(X)] for X ~ N(0, I) and an f that changes quickly only where components of a mixture do; coordinate by coordinate with
 * adaptive Gauss–Kronrod rules on meshes graded towards the mixture's ridges and their crossings.
 */
export class NormalExpectation {
  private readonly ridges: Ridges;
  private readonly integrators: Integrator[];
  private readonly meshes: number[][];
  private readonly places: Places[];
  private readonly last: number;
  private readonly x: Float64Array;
  /** Per level: an error of the integral over that coordinate and the later ones that does not matter. */
  private readonly allowed: Float64Array;
  /** Per level: the panels of the mesh under way. */
  private readonly panels: number[] = [];
  private readonly start: number;
  private looked = 0;
  private readonly steps: ((x: number) => number)[];
  private readonly enters: ((left: number, right: number) => void)[];

  /**
   * @param f of the last coordinate, when the earlier ones have been fixed in the mixture and in x.
   * @param tolerance per level, the relative one of E|f|.
   */
  constructor(
    private readonly mixture: WhitenedMixture,
    f: (last: number, x: Float64Array) => number,
    private readonly tolerance: QuadratureTolerance,
    private readonly budget: Budget,
  ) {
    const { d } = mixture;
    this.last = d - 1;
    this.start = budget.left;
    this.x = new Float64Array(d);
    this.ridges = new Ridges(mixture);
    const perLevel = <T>(make: (level: number) => T): T[] => Array.from({ length: d }, (_, level) => make(level));
    this.integrators = perLevel(() => new Integrator());
    this.meshes = perLevel(() => []);
    this.places = perLevel(() => ({ at: [], width: [] }));
    this.allowed = new Float64Array(d).fill(tolerance.absolute);
    this.steps = perLevel((level) =>
      level === this.last
        ? (x) => weight(x) * f(x, this.x)
        : (x) => {
            this.x[level] = x;
            mixture.fix(level, x);
            const integral = this.integral(level + 1);
            if (level === 0) this.look();
            return weight(x) * integral;
          },
    );
    this.enters = perLevel((level) => (left, right) => this.loosen(level, left, right));
  }

  /** @throws QuadratureError where the tolerance or the budget is not met. */
  value(): number {
    return this.integral(0);
  }

  private integral(level: number): number {
    const places = this.places[level]!;
    places.at.length = 0;
    places.width.length = 0;
    this.ridges.find(level, REACH, OVERLOOKED * this.allowed[level]!, places);
    const mesh = this.meshes[level]!;
    const points = gradedMesh(places, ALWAYS, mesh);
    this.panels[level] = points - 1;
    const integrator = this.integrators[level]!;
    const tolerance = { absolute: this.allowed[level]!, relative: this.tolerance.relative };
    const enter = level === this.last ? undefined : this.enters[level];
    integrator.integrate(this.steps[level]!, mesh, points, tolerance, enter);
    if (level === this.last) this.spend(integrator.evaluations);
    return integrator.value;
  }

  /** Gives every panel its part of the error: on a small one the later coordinates need less accuracy. */
  private loosen(level: number, left: number, right: number): void {
    const nearest = Math.max(left, Math.min(right, 0));
    const mass = (right - left) * weight(nearest);
    this.allowed[level + 1] = this.allowed[level]! * Math.max(1, 0.03 / (this.panels[level]! * mass));
  }

  /** Gives up as soon as what the first lines or planes took says that all of them would take several times too much. */
  private look(): void {
    this.looked++;
    const spent = this.start - this.budget.left;
    if (this.looked >= 8 && (spent / this.looked) * NODES * this.panels[0]! > HOPELESS * this.start) throw outOfReach();
  }

  private spend(evaluations: number): void {
    this.budget.left -= evaluations * this.mixture.count;
    if (this.budget.left < 0) throw outOfReach();
  }
}

function outOfReach(): QuadratureError {
  return new QuadratureError(
    'quadrature: the tolerance of 1e-8 is out of reach here; call estimateKl (with its standard error) or klBounds instead',
  );
}

function weight(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}
