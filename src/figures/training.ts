import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { counted } from '../words';
import { ellipseTrace, numberTrace, type PlanarGaussian } from './ellipse';
import { type Figure, figure } from './figure';
import { COLOURS, lineOf, TEN_COLOURS } from './theme';

/** One quantity over the training steps (or epochs) of one model. */
export interface Curve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * Loss and KL of one or more models while they train or afterwards; the same figure is redrawn as points arrive.
 *
 * The left panel shows `loss`, the negative ELBO per image; the right one `kl`, the KL term per image; both in nats.
 *
 * @example
 * ```ts
 * import { lossCurvesFigure } from 'gmm-vae';
 *
 * const x = [1, 2, 3, 4];
 * lossCurvesFigure({
 *   loss: [{ name: 'N(0, I)', x, y: [160, 130, 120, 115] }, { name: 'K = 10', x, y: [158, 127, 117, 112] }],
 *   kl: [{ name: 'N(0, I)', x, y: [10, 18, 22, 24] }, { name: 'K = 10', x, y: [9, 16, 20, 22] }],
 * });
 * ```
 */
export function lossCurvesFigure({
  loss,
  kl,
}: {
  readonly loss: readonly Curve[];
  readonly kl: readonly Curve[];
}): Figure {
  const draw = (curves: readonly Curve[], axis: '' | '2'): object[] =>
    curves.map((curve, i) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name: curve.name,
      legendgroup: curve.name,
      showlegend: axis === '',
      x: curve.x,
      y: curve.y,
      xaxis: `x${axis}`,
      yaxis: `y${axis}`,
      marker: { size: 5 },
      line: lineOf(i),
    }));
  const last = loss.map((curve) => `${curve.name} ${curve.y.at(-1)?.toFixed(1) ?? 'not started'}`).join(', ');
  return figure({
    data: [...draw(loss, ''), ...draw(kl, '2')],
    layout: {
      xaxis: { domain: [0, 0.46], title: { text: 'epoch' } },
      yaxis: { title: { text: 'loss = −ELBO (nats per image)' } },
      xaxis2: { domain: [0.58, 1], anchor: 'y2', title: { text: 'epoch' } },
      yaxis2: { anchor: 'x2', title: { text: 'KL term (nats per image)' } },
    },
    alt: `Loss (left) and KL term (right) against the epoch, one curve per prior; the last losses in nats per image are: ${last}.`,
    caption: 'Training: the negative ELBO and its KL term.',
  });
}

/**
 * Posterior means of encoded images in a two-dimensional latent space, coloured by label, over the prior's ellipses. An eleventh class has
 * the first one's colour and a marker of its own.
 *
 * @throws InvalidArgumentError where there is no whole number of points, or not a class for each
 *
 * @example
 * ```ts
 * import { GaussianMixture, latentScatterFigure, MultivariateNormal, RandomStream } from 'gmm-vae';
 *
 * const stream = RandomStream.of(1, 'codes');
 * const prior = new GaussianMixture(
 *   [0.5, 0.5],
 *   [MultivariateNormal.diagonal([-2, 0], [0.6, 1]), MultivariateNormal.diagonal([2, 0], [1, 0.6])],
 * );
 * const points = Array.from({ length: 200 }, () => [...prior.sample(stream)]);
 * latentScatterFigure({
 *   points: points.flat(),
 *   labels: points.map(([x = 0]) => (x > 0 ? 1 : 0)),
 *   ellipses: prior.components,
 *   title: 'Two clusters',
 * });
 * ```
 */
export function latentScatterFigure({
  points,
  labels,
  classes: names,
  ellipses,
  title,
}: {
  /** Row-major n×2 posterior means. */
  readonly points: ArrayLike<number>;
  /** n class labels, counted from 0; null where there are none. */
  readonly labels: ArrayLike<number> | null;
  /** Names of the classes, as an image set has them. Default: digits, named by their labels. */
  readonly classes?: readonly string[] | undefined;
  /** The prior's components; one for a standard normal. */
  readonly ellipses: readonly PlanarGaussian[];
  readonly title: string;
}): Figure {
  checkScatter(points, labels, names);
  const rows = Array.from({ length: points.length / 2 }, (_, i) => ({
    label: labels ? nth(labels, i) : 0,
    x: nth(points, 2 * i),
    y: nth(points, 2 * i + 1),
  }));
  const colours = names ? 'class' : 'digit';
  const nameOf = (label: number): string => (labels ? (names ? nth(names, label) : String(label)) : 'mean of q(z|x)');
  const classes = [...new Set(rows.map((row) => row.label))].sort((a, b) => a - b);
  return figure({
    data: [
      ...classes.map((label) => ({
        type: 'scatter',
        mode: 'markers',
        name: nameOf(label),
        x: rows.filter((row) => row.label === label).map((row) => row.x),
        y: rows.filter((row) => row.label === label).map((row) => row.y),
        marker: { size: 4, opacity: 0.9, ...markerOf(label) },
      })),
      ...ellipses.map((ellipse, k) => ellipseTrace(ellipse, { name: `component ${k + 1}`, colour: COLOURS.grey })),
      ...(ellipses.length > 1 ? [numberTrace(ellipses)] : []),
    ],
    layout: {
      height: 560,
      title: { text: title },
      xaxis: { title: { text: 'z₁' }, constrain: 'domain' },
      yaxis: { title: { text: 'z₂' }, scaleanchor: 'x', constrain: 'domain' },
      legend: {
        orientation: 'v',
        x: 1.02,
        y: 1,
        xanchor: 'left',
        yanchor: 'top',
        title: { text: labels ? colours : '' },
        itemsizing: 'constant',
      },
    },
    alt: `${title}: the posterior means of ${rows.length} images in the plane,${labels ? ` coloured by their ${colours},` : ''} over the two-standard-deviation ellipses of the prior's ${counted(ellipses.length, 'component')}.`,
    caption: `${title}. Dots: means of q(z|x)${labels ? `, coloured by ${colours}` : ''}. Ellipses: two standard deviations of each numbered component of the prior.`,
  });
}

const SYMBOLS = ['circle', 'square', 'diamond', 'cross', 'x', 'triangle-up'] as const;

function markerOf(label: number): object {
  const round = Math.floor(label / TEN_COLOURS.length);
  return {
    color: TEN_COLOURS[label % TEN_COLOURS.length],
    ...(round > 0 && { symbol: SYMBOLS[round % SYMBOLS.length] }),
  };
}

function checkScatter(
  points: ArrayLike<number>,
  labels: ArrayLike<number> | null,
  classes: readonly string[] | undefined,
): void {
  if (points.length % 2 !== 0)
    throw new InvalidArgumentError('points', `expected two numbers for each image, got ${points.length}`);
  if (labels === null) return;
  if (labels.length !== points.length / 2)
    throw new InvalidArgumentError('labels', `expected ${points.length / 2}, one for each image, got ${labels.length}`);
  const most = classes === undefined ? '' : ` below ${classes.length}, the number of classes`;
  for (const [i, label] of Array.from(labels).entries()) {
    if (!Number.isInteger(label) || label < 0 || (classes !== undefined && label >= classes.length))
      throw new InvalidArgumentError(`labels[${i}]`, `expected an integer ≥ 0${most}, got ${label}`);
  }
}
