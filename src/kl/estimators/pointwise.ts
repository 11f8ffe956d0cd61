import { expm1MinusX } from '../../math/elementary';
import type { RandomStream } from '../../math/random';
import { Draws, type KlProblem, logRatioAt, MixtureSampler, type View } from './problem';
import { averageRun, type EstimatorRun } from './run';

/** The estimators that average one number per draw z ~ q, or one per pair of mirrored draws. */

/** Equation (11): ln q(z)/p(z). */
export function plain(problem: KlProblem, stream: RandomStream): EstimatorRun {
  return perDraw(problem, stream, logRatioAt);
}

/** −H(q) − ln p(z). */
export function analyticEntropy(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const entropy = problem.q.entropy();
  return perDraw(problem, stream, ({ p }, z) => -p.logProbAt(z, 0) - entropy);
}

/** ½(ln p(z)/q(z))²: its mean is ½(KL² + Var ln q/p), which is not the divergence. */
export function k2(problem: KlProblem, stream: RandomStream): EstimatorRun {
  return perDraw(problem, stream, (view, z) => 0.5 * logRatioAt(view, z) ** 2);
}

/** p(z)/q(z) − 1 − ln p(z)/q(z), which is never negative. */
export function k3(problem: KlProblem, stream: RandomStream): EstimatorRun {
  return perDraw(problem, stream, (view, z) => expm1MinusX(-logRatioAt(view, z)));
}

function perDraw(
  problem: KlProblem,
  stream: RandomStream,
  term: (view: View, z: Float64Array) => number,
): EstimatorRun {
  const draws = new Draws(problem, stream);
  return averageRun({
    stream,
    uniforms: draws.uniforms,
    term: () => term(problem.from(draws.next()), draws.z),
  });
}

/** ½[f(μ + L·ε) + f(μ − L·ε)], f = ln q/p, the pair within one component of q. */
export function antithetic(problem: KlProblem, stream: RandomStream): EstimatorRun {
  const mixtureSampler = new MixtureSampler(problem.qs);
  const epsilon = new Float64Array(mixtureSampler.dimension);
  const z = new Float64Array(mixtureSampler.dimension);
  const mixed = problem.qs.components.length > 1;
  return averageRun({
    stream,
    uniforms: mixtureSampler.inputs,
    step: 2,
    term: () => {
      const i = mixed ? mixtureSampler.component(stream.uniform()) : 0;
      stream.fillNormal(epsilon);
      const view = problem.from(i);
      mixtureSampler.place(i, epsilon, 1, z);
      const there = logRatioAt(view, z);
      mixtureSampler.place(i, epsilon, -1, z);
      return 0.5 * (there + logRatioAt(view, z));
    },
  });
}
