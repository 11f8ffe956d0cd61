import { expm1MinusX } from '../../math/elementary';
import type { RandomStream } from '../../math/random';
import { type KlProblem, logRatioAt, Placement } from './problem';
import { AverageRun, type Run } from './run';

/** The estimators that average one number per draw z ~ q, or one per pair of mirrored draws. */

/** Equation (11): ln q(z)/p(z). */
export function plain(problem: KlProblem, stream: RandomStream): Run {
  const { draw, z } = drawing(problem, stream);
  return new AverageRun(1, () => {
    draw();
    return logRatioAt(problem, z);
  });
}

/** −H(q) − ln p(z). */
export function analyticEntropy(problem: KlProblem, stream: RandomStream): Run {
  const { draw, z } = drawing(problem, stream);
  const entropy = problem.q.entropy();
  return new AverageRun(1, () => {
    draw();
    return -problem.p.logProbAt(z, 0) - entropy;
  });
}

/** ½(ln p(z)/q(z))²: its mean is ½(KL² + Var ln q/p), which is not the divergence. */
export function k2(problem: KlProblem, stream: RandomStream): Run {
  const { draw, z } = drawing(problem, stream);
  return new AverageRun(1, () => {
    draw();
    return 0.5 * logRatioAt(problem, z) ** 2;
  });
}

/** p(z)/q(z) − 1 − ln p(z)/q(z), which is never negative. */
export function k3(problem: KlProblem, stream: RandomStream): Run {
  const { draw, z } = drawing(problem, stream);
  return new AverageRun(1, () => {
    draw();
    return expm1MinusX(-logRatioAt(problem, z));
  });
}

/** ½[f(μ + L·ε) + f(μ − L·ε)], f = ln q/p, the pair within one component of q. */
export function antithetic(problem: KlProblem, stream: RandomStream): Run {
  const placement = new Placement(problem.qs);
  const epsilon = new Float64Array(placement.dimension);
  const z = new Float64Array(placement.dimension);
  const mixed = problem.qs.components.length > 1;
  return new AverageRun(2, () => {
    const i = mixed ? placement.component(stream.uniform()) : 0;
    stream.fillNormal(epsilon);
    placement.place(i, epsilon, 1, z);
    const there = logRatioAt(problem, z);
    placement.place(i, epsilon, -1, z);
    return 0.5 * (there + logRatioAt(problem, z));
  });
}

function drawing({ q }: KlProblem, stream: RandomStream): { readonly draw: () => void; readonly z: Float64Array } {
  const z = new Float64Array(q.dimension);
  return { z, draw: () => q.sampleInto(stream, z, 0) };
}
