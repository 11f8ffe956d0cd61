import { type ControlSpec, onGrid } from './controls';

/** A control with few places: what it can stand at where a page cannot compute. */
export interface Steps {
  readonly name: string;
  readonly positions: readonly (string | number | boolean)[];
  /** Which one it stands at when the page is opened. */
  readonly at: number;
}

/** What a live cell shows at each combination of steps, computed before; the last control's steps follow each other. */
export interface Frames {
  readonly steps: readonly Steps[];
  /** A MIME bundle each, or the error that was thrown there. */
  readonly shown: readonly (Readonly<Record<string, unknown>> | { readonly error: string })[];
}

/** The most pictures for one slider: more look no smoother. */
const MOST_POSITIONS = 25;
/** The fewest: with fewer, a slider is better left where it is. */
const LEAST_POSITIONS = 3;

/**
 * Chooses places for the controls so that there are at most `most` combinations: all choices of selects and checkboxes first, then as many
 * places of every slider as are left. A control for which none are left stays where it is.
 */
export function chooseSteps(specs: Readonly<Record<string, ControlSpec>>, most: number): Steps[] {
  const steps: Steps[] = [];
  let left = most;
  for (const [name, spec] of Object.entries(specs)) {
    const positions = spec.kind === 'select' ? spec.options : spec.kind === 'checkbox' ? [false, true] : [];
    if (positions.length < 2 || positions.length > left) continue;
    steps.push({ name, positions, at: positions.indexOf(spec.value as never) });
    left = Math.floor(left / positions.length);
  }
  const ranges = Object.entries(specs).flatMap(([name, spec]) =>
    spec.kind === 'slider' || spec.kind === 'play' ? [{ name, spec }] : [],
  );
  let each = 0;
  while (ranges.length > 0) {
    each = Math.min(MOST_POSITIONS, Math.floor(left ** (1 / ranges.length) + 1e-9));
    if (each >= LEAST_POSITIONS) break;
    ranges.pop();
  }
  for (const { name, spec } of ranges) {
    const positions = spread(spec, each);
    steps.push({ name, positions, at: positions.indexOf(spec.value) });
  }
  return steps;
}

/** Evenly over the range, on the steps of the slider; the nearest one is where it stands. */
function spread(range: { min: number; max: number; step: number; value: number }, count: number): number[] {
  const { min, max, value } = range;
  const even = Array.from({ length: count }, (_, i) => onGrid(min + (i * (max - min)) / (count - 1), range));
  const distances = even.map((at) => Math.abs(at - value));
  even[distances.indexOf(Math.min(...distances))] = value;
  return [...new Set(even)].sort((a, b) => a - b);
}

/** The values of each combination, in the order of `Frames.shown`. */
export function* combinations(steps: readonly Steps[]): Generator<Record<string, string | number | boolean>> {
  const [first, ...others] = steps;
  if (!first) {
    yield {};
    return;
  }
  for (const position of first.positions)
    for (const rest of combinations(others)) yield { [first.name]: position, ...rest };
}
