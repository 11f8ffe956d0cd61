// A figure in JupyterLab and Notebook 7, as their renderers of outputs are made, and how its handles reach the kernel of its notebook.
(() => {
  const MIME = 'application/vnd.plotly.v1+json';
  const WIDGETS = 'jupyter.widget';
  const { load, shared } = window.gmmVaeLab;

  /** JupyterLab's list of open notebooks: what draws an output is not told in which one it is. */
  let notebooks;
  const inNotebooks = (tracker) => {
    notebooks = tracker;
  };

  const drawing = () => load('draw.js').then(() => window.gmmVaeFigures);

  function kernelOf(node) {
    let kernel;
    notebooks?.forEach(({ node: panel, sessionContext }) => {
      if (panel.contains(node)) kernel = sessionContext.session?.kernel;
    });
    return kernel;
  }

  /** The widget that a handle moves, whoever draws it: its manager hears of moves from the kernel. */
  async function modelOf(id, node) {
    const kernel = kernelOf(node);
    if (!kernel) return undefined;
    const { content } = await kernel.requestCommInfo({ target_name: WIDGETS });
    if (!(id in (content.comms ?? {}))) return undefined;
    const { KernelMessage } = await shared('@jupyterlab/services');
    const send = (data, done) => {
      const message = KernelMessage.createMessage({
        channel: 'shell',
        msgType: 'comm_msg',
        session: kernel.clientId,
        username: kernel.username,
        content: { comm_id: id, data },
      });
      kernel.sendShellMessage(message, false, true).done.then(done, done);
    };
    return new window.gmmVae.Model({ send }, {});
  }

  function figureOf(Widget) {
    return class extends Widget {
      #drawn = null;
      #attach;
      /** Only then it is known in which notebook this is. */
      #isAttached = new Promise((resolve) => {
        this.#attach = resolve;
      });

      async renderModel(model) {
        try {
          const { draw } = await drawing();
          const ofNotebook = (id) => this.#isAttached.then(() => modelOf(id, this.node));
          const { data, metadata } = model;
          this.#drawn = await draw(this.node, data[MIME], { metadata, modelOf: ofNotebook });
          this.#fit();
        } catch (error) {
          this.node.textContent = error.message;
        }
      }

      onAfterAttach() {
        this.#attach();
        this.#fit();
      }

      onAfterShow() {
        this.#fit();
      }

      onResize() {
        this.#fit();
      }

      dispose() {
        if (!this.isDisposed) this.#drawn?.Plotly.purge(this.#drawn.plot);
        this.node.replaceChildren();
        super.dispose();
      }

      /** Plotly sees changes of the window by itself, but not those of a side bar. */
      #fit() {
        // An output that JupyterLab has taken off the page may still count as visible.
        if (this.#drawn?.plot.isConnected && this.isVisible) this.#drawn.Plotly.Plots.resize(this.#drawn.plot);
      }
    };
  }

  Object.assign(window.gmmVaeLab, { drawing, figureOf, inNotebooks, PLOTLY_MIME: MIME });
})();
