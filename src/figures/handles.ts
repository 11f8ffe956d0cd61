import { InvalidArgumentError } from '../errors';

/**
 * Where a handle stands on one axis, and the slider of `interact` that it moves along it.
 *
 * @example
 * ```ts
 * import type { HandleAxis } from 'gmm-vae';
 *
 * // A dot at 0.5 that moves the slider `mean` sideways.
 * const axis: HandleAxis = { control: 'mean', at: 0.5 };
 * axis.control; // 'mean'
 * ```
 */
export interface HandleAxis {
  /** The slider's name. */
  readonly control: string;
  /** Place in the figure's own coordinates. */
  readonly at: number;
  /** The weight of a normal whose peak the handle is: its height then sets the slider to σ = weight/(height·√2π). */
  readonly peak?: number;
}

/**
 * A dot in a live figure that a reader drags, or clicks: it moves sliders of its cell. A number is a place that it keeps.
 *
 * @example
 * ```ts
 * import { type Handle, interact, slider } from 'gmm-vae';
 *
 * interact({ mean: slider(-3, 3) }, ({ mean }) => {
 *   const handle: Handle = { label: 'the mean', x: { control: 'mean', at: mean }, y: 0 };
 *   return handle.label;
 * }).close();
 * ```
 */
export interface Handle {
  /** What is moved, for readers who cannot see it: `component 2`. */
  readonly label: string;
  readonly colour?: string;
  readonly x: HandleAxis | number;
  readonly y: HandleAxis | number;
  /** Sliders with the values that a click gives them; such a handle stays where it is. */
  readonly sets?: Readonly<Record<string, number>>;
}

/**
 * The sliders that a normal's handle moves.
 *
 * @example
 * ```ts
 * import type { NormalControls } from 'gmm-vae';
 *
 * const controls: NormalControls = { mean: 'mean', stddev: 'stddev' };
 * Object.values(controls); // ['mean', 'stddev']
 * ```
 */
export interface NormalControls {
  readonly mean: string;
  readonly stddev: string;
}

/** The handle at the peak of a normal: sideways moves its mean, up and down its width. */
export function peakHandle(
  normal: object,
  {
    label,
    colour,
    weight = 1,
    controls,
  }: { label: string; colour?: string; weight?: number; controls: NormalControls },
): Handle {
  const { mean, stddev } = normal as { readonly mean?: unknown; readonly stddev?: unknown };
  if (typeof mean !== 'number' || typeof stddev !== 'number')
    throw new InvalidArgumentError('drag', `expected ${label} to be a Normal, whose mean and stddev are numbers`);
  const height = weight / (stddev * Math.sqrt(2 * Math.PI));
  return {
    label,
    ...(colour !== undefined && { colour }),
    x: { control: controls.mean, at: mean },
    y: { control: controls.stddev, at: height, peak: weight },
  };
}
