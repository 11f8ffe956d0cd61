// The controls of live cells in JupyterLab and Notebook 7 where nothing that pip installs draws them: no widget manager of ipywidgets.
(() => {
  const VIEW_MIME = 'application/vnd.jupyter.widget-view+json';
  const WIDGETS = 'jupyter.widget';
  const { drawing, load } = window.gmmVaeLab;

  let loading;
  /** One manager for all kernels: the ids of their comms differ. */
  function manager() {
    loading ??= drawing()
      .then(() => load('widgets.js'))
      .then(() => new window.gmmVaeWidgets.Manager());
    return loading;
  }

  function adopt(widgets, comm, state) {
    const send = (data, done) => {
      // The kernel may have closed it since.
      if (comm.isDisposed) return done();
      comm.send(data).done.then(done, done);
    };
    const { receive, close } = widgets.add(comm.commId, { send }, state);
    comm.onMsg = ({ content }) => receive(content.data);
    comm.onClose = close;
  }

  /** Takes the widgets that a kernel opens, and those that it has open already where the page was loaded anew. */
  async function listen(kernel) {
    // At once: JupyterLab closes a comm that nobody waits for. It hands on no message before the last one is dealt with.
    kernel.registerCommTarget(WIDGETS, async (comm, { content }) => adopt(await manager(), comm, content.data.state));
    const { content } = await kernel.requestCommInfo({ target_name: WIDGETS });
    const widgets = await manager();
    for (const id of Object.keys(content.comms ?? {})) {
      if (kernel.hasComm(id)) continue;
      const comm = kernel.createComm(WIDGETS, id);
      comm.onMsg = ({ content: { data } }) => {
        if (data.method === 'update') adopt(widgets, comm, data.state);
      };
      comm.send({ method: 'request_state' });
    }
  }

  function viewOf(Widget) {
    return class extends Widget {
      async renderModel({ data }) {
        // A key moves a control and nothing else: JupyterLab takes arrows and letters for its own.
        this.node.dataset.lmSuppressShortcuts = 'true';
        this.node.onkeydown = (event) => event.stopPropagation();
        // What stands there until the widget comes, and where no kernel has it any more.
        this.node.textContent = data['text/plain'] ?? '';
        try {
          (await manager()).draw(data[VIEW_MIME].model_id, this.node);
        } catch (error) {
          this.node.textContent = error.message;
        }
      }
    };
  }

  /** Draws widgets in the notebooks of `tracker`, unless something else does. What comes later takes the place of this. */
  function drawWidgets({ tracker, rendermime, Widget }) {
    if (rendermime.getFactory(VIEW_MIME)) return;
    const View = viewOf(Widget);
    const factory = { safe: true, mimeTypes: [VIEW_MIME], createRenderer: () => new View() };
    rendermime.addFactory(factory, -10);
    const follow = ({ content, sessionContext }) => {
      const begin = (kernel) => {
        const isOurs = content.rendermime.getFactory(VIEW_MIME) === factory;
        if (kernel && isOurs) listen(kernel).catch((error) => console.warn(error));
      };
      sessionContext.kernelChanged.connect((_, { newValue }) => begin(newValue));
      begin(sessionContext.session?.kernel);
    };
    tracker.forEach(follow);
    tracker.widgetAdded.connect((_, panel) => follow(panel));
  }

  Object.assign(window.gmmVaeLab, { drawWidgets });
})();
