import { type Displayable, display as shownBy } from '../../display';
import { InvalidArgumentError, shown } from '../../errors';
import { type Controls, type ControlValues, canStandAt } from '../../live/controls';
import { mimeBundle } from '../display';
import { notebookHost } from '../host';
import { LiveCell, whenThere } from './live-cell';

/**
 * What `interact` has shown, for code that goes on with it.
 *
 * @example
 * ```ts
 * import { interact, type Interaction, slider } from 'gmm-vae';
 *
 * const shown: Interaction = interact({ mean: slider(-3, 3) }, ({ mean }) => `mean ${mean}`);
 * shown.set({ mean: 2 });
 * shown.values; // { mean: 2 }
 * shown.close();
 * ```
 */
export interface Interaction<C extends Controls = Controls> extends Displayable {
  /** What the controls stand at. */
  readonly values: ControlValues<C>;
  /** Moves controls, as a reader would; the figure follows. @throws InvalidArgumentError for a value that a control cannot stand at */
  set(values: Partial<ControlValues<C>>): void;
  /** Takes the controls away. What was shown last stays. */
  close(): void;
}

/**
 * Shows controls, and below them what `show` makes of their values: a figure, a table, a number, whatever a cell can show. In Jupyter it
 * is computed again when a reader moves a control, in the kernel, between two cells; in a report in the page. Moves that come faster than
 * they are computed count but for the last one.
 * @param controls the name of each control is the name of its value, and its label unless it has one of its own
 * @param show may be asynchronous; an error is shown below the controls, which stay usable. An error at first is the cell's.
 *
 * @example
 * ```ts
 * import { densityFigure, interact, klDivergence, Normal, slider } from 'gmm-vae';
 *
 * interact({ mean: slider(-3, 3), stddev: slider(0.2, 3, { value: 1 }) }, ({ mean, stddev }) => {
 *   const [q, p] = [new Normal(mean, stddev), new Normal(0, 1)];
 *   return densityFigure(q, p, { kl: klDivergence(q, p) });
 * });
 * ```
 */
export function interact<const C extends Controls>(
  controls: C,
  show: (values: ControlValues<C>) => unknown,
): Interaction<C> {
  checkControls(controls);
  if (typeof show !== 'function') throw new InvalidArgumentError('show', `expected a function, got ${shown(show)}`);
  const values = Object.fromEntries(
    Object.entries(controls).map(([name, { spec }]) => [name, spec.value]),
  ) as ControlValues<C>;
  const host = notebookHost();
  const first = show({ ...values });
  const live = host ? new LiveCell(host, controls, show as (values: unknown) => unknown, values) : null;
  if (live) live.begin(first);
  else whenThere(first, (value) => process.stdout.write(`${String(mimeBundle(value)['text/plain'] ?? '')}\n`));
  return {
    get values() {
      return { ...values };
    },
    set(changes) {
      for (const [name, value] of Object.entries(changes)) checkValue(controls, name, value);
      Object.assign(values, changes);
      live?.follow(changes as Readonly<Record<string, unknown>>);
    },
    close: () => live?.close(),
    // It has shown itself already, above whatever its cell ends with.
    [shownBy]: () => ({}),
  };
}

function checkControls(controls: Controls): void {
  if (typeof controls !== 'object' || controls === null)
    throw new InvalidArgumentError('controls', `expected controls by name, got ${shown(controls)}`);
  const names = Object.keys(controls);
  if (names.length === 0) throw new InvalidArgumentError('controls', 'expected at least one control, got none');
  for (const name of names)
    if (typeof controls[name]?.spec !== 'object')
      throw new InvalidArgumentError(
        `controls.${name}`,
        `expected what slider, select, checkbox, play, text or button returns, got ${shown(controls[name])}`,
      );
}

function checkValue(controls: Controls, name: string, value: unknown): void {
  const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
  if (!control) throw new InvalidArgumentError(`values.${name}`, `expected one of ${Object.keys(controls).join(', ')}`);
  if (!canStandAt(control.spec, value))
    throw new InvalidArgumentError(`values.${name}`, `${shown(value)} is not what this control can stand at`);
}
