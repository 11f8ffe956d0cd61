import type { CommMessage, CommNews } from '../session/protocol';
import type { KernelSession } from '../session/session';
import type { Header, Message } from './wire';

type Publish = (type: string, content: object, parent: Header | null, metadata?: object) => void;

interface Known {
  readonly target: string;
  readonly state: Record<string, unknown>;
  isUrgent: boolean;
}

const WIDGETS = 'jupyter.widget';
/** The comm by which a front end that has been opened anew asks for all widgets at once. */
const CONTROL = 'jupyter.widget.control';
/** More comms than a front end opens; beyond them, it gets none. */
const MOST_CONTROLS = 100;

/** Messages that belong to comms. */
export const COMM_TYPES: ReadonlySet<string> = new Set(['comm_open', 'comm_msg', 'comm_close']);

/** The comms between the cells' process and the front ends: knows which are open, and what the widgets behind them look like. */
export class KernelComms {
  readonly #known = new Map<string, Known>();
  readonly #controls = new Set<string>();

  constructor(
    private readonly session: Pick<KernelSession, 'comm'>,
    private readonly publish: Publish,
  ) {}

  /** The comms that are open, for a `comm_info_request`; all of them, or those of one target. */
  info(target: unknown): Record<string, { readonly target_name: string }> {
    const open = [...this.#known].filter(([, known]) => typeof target !== 'string' || known.target === target);
    return Object.fromEntries(open.map(([id, known]) => [id, { target_name: known.target }]));
  }

  /** Passes on what a cell says. */
  tell(news: CommNews, parent: Header | null): void {
    const known = this.#known.get(news.id);
    switch (news.type) {
      case 'comm_open': {
        const { id, target, data, metadata } = news;
        const state = { ...((data as { state?: object }).state ?? {}) };
        this.#known.set(id, { target, state, isUrgent: false });
        this.publish('comm_open', { comm_id: id, target_name: target, data }, parent, metadata);
        break;
      }
      case 'comm_msg':
        if (!known) return;
        Object.assign(known.state, (news.data as { state?: object }).state);
        this.publish('comm_msg', { comm_id: news.id, data: news.data }, parent);
        break;
      case 'comm_close':
        if (this.#known.delete(news.id)) this.publish('comm_close', { comm_id: news.id, data: {} }, parent);
        break;
      case 'comm_urgent':
        if (known) known.isUrgent = news.is;
    }
  }

  /** Closes every comm: the process that they led to is gone. */
  lose(): void {
    for (const id of this.#known.keys()) this.publish('comm_close', { comm_id: id, data: {} }, null);
    this.#known.clear();
  }

  /** Whether this message passes a running cell. */
  isUrgent({ header, content }: Message): boolean {
    return header.msg_type === 'comm_msg' && this.#known.get(String(content.comm_id))?.isUrgent === true;
  }

  /** Delivers messages that came together; what they ask for is computed once they are all heard. */
  async receive(messages: readonly Message[], urgent = false): Promise<void> {
    const parents = new Map<CommMessage, Header>();
    for (const message of messages) {
      const delivered = this.#read(message);
      if (delivered) parents.set(delivered, message.header);
    }
    if (parents.size === 0) return;
    const onAnswer = (news: CommNews, to: CommMessage): void => this.tell(news, parents.get(to) ?? null);
    await this.session.comm([...parents.keys()], { urgent, onAnswer });
  }

  /** What is meant for a cell's code; what is meant for the kernel is answered here. */
  #read({ header, content }: Message): CommMessage | undefined {
    const { comm_id: id, data, target_name: target } = content;
    if (typeof id !== 'string') return undefined;
    if (header.msg_type === 'comm_open') {
      if (target === CONTROL && this.#controls.size < MOST_CONTROLS && !this.#known.has(id)) this.#controls.add(id);
      // Nothing else is opened from outside; the polite answer is to close it.
      else if (!this.#known.has(id)) this.publish('comm_close', { comm_id: id, data: {} }, header);
      return undefined;
    }
    const closes = header.msg_type === 'comm_close';
    if (this.#controls.has(id)) {
      if (closes) this.#controls.delete(id);
      else if (isRecord(data) && data.method === 'request_states') this.#sendStates(id, header);
      return undefined;
    }
    if (!this.#known.has(id) || !(closes || isRecord(data))) return undefined;
    if (closes) this.#known.delete(id);
    return { id, data: closes ? {} : (data as Record<string, unknown>), closes };
  }

  #sendStates(id: string, parent: Header): void {
    const widgets = [...this.#known].filter(([, { target }]) => target === WIDGETS);
    const states = widgets.map(([widget, { state }]) => {
      const { _model_name, _model_module, _model_module_version } = state;
      const model = {
        model_name: _model_name,
        model_module: _model_module,
        model_module_version: _model_module_version,
      };
      return [widget, { ...model, state }];
    });
    const data = { method: 'update_states', states: Object.fromEntries(states), buffer_paths: [] };
    this.publish('comm_msg', { comm_id: id, data }, parent);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
