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
