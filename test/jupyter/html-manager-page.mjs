// A page that shows the outputs of cells and their widgets by @jupyter-widgets/html-manager, with a kernel behind a Jupyter server: a
// front end with a widget manager that is not ours. Bundled by html-manager.check.ts; it speaks the server's web socket.
import { HTMLManager } from '@jupyter-widgets/html-manager/lib/htmlmanager';

const TARGET = 'jupyter.widget';
const VIEW = 'application/vnd.jupyter.widget-view+json';
const later = () => crypto.randomUUID().replaceAll('-', '');

class Kernel {
  #session = later();
  #replies = new Map();
  /** What is to be told when the kernel has dealt with a message. */
  #waiting = new Map();

  constructor(socket, onPublished) {
    this.socket = socket;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      const question = message.parent_header.msg_id;
      if (message.channel === 'shell') this.#replies.get(question)?.(message.content);
      if (message.channel !== 'iopub') return;
      if (message.header.msg_type === 'status') this.#tell(question, message);
      else onPublished(message);
    };
  }

  #tell(question, message) {
    this.#waiting.get(question)?.iopub?.status?.(message);
    if (message.content.execution_state === 'idle') this.#waiting.delete(question);
  }

  /** Sends a message. Returns its id. */
  send(type, content, callbacks) {
    const header = {
      msg_id: later(),
      msg_type: type,
      session: this.#session,
      username: 'reader',
      version: '5.3',
      date: new Date().toISOString(),
    };
    if (callbacks) this.#waiting.set(header.msg_id, callbacks);
    this.socket.send(
      JSON.stringify({ channel: 'shell', header, parent_header: {}, metadata: {}, content, buffers: [] }),
    );
    return header.msg_id;
  }

  run(code) {
    const id = this.send('execute_request', { code, silent: false, store_history: true });
    return new Promise((resolve) => this.#replies.set(id, resolve));
  }
}

/** What a widget manager wants of a comm. */
class Comm {
  onMessage = () => {};
  onClose = () => {};

  constructor(kernel, id) {
    this.kernel = kernel;
    this.comm_id = id;
    this.target_name = TARGET;
  }

  send(data, callbacks) {
    return this.kernel.send('comm_msg', { comm_id: this.comm_id, data }, callbacks);
  }

  close() {}
  on_msg(callback) {
    this.onMessage = callback;
  }
  on_close(callback) {
    this.onClose = callback;
  }
}

class KernelManager extends HTMLManager {
  constructor(kernel) {
    super();
    this.kernel = kernel;
    this.comms = new Map();
  }

  async _get_comm_info() {
    return {};
  }

  async _create_comm(_, id) {
    const comm = new Comm(this.kernel, id);
    this.comms.set(id, comm);
    return comm;
  }

  take({ header, content }) {
    const comm = this.comms.get(content.comm_id);
    if (header.msg_type === 'comm_open') {
      const opened = new Comm(this.kernel, content.comm_id);
      this.comms.set(content.comm_id, opened);
      void this.handle_comm_open(opened, { content, metadata: { version: '2.1.0' }, buffers: [] });
    } else if (header.msg_type === 'comm_msg') comm?.onMessage({ content, buffers: [] });
    else if (header.msg_type === 'comm_close') comm?.onClose({ content, buffers: [] });
  }
}

/** Shows an output in a place of its own; one with a display id is replaced by its updates. */
function showIn(outputs, manager) {
  const places = new Map();
  const views = new Map();
  return async ({ header, content }) => {
    const { data = {}, transient = {} } = content;
    const id = transient.display_id;
    if (header.msg_type === 'display_data') {
      const place = document.createElement('div');
      outputs.append(place);
      if (id) places.set(id, place);
    }
    const place = places.get(id) ?? outputs.lastElementChild;
    views.get(place)?.remove();
    if (data[VIEW]) {
      const view = await manager.create_view(await manager.get_model(data[VIEW].model_id));
      views.set(place, view);
      await manager.display_view(view, place);
    } else place.textContent = data['text/plain'] ?? '';
  };
}

async function connect(kernelId) {
  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/kernels/${kernelId}/channels`);
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  let manager;
  let show;
  const kernel = new Kernel(socket, (message) => {
    if (message.header.msg_type.startsWith('comm_')) manager.take(message);
    else if (/display_data$/.test(message.header.msg_type)) void show(message);
  });
  manager = new KernelManager(kernel);
  show = showIn(document.body, manager);
  return kernel;
}
window.connect = connect;
