import { InvalidArgumentError } from '../errors';
import { linspace } from '../math/grid';
import { nth } from '../nth';
import { fixed } from '../words';
import { type Figure, figure } from './figure';
import type { HasLogProb } from './integrand';
import { COLOURS } from './theme';

const POINTS = 201;
/** The step of central differences for the slope of ln p, in units of z. */
const STEP = 1e-4;

/**
 * The two ways to differentiate E_q[f(Z)] in μ, draw by draw: let the draw move along −ln p, whose slope it feels, or let the density
 * move, and weight f = ln q/p with the score ε/σ.
 *
 * @param noise ε of the draws z = μ + σε
 * @throws InvalidArgumentError where there are no draws
 *
 * @example
 * ```ts
 * import { Normal, RandomStream, twoGradientsFigure } from 'gmm-vae';
 *
 * const stream = RandomStream.of(1, 'noise');
 * const noise = Array.from({ length: 8 }, () => stream.normal());
 * twoGradientsFigure({ q: new Normal(1, 0.6), p: new Normal(0, 1), noise });
 * ```
 */
export function twoGradientsFigure({
  q,
  p,
  noise,
}: {
  readonly q: HasLogProb & { readonly mean: number; readonly stddev: number };
  readonly p: HasLogProb;
  readonly noise: readonly number[];
}): Figure {
  if (noise.length === 0) throw new InvalidArgumentError('noise', 'expected at least one draw, got none');
  const { mean: mu, stddev: sigma } = q;
  const draws = noise.map((epsilon) => mu + sigma * epsilon);
  const height = (z: number): number => -p.logProb(z);
  const slopes = draws.map((z) => (height(z + STEP) - height(z - STEP)) / (2 * STEP));
  const weighted = draws.map((z, i) => ((q.logProb(z) - p.logProb(z)) * nth(noise, i)) / sigma);
  const z = linspace(mu - 3.2 * sigma, mu + 3.2 * sigma, POINTS);
  const half = 0.22 * sigma;
  return figure({
    data: [
      { type: 'scatter', name: '−ln p(z)', x: z, y: z.map(height), line: { color: COLOURS.grey } },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'slope that a draw feels',
        x: draws.flatMap((at) => [at - half, at + half, null]),
        y: draws.flatMap((at, i) => [height(at) - half * nth(slopes, i), height(at) + half * nth(slopes, i), null]),
        line: { color: COLOURS.blue, width: 4 },
      },
      {
        type: 'bar',
        name: 'f(z)·ε/σ, one bar a draw',
        x: draws,
        y: weighted,
        width: 0.09 * sigma,
        xaxis: 'x2',
        yaxis: 'y2',
        marker: { color: COLOURS.vermilion },
      },
    ],
    layout: {
      height: 420,
      xaxis: { domain: [0, 0.45], title: { text: 'z: the draw moves' } },
      yaxis: { title: { text: '−ln p(z)' } },
      xaxis2: { domain: [0.56, 1], anchor: 'y2', title: { text: 'z: the density moves' }, range: [z[0], z.at(-1)] },
      yaxis2: { anchor: 'x2', title: { text: 'f(z)·ε/σ' } },
    },
    alt: `Two panels with the same ${draws.length} draws from q. In one each draw has the slope of −ln p where it lies, from ${fixed(Math.min(...slopes), 1)} to ${fixed(Math.max(...slopes), 1)}. In the other each draw has its log-ratio times its score as a bar, from ${fixed(Math.min(...weighted), 1)} to ${fixed(Math.max(...weighted), 1)}. Both have the derivative of the KL divergence in μ as their mean, up to chance.`,
    caption:
      'The same draws, two gradients. Slopes and bars have the same mean, ∂KL/∂μ; the bars are small for most draws and large for a few.',
  });
}
