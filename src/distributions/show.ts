import { escapeHtml, type MimeBundle } from '../display';
import { nth } from '../nth';
import { counted } from '../words';
import type { GaussianMixture } from './gaussian-mixture';
import type { Gaussian } from './multivariate-normal';

type Shown = Gaussian | GaussianMixture;

const NAMES: Readonly<Record<Shown['kind'], string>> = {
  normal: 'normal distribution',
  diagonal: 'normal distribution, diagonal covariance',
  full: 'normal distribution, full covariance',
  mixture: 'Gaussian mixture',
};

/** More components, and more coordinates of each, are counted instead of shown. */
const SHOWN_ROWS = 20;
const SHOWN_COORDINATES = 6;

/** A table with a row per component: its weight π, its mean μ and its standard deviations σ; a full Σ adds its correlations. */
export function distributionBundle(distribution: Shown): MimeBundle {
  const title = titleOf(distribution);
  const mixture = distribution.kind === 'mixture' ? distribution : null;
  const components = distribution.kind === 'mixture' ? distribution.components : [distribution];
  const isFull = components.some(({ kind }) => kind === 'full');
  const columns = [...(mixture ? ['π'] : []), 'μ', 'σ', ...(isFull ? ['correlations'] : [])];
  const rows = components.slice(0, SHOWN_ROWS).map((component, i) => {
    const weight = mixture?.weights[i];
    const deviations = standardDeviations(component);
    return [
      ...(weight === undefined ? [] : [rounded(weight)]),
      vector(component.meanVector()),
      vector(deviations),
      ...(isFull ? [vector(correlations(component, deviations))] : []),
    ];
  });
  const rest = components.length - rows.length;
  const caption = rest > 0 ? `${title}; ${rest} more of them` : title;
  return { 'text/html': toHtml(caption, columns, rows), 'text/plain': toText(caption, columns, rows) };
}

function titleOf(distribution: Shown): string {
  const { kind, dimension } = distribution;
  const components = kind === 'mixture' ? distribution.components : null;
  const of = components ? `, ${counted(components.length, 'component')}` : '';
  return `${NAMES[kind]}${of}, ${counted(dimension, 'dimension')}`;
}

function standardDeviations(component: Gaussian): number[] {
  // Not by way of their squares, which may be beyond every float.
  if (component.kind === 'normal') return [component.stddev];
  if (component.kind === 'diagonal') return [...component.stddev];
  const covariance = component.covarianceMatrix();
  const d = component.dimension;
  return Array.from({ length: d }, (_, i) => Math.sqrt(covariance[i * d + i] ?? NaN));
}

/** Σ_ij / (σ_i σ_j) for i < j, row by row. */
function correlations(component: Gaussian, deviations: readonly number[]): number[] {
  const covariance = component.covarianceMatrix();
  const d = component.dimension;
  return deviations.flatMap((a, i) =>
    deviations.slice(i + 1).map((b, j) => (covariance[i * d + i + 1 + j] ?? NaN) / (a * b)),
  );
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function vector(values: ArrayLike<number>): string {
  if (values.length === 1) return rounded(values[0] ?? NaN);
  const shown = Array.from(values).slice(0, SHOWN_COORDINATES).map(rounded);
  return `(${shown.join(', ')}${values.length > SHOWN_COORDINATES ? ', …' : ''})`;
}

function toHtml(caption: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`).join('');
  return `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

function toText(caption: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, c) => Math.max(...lines.map((line) => (line[c] ?? '').length)));
  const padded = lines.map((line) =>
    line
      .map((text, c) => text.padEnd(nth(widths, c)))
      .join('  ')
      .trimEnd(),
  );
  return [caption, ...padded].join('\n');
}
