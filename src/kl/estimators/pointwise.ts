import { expm1MinusX } from '../../math/elementary';
import type { RandomStream } from '../../math/random';
import { type KlProblem, logRatioAt, Placement, uniformsPerDraw } from './problem';
import { averageRun, type Run } from './run';

/** The estimators that average one number per draw z ~ q, or one per pair of mirrored draws. */

/** Equation (11): ln q(z)/p(z). */
export function plain(problem: KlProblem, stream: RandomStream): Run {
  return perDraw(problem, stream, (z) => logRatioAt(problem, z));
}

/** −H(q) − ln p(z). */
export function analyticEntropy(problem: KlProblem, stream: RandomStream): Run {
  const entropy = problem.q.entropy();
  return perDraw(problem, stream, (z) => -problem.p.logProbAt(z, 0) - entropy);
}

/** ½(ln p(z)/q(z))²: its mean is ½(KL² + Var ln q/p), which is not the divergence. */
export function k2(problem: KlProblem, stream: RandomStream): Run {
  return perDraw(problem, stream, (z) => 0.5 * logRatioAt(problem, z) ** 2);
}

/** p(z)/q(z) − 1 − ln p(z)/q(z), which is never negative. */
export function k3(problem: KlProblem, stream: RandomStream): Run {
  return perDraw(problem, stream, (z) => expm1MinusX(-logRatioAt(problem, z)));
}

function perDraw(problem: KlProblem, stream: RandomStream, term: (z: Float64Array) => number): Run {
  const { q } = problem;
  const z = new Float64Array(q.dimension);
  return averageRun({
    stream,
    uniforms: uniformsPerDraw(q),
    term: () => {
      q.sampleInto(stream, z, 0);
      return term(z);
    },
  });
}

/** ½[f(μ + L·ε) + f(μ − L·ε)], f = ln q/p, the pair within one component of q. */
export function antithetic(problem: KlProblem, stream: RandomStream): Run {
  const placement = new Placement(problem.qs);
  const epsilon = new Float64Array(placement.dimension);
  const z = new Float64Array(placement.dimension);
  const mixed = problem.qs.components.length > 1;
  return averageRun({
    stream,
    uniforms: placement.inputs,
    step: 2,
    term: () => {
      const i = mixed ? placement.component(stream.uniform()) : 0;
      stream.fillNormal(epsilon);
      placement.place(i, epsilon, 1, z);
      const there = logRatioAt(problem, z);
      placement.place(i, epsilon, -1, z);
      return 0.5 * (there + logRatioAt(problem, z));
    },
  });
}
