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

/** Shows a value below the running cell; outside a notebook, prints its plain text. */
export function display(value: unknown): void {
  show(value, {});
}

export interface LiveDisplay {
  /** Puts `value` where the last one was. */
  update(value: unknown): void;
}

/** Shows a value that later `update`s replace in place: a figure that follows a training run. */
export function liveDisplay(value: unknown): LiveDisplay {
  const displayId = randomUUID();
  show(value, { displayId });
  return { update: (next) => show(next, { displayId, update: true }) };
}

/** Removes what the running cell has shown so far; with `wait`, only once something new arrives. */
export function clearOutput(options: { readonly wait?: boolean } = {}): void {
  notebookHost()?.clearOutput(options.wait ?? false);
}

/** Aborted when the user interrupts the running cell; undefined outside a notebook. */
export function interruptSignal(): AbortSignal | undefined {
  return notebookHost()?.signal;
}
