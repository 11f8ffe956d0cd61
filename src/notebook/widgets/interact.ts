import { randomUUID } from 'node:crypto';
import { type Displayable, escapeHtml, type MimeBundle, display as shownBy } from '../../display';
import { InvalidArgumentError } from '../../errors';
import { type ControlSpec, type Controls, type ControlValues, canStandAt } from '../../live/controls';
import { LIVE_MIME, type LiveCellData } from '../../live/program';
import { mimeBundle } from '../display';
import { type CallbackError, type NotebookHost, notebookHost } from '../host';
import { framesOf } from './frames';
import { handleSliders } from './handle-sliders';
import { modelOf, reference, VIEW_MIME } from './models';
import { OpenedWidgets } from './opened';
import type { Widget, WidgetState } from './widget';

/** More than this would make a page slow to open. */
const LARGEST_PROGRAM = 2e6;

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
  const names = Object.keys(controls);
  if (names.length === 0) throw new InvalidArgumentError('controls', 'expected at least one control, got none');
  for (const name of names)
    if (typeof controls[name]?.spec !== 'object')
      throw new InvalidArgumentError(
        `controls.${name}`,
        'expected what slider, select, checkbox, play, text or button returns',
      );
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
      for (const [name, value] of Object.entries(changes)) {
        const control = Object.hasOwn(controls, name) ? controls[name] : undefined;
        if (!control || !canStandAt(control.spec, value))
          throw new InvalidArgumentError(
            `values.${name}`,
            `${JSON.stringify(value)} is not what this control can stand at`,
          );
      }
      Object.assign(values, changes);
      live?.follow(changes as Readonly<Record<string, unknown>>);
    },
    close: () => live?.close(),
    // It has shown itself already, above whatever its cell ends with.
    [shownBy]: () => ({}),
  };
}

/** The widgets of one `interact`, and what is shown below them. */
class LiveCell {
  readonly #widgets: OpenedWidgets;
  readonly #controls = new Map<string, { readonly widget: Widget; readonly write: (value: unknown) => WidgetState }>();
  readonly #message: Widget;
  readonly #box: Widget;
  readonly #displayId = randomUUID();
  /** Counts computations: one that ends after a later one has begun is not shown. */
  #newest = 0;
  #hasShown = false;
  readonly #callback = { run: () => this.#compute(), failed: (error: CallbackError) => this.#fail(error) };

  constructor(
    private readonly host: NotebookHost,
    private readonly controls: Controls,
    private readonly show: (values: unknown) => unknown,
    private readonly values: Record<string, unknown>,
  ) {
    this.#widgets = new OpenedWidgets(host.comms);
    const drawn = Object.entries(controls).map(([name, { spec }]) => this.#controlOf(name, spec));
    const message = { value: '', placeholder: '', description: '' };
    this.#message = this.#widgets.open('HTML', 'HTMLStyle', message, { layout: { width: 'auto' } });
    this.#box = this.#widgets.open('VBox', null, {
      children: [...drawn, this.#message].map(reference),
      box_style: '',
    });
  }

  /** Shows the controls and what the first call has returned. */
  begin(first: unknown): void {
    const view = { version_major: 2, version_minor: 0, model_id: this.#box.id };
    const words = Object.entries(this.values).map(([name, value]) => `${name} = ${String(value)}`);
    const displayId = randomUUID();
    const display = (page: LiveCellData, update: boolean): void =>
      this.host.display(
        { [VIEW_MIME]: view, [LIVE_MIME]: page, 'text/plain': words.join(', ') },
        { displayId, update },
      );
    const page = this.#page();
    display(page, false);
    this.#newest += 1;
    const shown = this.#showWhenThere(first);
    if (!this.host.isUnattended) return;
    // Nobody waits for the cell: what is to be saved is complete once it has ended.
    const complete = async (): Promise<void> => {
      await Promise.resolve(shown).catch(() => {});
      if (page.reason !== undefined) display(await this.#framed(page.controls, page.reason), true);
    };
    this.host.comms.schedule({ run: complete, failed: (error) => this.#fail(error) });
  }

  /** What a report needs to compute by itself, or why it cannot. */
  #page(): LiveCellData {
    const specs = Object.fromEntries(Object.entries(this.controls).map(([name, { spec }]) => [name, spec]));
    const carried = this.host.carry(this.show as (...args: never) => unknown);
    if ('reason' in carried) return { controls: specs, reason: carried.reason };
    const size = JSON.stringify(carried).length;
    if (size <= LARGEST_PROGRAM) return { controls: specs, program: carried };
    return { controls: specs, reason: `what it takes along is ${(size / 1e6).toFixed(1)} MB, more than 2 MB` };
  }

  /** A page that cannot compute shows frames. They are computed where nobody waits for the cell: when it is run for a report. */
  async #framed(controls: LiveCellData['controls'], reason: string): Promise<LiveCellData> {
    const { show, values } = this;
    const frames = await framesOf(controls, { show, values, describe: this.host.comms.describe });
    if (typeof frames === 'string') return { controls, reason: `${reason}; there are no frames either: ${frames}` };
    return { controls, reason, frames };
  }

  /** Moves the widgets to values that code has set, and computes. */
  follow(changes: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(changes)) {
      const control = this.#controls.get(name);
      control?.widget.set(control.write(value));
    }
    this.host.comms.schedule(this.#callback);
  }

  close(): void {
    this.#newest += 1;
    this.#widgets.close();
  }

  #controlOf(name: string, spec: ControlSpec): Widget {
    const description = spec.label ?? name;
    const { name: model, style, state, read, write } = modelOf(spec);
    const events = {
      onState: (given: WidgetState): WidgetState | undefined => {
        const touched = Object.keys(write(this.values[name])).some((key) => key in given);
        if (!touched) return undefined;
        const value = read(given);
        if (value === undefined) return write(this.values[name]);
        if (value !== this.values[name]) this.#move(name, value);
        return undefined;
      },
      onCustom: (content: unknown): void => {
        const isClick = spec.kind === 'button' && (content as { event?: unknown } | null)?.event === 'click';
        if (isClick) this.#move(name, Number(this.values[name]) + 1);
      },
    };
    const words = { description, description_allow_html: false, disabled: false };
    const first = { ...state, ...write(spec.value), ...words };
    const widget = this.#widgets.open(model, style, first, { events, layout: { width: 'auto' } });
    this.#controls.set(name, { widget, write });
    return widget;
  }

  #move(name: string, value: unknown): void {
    this.values[name] = value;
    this.host.comms.schedule(this.#callback);
  }

  #compute(): unknown {
    this.#newest += 1;
    return this.#showWhenThere(this.show({ ...this.values }));
  }

  #showWhenThere(value: unknown): unknown {
    const mine = this.#newest;
    const values = { ...this.values };
    return whenThere(value, (there) => {
      if (mine !== this.#newest) return;
      const bundle = mimeBundle(there);
      const metadata = this.#metadataOf(bundle, values);
      this.host.display(bundle, { displayId: this.#displayId, update: this.#hasShown, metadata });
      this.#hasShown = true;
      this.#message.set({ value: '' });
    });
  }

  /** A saved notebook has nobody who would drag. */
  #metadataOf(bundle: MimeBundle, values: Readonly<Record<string, unknown>>): object {
    if (this.host.isUnattended) return {};
    const idOf = (name: string): string | undefined => this.#controls.get(name)?.widget.id;
    return handleSliders(bundle, { controls: this.controls, values, idOf });
  }

  #fail({ ename, evalue }: CallbackError): void {
    const text = `${ename}: ${evalue}`;
    this.#message.set({ value: `<pre role="alert" style="white-space: pre-wrap">${escapeHtml(text)}</pre>` });
  }
}

/** Uses a value, or what a promise will bring. */
function whenThere(value: unknown, use: (value: unknown) => void): unknown {
  const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === 'function';
  return isPromise ? (value as PromiseLike<unknown>).then(use) : use(value);
}
