import { GaussianMixture } from '../distributions/gaussian-mixture';
import { type Gaussian, MultivariateNormal } from '../distributions/multivariate-normal';
import { NoClosedFormError } from '../distributions/no-closed-form';
import { Normal } from '../distributions/normal';
import { axisPoints } from '../figures/axis-points';
import { densityFigure } from '../figures/density';
import type { Figure } from '../figures/figure';
import { mixtureContourFigure } from '../figures/mixture';
import { COLOURS } from '../figures/theme';
import { type KlBounds, klBounds } from '../kl/bounds';
import { klDivergence } from '../kl/closed-form';
import { estimateKl } from '../kl/estimate-kl';
import { type EstimatorName, KL_ESTIMATORS } from '../kl/estimators/table';
import { quadratureKl } from '../kl/quadrature';
import { nth } from '../nth';

/** A normal as `gmm-vae kl` reads it. */
interface NormalSpec {
  readonly type: 'normal';
  readonly mean: readonly number[];
  readonly stddev?: readonly number[];
  readonly covariance?: readonly (readonly number[])[];
}

/** What the page stands at: a SPEC of `gmm-vae kl`, with the number of draws and their seed. */
export interface ExploreState {
  readonly q: DistributionSpec;
  readonly p: DistributionSpec;
  readonly draws: number;
  readonly seed: number;
}

type DistributionSpec =
  | NormalSpec
  | { readonly type: 'mixture'; readonly weights: readonly number[]; readonly components: readonly NormalSpec[] };
type Explored = Gaussian | GaussianMixture;

/** What the worker answers, in this order: the figure with what is exact, then the estimators one by one. */
export type ExploreAnswer =
  | { readonly kind: 'figure'; readonly figure: Pick<Figure, 'data' | 'layout'> }
  | { readonly kind: 'exact'; readonly kl: number; readonly by: 'closed form' | 'quadrature' }
  | { readonly kind: 'bounds'; readonly bounds: KlBounds }
  | {
      readonly kind: 'estimate';
      readonly estimator: EstimatorName;
      readonly value: number;
      readonly standardError: number | null;
      readonly evaluations: number;
      /** What must be known to read the numbers, one sentence each. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'failure'; readonly of: 'spec' | 'exact' | 'bounds' | EstimatorName; readonly message: string };

/** Computes everything about q and p, part by part, so that a page can show each as it comes. */
export function* explore(state: ExploreState): Generator<ExploreAnswer> {
  let q: Explored;
  let p: Explored;
  try {
    [q, p] = [distributionOf(state.q), distributionOf(state.p)];
  } catch (error) {
    yield { kind: 'failure', of: 'spec', message: (error as Error).message };
    return;
  }
  yield { kind: 'figure', figure: figureOf(q, p) };
  yield attempt('exact', () => ({ kind: 'exact', ...exactKl(q, p) }));
  yield attempt('bounds', () => ({ kind: 'bounds', bounds: klBounds(q, p) }));
  for (const estimator of KL_ESTIMATORS) {
    yield attempt(estimator, () => {
      const { value, standardError, evaluations, warnings } = estimateKl(q, p, {
        estimator,
        samples: state.draws,
        seed: state.seed,
      });
      return { kind: 'estimate', estimator, value, standardError, evaluations, warnings };
    });
  }
}

function attempt(of: 'exact' | 'bounds' | EstimatorName, compute: () => ExploreAnswer): ExploreAnswer {
  try {
    return compute();
  } catch (error) {
    return { kind: 'failure', of, message: (error as Error).message };
  }
}

function exactKl(q: Explored, p: Explored): { readonly kl: number; readonly by: 'closed form' | 'quadrature' } {
  try {
    return { kl: klDivergence(q, p), by: 'closed form' };
  } catch (error) {
    if (!(error instanceof NoClosedFormError)) throw error;
    return { kl: quadratureKl(q, p), by: 'quadrature' };
  }
}

function distributionOf(spec: DistributionSpec): Explored {
  if (spec.type === 'normal') return normalOf(spec);
  return new GaussianMixture(spec.weights, spec.components.map(normalOf));
}

/** Makes it as `gmm-vae kl` does, so that the numbers are the same to the last digit. */
function normalOf({ mean, stddev, covariance }: NormalSpec): MultivariateNormal {
  return covariance === undefined
    ? MultivariateNormal.diagonal(mean, stddev ?? [])
    : MultivariateNormal.full(mean, covariance);
}

/** Half the width of what is shown: the page's sliders move means from −6 to 6. */
const REACH = 8;
/** Standard deviations beyond a mean of an address that lies farther out. */
const BEYOND = 3;
const POINTS = 161;

function figureOf(q: Explored, p: Explored): Pick<Figure, 'data' | 'layout'> {
  const reach = Math.max(reachOf(q), reachOf(p));
  if (q.dimension === 1) {
    const { data, layout } = densityFigure(onLine(q), onLine(p), { from: -reach, to: reach });
    const parts = [...partsOf(p, COLOURS.grey, reach), ...partsOf(q, COLOURS.blue, reach)];
    return { data: [...data, ...parts], layout };
  }
  const ellipses = (q.kind === 'mixture' ? q.components : [q]) as readonly MultivariateNormal[];
  const mixture = p as GaussianMixture;
  return plain(mixtureContourFigure({ mixture, ellipses, from: -reach, to: reach }));
}

function reachOf(of: Explored): number {
  const normals = (of.kind === 'mixture' ? of.components : [of]) as readonly MultivariateNormal[];
  const ends = normals.flatMap((normal) => {
    const [means, covariance] = [Array.from(normal.meanVector()), normal.covarianceMatrix()];
    return means.map((mean, i) => Math.abs(mean) + BEYOND * Math.sqrt(nth(covariance, i * (means.length + 1))));
  });
  const farthest = normals.flatMap((normal) => Array.from(normal.meanVector(), Math.abs));
  return Math.max(...farthest) > REACH ? Math.ceil(Math.max(...ends)) : REACH;
}

/** The weighted components of a mixture on the line, dotted. */
function partsOf(of: Explored, colour: string, reach: number): object[] {
  if (of.kind !== 'mixture') return [];
  const z = axisPoints([-reach, reach, POINTS], [of]);
  return of.components.map((component, k) => ({
    type: 'scatter',
    x: z,
    y: z.map((at) => nth(of.weights, k) * Math.exp(component.logProb([at]))),
    line: { color: colour, width: 1, dash: 'dot' },
    showlegend: false,
    hoverinfo: 'skip',
  }));
}

const toNormal = (of: MultivariateNormal): Normal =>
  new Normal(nth(of.meanVector(), 0), Math.sqrt(nth(of.covarianceMatrix(), 0)));

/** The same on a line of numbers, where a figure sees how narrow it is. */
const onLine = (of: Explored): Normal | GaussianMixture =>
  of.kind === 'mixture'
    ? new GaussianMixture(of.weights, (of.components as readonly MultivariateNormal[]).map(toNormal))
    : toNormal(of as MultivariateNormal);

const plain = ({ data, layout }: Figure): Pick<Figure, 'data' | 'layout'> => ({ data, layout });

/** What a worker is in a page, as far as this file needs it. */
interface WorkerScope {
  onmessage: ((event: { readonly data: { readonly id: number; readonly state: ExploreState } }) => void) | null;
  postMessage(message: object): void;
}

/** Answers a page; what it asks for last ends what it had asked for before. */
export function serveExplore(scope: WorkerScope, pause: () => Promise<void>): void {
  let newest = 0;
  scope.onmessage = async ({ data: { id, state } }) => {
    newest = id;
    for (const answer of explore(state)) {
      scope.postMessage({ id, answer });
      // Newer moves are read between two parts.
      await pause();
      if (id !== newest) return;
    }
    scope.postMessage({ id, answer: { kind: 'end' } });
  };
}
