import { nth } from '../nth';
import { COLOURS } from './theme';

/** A planar Gaussian to be drawn: its mean and its row-major 2×2 covariance. The distributions of this library are. */
export interface PlanarGaussian {
  meanVector(): ArrayLike<number>;
  covarianceMatrix(): ArrayLike<number>;
}

const POINTS = 64;

/** The outline {mean + scale·L·u : |u| = 1}, L the Cholesky factor of the covariance; scale 2 is two standard deviations. */
export function ellipseTrace(
  gaussian: PlanarGaussian,
  {
    name,
    colour = COLOURS.grey,
    scale = 2,
  }: { readonly name: string; readonly colour?: string; readonly scale?: number },
): object {
  const mean = gaussian.meanVector();
  const covariance = gaussian.covarianceMatrix();
  const l11 = Math.sqrt(nth(covariance, 0));
  const l21 = nth(covariance, 2) / l11;
  const l22 = Math.sqrt(Math.max(0, nth(covariance, 3) - l21 * l21));
  const turn = Array.from({ length: POINTS + 1 }, (_, i) => (2 * Math.PI * i) / POINTS);
  return {
    type: 'scatter',
    name,
    mode: 'lines',
    x: turn.map((a) => nth(mean, 0) + scale * l11 * Math.cos(a)),
    y: turn.map((a) => nth(mean, 1) + scale * (l21 * Math.cos(a) + l22 * Math.sin(a))),
    line: { color: colour, width: 2 },
    showlegend: false,
    hoverinfo: 'name',
  };
}

/** The numbers 1, 2, … at the centres of Gaussians, as rows and tables name them. */
export function numberTrace(gaussians: readonly PlanarGaussian[], colour?: string): object {
  const means = gaussians.map((gaussian) => gaussian.meanVector());
  return {
    type: 'scatter',
    mode: 'text',
    x: means.map((mean) => mean[0]),
    y: means.map((mean) => mean[1]),
    text: means.map((_, k) => `<b>${k + 1}</b>`),
    textfont: { size: 14, ...(colour !== undefined && { color: colour }) },
    showlegend: false,
    hoverinfo: 'skip',
  };
}
