import type { Comm, CommHost } from '../host';
import { PROTOCOL_VERSION } from './models';

export type WidgetState = Readonly<Record<string, unknown>>;

const TARGET = 'jupyter.widget';

export interface WidgetEvents {
  /** What the front end has set. Returns what it may not set, with the values that count instead. */
  readonly onState?: (state: WidgetState) => WidgetState | undefined;
  /** A message of the view's own: the click of a button. */
  readonly onCustom?: (content: unknown) => void;
}

/** One widget: a state that is the same here and in every front end that shows it. */
export class Widget {
  readonly id: string;
  readonly #comm: Comm;
  #state: Record<string, unknown>;

  constructor(host: CommHost, state: WidgetState, events: WidgetEvents = {}) {
    this.#state = { ...state };
    this.#comm = host.open(TARGET, { state, buffer_paths: [] }, { version: PROTOCOL_VERSION });
    this.id = this.#comm.id;
    this.#comm.onMessage = (data) => this.#receive(data, events);
  }

  get state(): WidgetState {
    return this.#state;
  }

  /** Lets messages pass a running cell. */
  makeUrgent(): void {
    this.#comm.urgent = true;
  }

  /** Sets parts of the state, here and in the front ends. Values that are there already are not sent. */
  set(changes: WidgetState): void {
    const news = Object.fromEntries(Object.entries(changes).filter(([key, value]) => this.#state[key] !== value));
    if (Object.keys(news).length === 0) return;
    Object.assign(this.#state, news);
    this.#comm.send({ method: 'update', state: news, buffer_paths: [] });
  }

  close(): void {
    this.#comm.close();
  }

  #receive(data: Readonly<Record<string, unknown>>, { onState, onCustom }: WidgetEvents): void {
    if (data.method === 'request_state') this.#comm.send({ method: 'update', state: this.#state, buffer_paths: [] });
    else if (data.method === 'custom') onCustom?.(data.content);
    else if (data.method === 'update' && isRecord(data.state)) this.#update(data.state, onState);
  }

  /** Keeps the values that the widget has and lets others change. Every front end hears of them, also the one that sent them. */
  #update(given: WidgetState, onState: WidgetEvents['onState']): void {
    const known = Object.fromEntries(
      Object.entries(given).filter(([key]) => Object.hasOwn(this.#state, key) && !FIXED.test(key)),
    );
    if (Object.keys(known).length === 0) return;
    const refused = onState?.(known);
    const taken = { ...known, ...refused };
    Object.assign(this.#state, taken);
    this.#comm.send({ method: 'echo_update', state: taken, buffer_paths: [] });
    if (refused && Object.keys(refused).length > 0)
      this.#comm.send({ method: 'update', state: refused, buffer_paths: [] });
  }
}

/** What makes a widget what it is, and what it is made of: no front end changes that. */
const FIXED = /^(_model_|_view_(module|name)|layout$|style$|children$|_options_labels$|min$|max$|step$)/;

function isRecord(value: unknown): value is WidgetState {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
