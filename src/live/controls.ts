import { shown } from '../distributions/validate';
import { InvalidArgumentError } from '../errors';
import { nth } from '../nth';
import { checkPositive, checkRange, checkStep, checkWithin, type Labelled, labelOf } from './control-checks';

/** What a control is drawn from and what it may stand at; plain JSON. */
export type ControlSpec = { readonly label?: string } & (
  | {
      readonly kind: 'slider';
      readonly min: number;
      readonly max: number;
      readonly step: number;
      readonly value: number;
    }
  | { readonly kind: 'select'; readonly options: readonly (string | number)[]; readonly value: string | number }
  | { readonly kind: 'checkbox'; readonly value: boolean }
  | {
      readonly kind: 'play';
      readonly min: number;
      readonly max: number;
      readonly step: number;
      /** Milliseconds between two steps. */
      readonly interval: number;
      readonly value: number;
    }
  | { readonly kind: 'text'; readonly value: string; readonly placeholder: string }
  | { readonly kind: 'button'; readonly value: number }
);

declare const VALUE: unique symbol;

/**
 * One control of `interact`, and the type of its value.
 *
 * @example
 * ```ts
 * import { type Control, slider } from 'gmm-vae';
 *
 * const width: Control<number> = slider(0.1, 3);
 * width.spec.kind; // 'slider'
 * ```
 */
export interface Control<Value> {
  readonly spec: ControlSpec;
  readonly [VALUE]?: Value;
}

/**
 * Named controls.
 *
 * @example
 * ```ts
 * import { checkbox, type Controls, slider } from 'gmm-vae';
 *
 * const controls: Controls = { mean: slider(-3, 3), wide: checkbox(false) };
 * Object.keys(controls); // ['mean', 'wide']
 * ```
 */
export type Controls = Readonly<Record<string, Control<unknown>>>;

/**
 * The value of each control.
 *
 * @example
 * ```ts
 * import { type ControlValues, select, slider } from 'gmm-vae';
 *
 * const controls = { mean: slider(-3, 3), prior: select(['narrow', 'wide']) };
 * const values: ControlValues<typeof controls> = { mean: 0.5, prior: 'wide' };
 * values.prior; // 'wide'
 * ```
 */
export type ControlValues<C extends Controls> = {
  readonly [Name in keyof C]: C[Name] extends Control<infer Value> ? Value : never;
};

/**
 * A number that is dragged from `min` to `max`.
 * @param options `step`, default the power of ten that makes 50 to 500 steps of the range; `value` at first, default the middle
 * @throws InvalidArgumentError unless min < max, the step is positive and the value lies between the two
 *
 * @example
 * ```ts
 * import { slider } from 'gmm-vae';
 *
 * slider(-3, 3, { step: 0.5, value: 1 }).spec; // { kind: 'slider', min: -3, max: 3, step: 0.5, value: 1 }
 * ```
 */
export function slider(
  min: number,
  max: number,
  options: Labelled & { readonly step?: number; readonly value?: number } = {},
): Control<number> {
  checkRange(min, max);
  const step = options.step ?? 10 ** Math.floor(Math.log10((max - min) / 50));
  checkStep(step, min, max);
  const value = options.value ?? onGrid((min + max) / 2, { min, max, step });
  checkWithin(value, min, max);
  return { spec: { kind: 'slider', min, max, step, value, ...labelOf(options) } };
}

/**
 * One of several words or numbers.
 * @param options `value` at first, default the first one
 * @throws InvalidArgumentError where there is nothing to choose from, or `value` is not one of them
 *
 * @example
 * ```ts
 * import { select } from 'gmm-vae';
 *
 * select(['narrow', 'wide'], { value: 'wide' }).spec; // { kind: 'select', value: 'wide' }
 * ```
 */
export function select<const Option extends string | number>(
  choices: readonly Option[],
  options: Labelled & { readonly value?: NoInfer<Option> } = {},
): Control<Option> {
  if (!Array.isArray(choices)) throw new InvalidArgumentError('choices', `expected an array, got ${shown(choices)}`);
  if (choices.length === 0) throw new InvalidArgumentError('choices', 'expected at least one, got none');
  for (const [i, choice] of choices.entries())
    if (typeof choice !== 'string' && !Number.isFinite(choice))
      throw new InvalidArgumentError(`choices[${i}]`, `expected a word or a finite number, got ${shown(choice)}`);
  const twin = choices.findIndex((choice, i) => choices.indexOf(choice) !== i);
  if (twin >= 0)
    throw new InvalidArgumentError(`choices[${twin}]`, `expected each once, got ${shown(choices[twin])} again`);
  const value = options.value ?? nth(choices, 0);
  if (!choices.includes(value))
    throw new InvalidArgumentError('value', `expected one of ${choices.join(', ')}, got ${shown(value)}`);
  return { spec: { kind: 'select', options: [...choices], value, ...labelOf(options) } };
}

/**
 * Yes or no.
 *
 * @example
 * ```ts
 * import { checkbox } from 'gmm-vae';
 *
 * checkbox(true, { label: 'logarithmic' }).spec; // { kind: 'checkbox', value: true, label: 'logarithmic' }
 * ```
 */
export function checkbox(value = false, options: Labelled = {}): Control<boolean> {
  if (typeof value !== 'boolean')
    throw new InvalidArgumentError('value', `expected true or false, got ${shown(value)}`);
  return { spec: { kind: 'checkbox', value, ...labelOf(options) } };
}

/**
 * Whole steps from `min` to `max` that run by themselves once started: draws one by one, frames of a film.
 * @param options `step`, default 1; `interval` between two steps in milliseconds, default 100; `value` at first, default `min`
 * @throws InvalidArgumentError unless min < max, step and interval are positive and the value lies between the two
 *
 * @example
 * ```ts
 * import { play } from 'gmm-vae';
 *
 * play(1, 100, { interval: 50 }).spec; // { kind: 'play', min: 1, max: 100, step: 1, interval: 50, value: 1 }
 * ```
 */
export function play(
  min: number,
  max: number,
  options: Labelled & { readonly step?: number; readonly interval?: number; readonly value?: number } = {},
): Control<number> {
  checkRange(min, max);
  const { step = 1, interval = 100, value = min } = options;
  checkStep(step, min, max);
  checkPositive('interval', interval);
  checkWithin(value, min, max);
  for (const [name, given] of Object.entries({ min, max, step, value }))
    if (!Number.isInteger(given)) throw new InvalidArgumentError(name, `expected a whole number, got ${shown(given)}`);
  return { spec: { kind: 'play', min, max, step, interval, value, ...labelOf(options) } };
}

/**
 * A line of text.
 *
 * @example
 * ```ts
 * import { text } from 'gmm-vae';
 *
 * text('0.5', { label: 'σ' }).spec; // { kind: 'text', value: '0.5', placeholder: '', label: 'σ' }
 * ```
 */
export function text(value = '', options: Labelled & { readonly placeholder?: string } = {}): Control<string> {
  if (typeof value !== 'string') throw new InvalidArgumentError('value', `expected a string, got ${shown(value)}`);
  return { spec: { kind: 'text', value, placeholder: options.placeholder ?? '', ...labelOf(options) } };
}

/**
 * A button; its value is how often it was pressed.
 *
 * @example
 * ```ts
 * import { button } from 'gmm-vae';
 *
 * const again = button('draw again');
 * again.spec; // { kind: 'button', value: 0, label: 'draw again' }
 * ```
 */
export function button(label: string): Control<number> {
  if (typeof label !== 'string' || label.trim() === '')
    throw new InvalidArgumentError('label', `expected what the button does, got ${shown(label)}`);
  return { spec: { kind: 'button', value: 0, label } };
}

/** Whether a control of this kind can stand at `value`. What comes from a page or a front end is checked by it. */
export function canStandAt(spec: ControlSpec, value: unknown): boolean {
  switch (spec.kind) {
    case 'slider':
    case 'play':
      return typeof value === 'number' && value >= spec.min && value <= spec.max;
    case 'select':
      // A notebook that somebody else has written may have none.
      return Array.isArray(spec.options) && spec.options.includes(value as string);
    case 'checkbox':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string';
    case 'button':
      return Number.isSafeInteger(value) && (value as number) >= 0;
  }
}

/** The nearest value that a slider's steps reach, counted from its minimum. */
export function onGrid(value: number, { min, max, step }: { min: number; max: number; step: number }): number {
  const at = min + Math.round((value - min) / step) * step;
  // 0.1 + 0.2 is to be 0.3 in what is shown and computed: the step's own digits are all there are.
  return Math.min(max, Math.max(min, Number(at.toPrecision(12))));
}
