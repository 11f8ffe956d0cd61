import { randomUUID } from 'node:crypto';
import { escapeHtml, type MimeBundle } from '../../display';
import type { Controls } from '../../live/controls';
import { LIVE_MIME, type LiveCellData } from '../../live/program';
import { mimeBundle } from '../display';
import type { CallbackError, NotebookHost } from '../host';
import { ControlWidgets } from './control-widgets';
import { handleSliders } from './handle-sliders';
import { reference, VIEW_MIME } from './models';
import { OpenedWidgets } from './opened';
import { pageData, withFrames } from './page-data';
import type { Widget } from './widget';

/** The widgets of one `interact`, and what is shown below them. */
export class LiveCell {
  readonly #widgets: OpenedWidgets;
  readonly #controls: ControlWidgets;
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
    const onMove = (name: string, value: unknown): void => {
      values[name] = value;
      host.comms.schedule(this.#callback);
    };
    this.#controls = new ControlWidgets(this.#widgets, controls, values, onMove);
    const message = { value: '', placeholder: '', description: '' };
    this.#message = this.#widgets.open('HTML', 'HTMLStyle', message, { layout: { width: 'auto' } });
    this.#box = this.#widgets.open('VBox', null, {
      children: [...this.#controls.all, this.#message].map(reference),
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
    const { host, show, values } = this;
    const page = pageData(host, this.controls, show);
    display(page, false);
    this.#newest += 1;
    const shown = this.#showWhenThere(first);
    if (!host.isUnattended) return;
    // Nobody waits for the cell: what is to be saved is complete once it has ended.
    const complete = async (): Promise<void> => {
      await Promise.resolve(shown).catch(() => {});
      const { reason } = page;
      if (reason !== undefined) display(await withFrames({ ...page, reason }, { host, show, values }), true);
    };
    host.comms.schedule({ run: complete, failed: (error) => this.#fail(error) });
  }

  /** Moves the widgets to values that code has set, and computes. */
  follow(changes: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(changes)) this.#controls.set(name, value);
    this.host.comms.schedule(this.#callback);
  }

  close(): void {
    this.#newest += 1;
    this.#widgets.close();
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
    const idOf = (name: string): string | undefined => this.#controls.idOf(name);
    return handleSliders(bundle, { controls: this.controls, values, idOf });
  }

  #fail({ ename, evalue }: CallbackError): void {
    const text = `${ename}: ${evalue}`;
    this.#message.set({ value: `<pre role="alert" style="white-space: pre-wrap">${escapeHtml(text)}</pre>` });
  }
}

/** Uses a value, or what a promise will bring. */
export function whenThere(value: unknown, use: (value: unknown) => void): unknown {
  const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === 'function';
  return isPromise ? (value as PromiseLike<unknown>).then(use) : use(value);
}
