import { ellipseTrace, type PlanarGaussian } from './ellipse';
import { type Figure, figure } from './figure';
import { COLOURS, COLOURWAY } from './theme';

/** One quantity over the training steps (or epochs) of one model. */
export interface Curve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/**
 * Loss and KL of one or more models while they train or afterwards; the same figure is redrawn as points arrive.
 *
 * @param loss negative ELBO per image in nats, upper panel
 * @param kl KL term per image in nats, lower panel
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
      line: { color: COLOURWAY[i % COLOURWAY.length] },
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

/** Posterior means of encoded images in a two-dimensional latent space, coloured by label, over the prior's ellipses. */
export function latentScatterFigure({
  points,
  labels,
  ellipses,
  title,
}: {
  /** Row-major n×2 posterior means. */
  readonly points: ArrayLike<number>;
  /** n class labels, counted from 0. */
  readonly labels: ArrayLike<number>;
  /** The prior's components; one for a standard normal. */
  readonly ellipses: readonly PlanarGaussian[];
  readonly title: string;
}): Figure {
  const rows = Array.from(labels, (label, i) => ({ label, x: points[2 * i]!, y: points[2 * i + 1]! }));
  const classes = [...new Set(rows.map((row) => row.label))].sort((a, b) => a - b);
  return figure({
    data: [
      ...classes.map((label) => ({
        type: 'scatter',
        mode: 'markers',
        name: String(label),
        x: rows.filter((row) => row.label === label).map((row) => row.x),
        y: rows.filter((row) => row.label === label).map((row) => row.y),
        marker: { size: 4, opacity: 0.75, color: CLASS_COLOURS[label % CLASS_COLOURS.length] },
      })),
      ...ellipses.map((ellipse, k) => ellipseTrace(ellipse, { name: `component ${k + 1}`, colour: COLOURS.grey })),
    ],
    layout: {
      height: 560,
      title: { text: title },
      xaxis: { title: { text: 'z₁' }, constrain: 'domain' },
      yaxis: { title: { text: 'z₂' }, scaleanchor: 'x' },
      legend: {
        orientation: 'v',
        x: 1.02,
        y: 1,
        xanchor: 'left',
        yanchor: 'top',
        title: { text: 'digit' },
        itemsizing: 'constant',
      },
    },
    alt: `${title}: the posterior means of ${rows.length} images in the plane, coloured by their digit, over the two-standard-deviation ellipses of the prior's ${ellipses.length} component${ellipses.length === 1 ? '' : 's'}.`,
    caption: `${title}. Ellipses: two standard deviations of each prior component.`,
  });
}

/** Ten classes told apart: the house colours, then two more in the gaps they leave. */
const CLASS_COLOURS: readonly string[] = [...COLOURWAY, '#6b4a2f', '#5a6fd8'];
