import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { type Displayable, type MimeBundle, display as shown } from '../display';
import { notebookHost } from './host';

function isDisplayable(value: unknown): value is Displayable {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Displayable>)[shown] === 'function';
}

/** The bundle a value shows itself as: its own `Symbol.for('Jupyter.display')`, or what Node would print. */
export function mimeBundle(value: unknown): MimeBundle {
  if (isDisplayable(value)) return value[shown]();
  return { 'text/plain': typeof value === 'string' ? value : inspect(value) };
}

function show(value: unknown, options: { displayId?: string; update?: boolean }): void {
  const host = notebookHost();
  if (host) host.display(mimeBundle(value), options);
  else process.stdout.write(`${String(mimeBundle(value)['text/plain'] ?? inspect(value))}\n`);
}

/**
 * Shows a value below the running cell; outside a notebook, prints its plain text.
 *
 * @example
 * ```ts
 * import { display, table } from 'gmm-vae';
 *
 * display(table([{ prior: 'N(0, I)', 'ln p(x)': -91.5 }]));
 * display('more to come');
 * ```
 */
export function display(value: unknown): void {
  show(value, {});
}

/**
 * An output that later calls replace in place.
 *
 * @example
 * ```ts
 * import { type LiveDisplay, liveDisplay } from 'gmm-vae';
 *
 * const progress: LiveDisplay = liveDisplay('epoch 1');
 * progress.update('epoch 2');
 * ```
 */
export interface LiveDisplay {
  /** Puts `value` where the last one was. */
  update(value: unknown): void;
}

/**
 * Shows a value that later `update`s replace in place: a figure that follows a training run.
 *
 * @example
 * ```ts
 * import { liveDisplay, lossCurvesFigure } from 'gmm-vae';
 *
 * const curve = { name: 'N(0, I)', x: [1], y: [160] };
 * const shown = liveDisplay(lossCurvesFigure({ loss: [curve], kl: [{ ...curve, y: [10] }] }));
 * shown.update('done');
 * ```
 */
export function liveDisplay(value: unknown): LiveDisplay {
  const displayId = randomUUID();
  show(value, { displayId });
  return { update: (next) => show(next, { displayId, update: true }) };
}

/**
 * Removes what the running cell has shown so far; with `wait`, only once something new arrives.
 *
 * @example
 * ```ts
 * import { clearOutput, display } from 'gmm-vae';
 *
 * // In a cell that reports progress: replaces what it has shown so far.
 * clearOutput({ wait: true });
 * display('half done');
 * ```
 */
export function clearOutput(options: { readonly wait?: boolean } = {}): void {
  notebookHost()?.clearOutput(options.wait ?? false);
}

/**
 * Aborted when the user interrupts the running cell; undefined outside a notebook.
 *
 * @example
 * ```ts
 * import { estimateKlInParallel, interruptSignal, Normal } from 'gmm-vae';
 *
 * // Undefined outside a notebook; in a cell, pass it on to what takes long.
 * const signal = interruptSignal();
 * const [q, p] = [new Normal(0, 1), new Normal(1, 1)];
 * const { samples } = await estimateKlInParallel(q, p, { estimator: 'plain', samples: 1000, seed: 1, signal });
 * samples; // 1000
 * ```
 */
export function interruptSignal(): AbortSignal | undefined {
  return notebookHost()?.signal;
}
