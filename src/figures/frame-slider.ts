import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';

export interface FrameSliderSpec {
  /** What is dragged, with its symbol: `σ`. */
  readonly label: string;
  readonly values: readonly (number | string)[];
  /** The traces drawn at one value; every value draws the same number of traces. */
  readonly traces: (value: number | string, index: number) => readonly object[];
  /** Traces drawn at every value. */
  readonly fixed?: readonly object[];
  /** Index of the value shown first; default the middle one. */
  readonly start?: number;
  /** Layout attributes that follow the value, in plotly's dotted form: `{'title.text': 'σ = 2'}`. */
  readonly relayout?: (value: number | string, index: number) => object;
}

/**
 * Data and layout parts of a figure with one slider: the traces of all values are in the figure and a step shows its own.
 * Spread the parts into a spec: `figure({ data: s.data, layout: { ...s.layout, … }, alt })`.
 *
 * @example
 * ```ts
 * import { figure, frameSlider, linspace, Normal } from 'gmm-vae';
 *
 * const x = linspace(-3, 3, 61);
 * const { data, layout } = frameSlider({
 *   label: 'σ',
 *   values: [0.5, 1, 2],
 *   traces: (stddev) => [
 *     { type: 'scatter', mode: 'lines', x, y: x.map((z) => Math.exp(new Normal(0, Number(stddev)).logProb(z))) },
 *   ],
 * });
 * figure({ data, layout, alt: 'Normal densities of three widths.' });
 * ```
 */
export function frameSlider(spec: FrameSliderSpec): { readonly data: object[]; readonly layout: object } {
  const { label, values, fixed = [], relayout = () => ({}) } = spec;
  const start = spec.start ?? Math.floor(values.length / 2);
  if (!(start in values))
    throw new InvalidArgumentError('start', `expected an index below ${values.length}, got ${start}`);
  const groups = values.map((value, index) => spec.traces(value, index));
  const width = nth(groups, start).length;
  groups.forEach((group, i) => {
    if (group.length !== width)
      throw new InvalidArgumentError(
        `traces[${i}]`,
        `expected ${width} traces as for the first value shown, got ${group.length}`,
      );
  });
  const visibility = (shown: number): boolean[] => [
    ...fixed.map(() => true),
    ...groups.flatMap((group, i) => group.map(() => i === shown)),
  ];
  const data = [...fixed, ...groups.flatMap((group, i) => group.map((trace) => ({ ...trace, visible: i === start })))];
  const labels = stepLabels(values);
  const steps = values.map((value, i) => ({
    method: 'update',
    label: nth(labels, i),
    args: [{ visible: visibility(i) }, relayout(value, i)],
  }));
  const layout = {
    ...expand(relayout(nth(values, start), start)),
    sliders: [{ active: start, currentvalue: { prefix: `${label} = ` }, pad: { t: 48 }, steps }],
  };
  return { data, layout };
}

/** What is this much smaller than the largest value is zero but for rounding. */
const ROUNDING = 1e-12;

/** `0.3`, not 0.30000000000000004, and `0`, not −1.4e-17, as a step of a grid may be; `−1` with a minus sign. */
export function stepLabels(values: readonly (number | string)[]): readonly string[] {
  const largest = Math.max(...values.map((value) => (typeof value === 'number' ? Math.abs(value) : 0)));
  return values.map((value) => {
    if (typeof value === 'string') return value;
    return Math.abs(value) < ROUNDING * largest ? '0' : String(Number(value.toPrecision(12))).replace(/^-/, '−');
  });
}

/** `{'title.text': t}` → `{title: {text: t}}`: a layout takes the nested form, an update the dotted one. */
function expand(attributes: object): object {
  const nested: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(attributes)) {
    const keys = path.split('.');
    const last = keys.pop() as string;
    let at = nested;
    for (const key of keys) {
      at[key] ??= {};
      at = at[key] as Record<string, unknown>;
    }
    at[last] = value;
  }
  return nested;
}
