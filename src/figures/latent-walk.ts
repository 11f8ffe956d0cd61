import type { GaussianMixture } from '../distributions/gaussian-mixture';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { counted, fixed } from '../words';
import { ellipseTrace, numberTrace, type PlanarGaussian } from './ellipse';
import { type Figure, figure } from './figure';
import type { Handle } from './handles';
import { COLOURS } from './theme';

/**
 * What `latentWalkFigure` draws.
 *
 * @example
 * ```ts
 * import { GaussianMixture, type LatentWalk, latentWalkFigure, MultivariateNormal } from 'gmm-vae';
 *
 * const prior = new GaussianMixture(
 *   [0.5, 0.5],
 *   [MultivariateNormal.diagonal([-1, 0], [0.5, 1]), MultivariateNormal.diagonal([2, 0], [0.5, 0.5])],
 * );
 * const decode = ([x = 0, y = 0]: readonly number[]) => [0, 1, 2, 3].map((pixel) => 1 / (1 + Math.exp(pixel * x - y)));
 * const walk: LatentWalk = { z: [1, 1], decode, prior, from: -4, to: 4, height: 2, width: 2 };
 * latentWalkFigure(walk);
 * ```
 */
export interface LatentWalk {
  /** Where the walk is: a point of the plane. */
  readonly z: readonly [number, number];
  /** A point's image: `height`·`width` intensities in [0, 1], row by row, 1 = ink. */
  readonly decode: (z: readonly number[]) => ArrayLike<number>;
  /** The prior, of two dimensions, whose components are drawn. */
  readonly prior: GaussianMixture;
  /** The ends of both axes. */
  readonly from: number;
  readonly to: number;
  readonly height?: number;
  readonly width?: number;
  /** The sliders of `interact` that a reader moves by dragging the point. */
  readonly drag?: { readonly x: string; readonly y: string };
}

/** Images from a component's mean to the point. */
const STEPS = 8;

/**
 * A walk through a latent plane: the point with its image, and a strip of images on the straight line to it from the mean of the component
 * that is most likely to have made it.
 *
 * @example
 * ```ts
 * import { GaussianMixture, latentWalkFigure, MultivariateNormal } from 'gmm-vae';
 *
 * const prior = new GaussianMixture(
 *   [0.5, 0.5],
 *   [MultivariateNormal.diagonal([-1, 0], [0.5, 1]), MultivariateNormal.diagonal([2, 0], [0.5, 0.5])],
 * );
 * const decode = ([x = 0, y = 0]: readonly number[]) => [0, 1, 2, 3].map((pixel) => 1 / (1 + Math.exp(pixel * x - y)));
 * latentWalkFigure({ z: [1, 1], decode, prior, from: -4, to: 4, height: 2, width: 2 });
 * ```
 */
export function latentWalkFigure(walk: LatentWalk): Figure {
  const { z, decode, prior, from, to, height = 28, width = 28, drag } = walk;
  const components = prior.components as readonly PlanarGaussian[];
  const means = components.map((component) => [...Array.from(component.meanVector())] as [number, number]);
  const shares = prior.responsibilities(z);
  const nearest = shares.indexOf(Math.max(...shares));
  const start = nth(means, nearest);
  const onTheWay = Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    return start.map((at, d) => at + t * (nth(z, d) - at));
  });
  const images = onTheWay.map((at) => rowsOf(decode(at), height, width));
  const strip = Array.from({ length: height }, (_, y) => images.flatMap((rows) => nth(rows, y)));
  const square = { visible: false, constrain: 'domain' };
  const words = `z = (${z.map((at) => fixed(at)).join(', ')}), of component ${nearest + 1}`;
  return figure({
    data: [
      ...components.map((component, k) =>
        ellipseTrace(component, { name: `component ${k + 1}`, colour: COLOURS.grey }),
      ),
      numberTrace(components),
      {
        type: 'scatter',
        mode: 'lines',
        x: [start[0], z[0]],
        y: [start[1], z[1]],
        line: { color: COLOURS.blue, dash: 'dot' },
        showlegend: false,
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: [z[0]],
        y: [z[1]],
        marker: { color: COLOURS.blue, size: 11 },
        showlegend: false,
        hoverinfo: 'skip',
      },
      { ...INK, z: images.at(-1), xaxis: 'x2', yaxis: 'y2' },
      { ...INK, z: strip, xaxis: 'x3', yaxis: 'y3' },
    ],
    layout: {
      title: { text: words },
      height: 540,
      coloraxis: { cmin: 0, cmax: 255, showscale: false },
      margin: { l: 56, r: 16, t: 40, b: 16 },
      xaxis: { domain: [0, 0.56], title: { text: 'z₁' }, constrain: 'domain', range: [from, to] },
      yaxis: { domain: [0.28, 1], title: { text: 'z₂' }, scaleanchor: 'x', constrain: 'domain', range: [from, to] },
      xaxis2: { ...square, domain: [0.62, 1], anchor: 'y2' },
      yaxis2: { ...square, domain: [0.28, 1], anchor: 'x2', autorange: 'reversed', scaleanchor: 'x2' },
      xaxis3: { ...square, domain: [0, 1], anchor: 'y3' },
      yaxis3: { ...square, domain: [0, 0.17], anchor: 'x3', autorange: 'reversed', scaleanchor: 'x3' },
    },
    alt: `The plane of the latent space with the ellipses of the prior's ${counted(components.length, 'component')}, a point in it, ${words}, and the decoded image of the point; below, ${STEPS} images on the line from the component's mean to the point.`,
    caption: 'A point of the latent plane and its image. Below: the way to it from the mean of its component.',
    ...(drag && { handles: handlesOf(z, means, drag) }),
  });
}

/** Ink on paper, in the colours of the template: those of the page, where there is one. */
const INK = { type: 'heatmap', coloraxis: 'coloraxis', hoverinfo: 'skip' };

/** Whole numbers of a byte: a screen shows no more. */
function rowsOf(image: ArrayLike<number>, height: number, width: number): number[][] {
  if (image.length !== height * width)
    throw new InvalidArgumentError(
      'decode',
      `expected an image of ${height}×${width} = ${height * width} numbers, got ${image.length}: give height and width`,
    );
  const odd = Array.from(image).find((value) => !Number.isFinite(value));
  if (odd !== undefined) throw new InvalidArgumentError('decode', `expected intensities from 0 to 1, got ${odd}`);
  const bytes = Array.from(image, (value) => Math.round(255 * value));
  return Array.from({ length: bytes.length / width }, (_, y) => bytes.slice(y * width, (y + 1) * width));
}

/** The point, and the components, which take it to their means. */
function handlesOf(
  [z1, z2]: readonly [number, number],
  means: readonly (readonly [number, number])[],
  { x, y }: { readonly x: string; readonly y: string },
): Handle[] {
  const jumps = means.map((mean, k) => ({
    label: `go to component ${k + 1}`,
    x: mean[0],
    y: mean[1],
    sets: { [x]: mean[0], [y]: mean[1] },
  }));
  return [
    {
      label: 'the point in the latent space',
      colour: COLOURS.blue,
      x: { control: x, at: z1 },
      y: { control: y, at: z2 },
    },
    ...jumps,
  ];
}
