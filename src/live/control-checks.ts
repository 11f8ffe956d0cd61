import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';

export interface Labelled {
  /** What stands beside the control; default: its name. */
  readonly label?: string;
}

export function labelOf({ label }: Labelled): Labelled {
  if (label !== undefined && typeof label !== 'string')
    throw new InvalidArgumentError('label', `expected a string, got ${shown(label)}`);
  return label === undefined ? {} : { label };
}

export function checkRange(min: number, max: number): void {
  if (!Number.isFinite(min)) throw new InvalidArgumentError('min', `expected a finite number, got ${shown(min)}`);
  if (!(max > min && max < Infinity))
    throw new InvalidArgumentError('max', `expected a finite number above ${min}, got ${shown(max)}`);
}

export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity))
    throw new InvalidArgumentError(name, `expected a finite number > 0, got ${shown(value)}`);
}

/** A control that no step moves would stand still. */
export function checkStep(step: number, min: number, max: number): void {
  checkPositive('step', step);
  if (step > max - min)
    throw new InvalidArgumentError('step', `expected at most ${max - min}, the whole range, got ${step}`);
}

export function checkWithin(value: number, min: number, max: number): void {
  if (!(value >= min && value <= max))
    throw new InvalidArgumentError('value', `expected a number from ${min} to ${max}, got ${shown(value)}`);
}

/** Decimals that a reader follows. */
const MOST_DECIMALS = 8;

/** The decimals that show a slider's step and the places that its steps start from as they are; of a third, two more than its first. */
export function decimalsOf(step: number, from: readonly number[]): number {
  const isShown = (value: number, decimals: number): boolean =>
    Math.abs(Number(value.toFixed(decimals)) - value) <= 1e-9 * Math.max(step, Math.abs(value));
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    if ([step, ...from].every((value) => isShown(value, decimals))) return decimals;
  }
  return Math.min(MOST_DECIMALS, Math.max(2, Math.ceil(-Math.log10(step)) + 2));
}
