// Classic Notebook loads this file with the kernel. It teaches it plotly's MIME type, which classic Notebook does not know, and draws
// the controls of live cells, unless ipywidgets is there to do it.
define(['module', 'base/js/namespace', 'notebook/js/outputarea', 'services/kernels/comm'], (
  module,
  Jupyter,
  outputarea,
  comms,
) => {
  const MIME = 'application/vnd.plotly.v1+json';
  const VIEW_MIME = 'application/vnd.jupyter.widget-view+json';
  const WIDGETS = 'jupyter.widget';

  const load = (name) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = module.uri.replace(/kernel\.js(\?.*)?$/, name);
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(`could not load ${script.src}`));
      document.head.appendChild(script);
    });
  const figures = load('draw.js').then(() => window.gmmVaeFigures);
  const widgets = figures.then(() => load('widgets.js')).then(() => new window.gmmVaeWidgets.Manager());

  /** Called by Notebook with the output area as `this`. */
  function append(figure, metadata, element) {
    const area = this.create_output_subarea(metadata, 'output_plotly', MIME);
    element.append(area);
    figures.then(
      ({ draw }) => draw(area[0], figure, { metadata, modelOf }),
      (error) => area.text(error.message),
    );
    return area;
  }

  const openComms = (kernel) =>
    new Promise((resolve) => kernel.comm_info(WIDGETS, ({ content }) => resolve(content.comms ?? {})));

  // Without someone who listens, nobody would say when the kernel is idle again.
  const onIdle = (done) => ({ iopub: { status: ({ content }) => content.execution_state === 'idle' && done() } });

  /** The widget that a handle moves: ours, or that of whoever draws the widgets here, who hears of it from the kernel. */
  async function modelOf(id) {
    const own = (await widgets).find(id);
    if (own) return own;
    const { kernel } = Jupyter.notebook;
    if (!kernel?.is_connected() || !(id in (await openComms(kernel)))) return undefined;
    const send = (data, done) => kernel.send_shell_message('comm_msg', { comm_id: id, data }, onIdle(done));
    return new window.gmmVae.Model({ send }, {});
  }

  /** Figures stored in the notebook were shown before this file had arrived. */
  function redrawStored() {
    for (const cell of Jupyter.notebook.get_cells()) {
      const area = cell.output_area;
      if (!area?.outputs.some((output) => output.data?.[MIME])) continue;
      const outputs = area.toJSON();
      area.clear_output(false, true);
      area.fromJSON(outputs, cell.metadata);
    }
  }

  /** A widget of the running kernel: its comm, as the manager wants it. */
  function adopt(manager, comm, state) {
    const send = (data, done) => comm.send(data, onIdle(done));
    const { receive, close } = manager.add(comm.comm_id, { send }, state);
    comm.on_msg(({ content }) => receive(content.data));
    comm.on_close(close);
  }

  /** Takes the widgets that a kernel opens, and those that it has open already where the page was loaded anew. */
  async function listen(kernel, comms) {
    const manager = await widgets;
    kernel.comm_manager.register_target(WIDGETS, (comm, { content }) => adopt(manager, comm, content.data.state));
    for (const id of Object.keys(await openComms(kernel))) {
      const comm = new comms.Comm(WIDGETS, id);
      kernel.comm_manager.register_comm(comm);
      comm.on_msg(({ content: { data } }) => {
        if (data.method === 'update') adopt(manager, comm, data.state);
      });
      comm.send({ method: 'request_state' }, {});
    }
  }

  function appendView({ model_id }, metadata, element) {
    const area = this.create_output_subarea(metadata, 'output_widget_view', VIEW_MIME);
    element.append(area);
    // Notebook's own shortcuts are letters and arrows, too.
    Jupyter.keyboard_manager.register_events(area);
    widgets.then(
      (manager) => manager.draw(model_id, area[0]),
      (error) => area.text(error.message),
    );
    return area;
  }

  /** Lets a figure that is there already move to the new one, where Notebook would put another in its place. */
  function updateInPlace(OutputArea) {
    const update = OutputArea.prototype.update_display_data;
    OutputArea.prototype.update_display_data = function (json, ...rest) {
      const figure = json.data[MIME];
      const targets = this._display_id_targets[json.transient?.display_id] ?? [];
      const drawn = targets.map(({ element }) => element.find('.gmm-vae-plot.js-plotly-plot')[0]?.parentElement);
      if (!figure || drawn.length === 0 || !drawn.every(Boolean)) return update.call(this, json, ...rest);
      for (const { index } of targets) Object.assign(this.outputs[index], { data: json.data, metadata: json.metadata });
      for (const element of drawn)
        figures.then(({ draw }) => draw(element, figure, { metadata: json.metadata, modelOf }));
    };
  }

  return {
    onload() {
      const OutputArea = outputarea.OutputArea;
      if (!OutputArea.prototype.mime_types().includes(MIME)) {
        OutputArea.prototype.register_mime_type(MIME, append, { safe: true, index: 0 });
        updateInPlace(OutputArea);
      }
      if (!OutputArea.prototype.mime_types().includes(VIEW_MIME)) {
        OutputArea.prototype.register_mime_type(VIEW_MIME, appendView, { safe: true, index: 0 });
        const begin = (_, { kernel }) => listen(kernel, comms);
        if (Jupyter.notebook.kernel?.is_connected()) listen(Jupyter.notebook.kernel, comms);
        Jupyter.notebook.events.on('kernel_ready.Kernel', begin);
      }
      redrawStored();
    },
  };
});
