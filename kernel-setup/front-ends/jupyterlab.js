// JupyterLab and Notebook 7 load this file as a prebuilt extension: a module-federation container, which is small enough to
// be written by hand. It teaches them plotly's MIME type, which they do not know, and lets handles of a live figure reach its kernel.
(() => {
  const NAME = 'gmm-vae-figures';
  const MIME = 'application/vnd.plotly.v1+json';
  const drawing = new URL('draw.js', document.currentScript.src).href;
  /** Stands beside a figure that moves: plotly's own renderer would leave it as it was first drawn. */
  const MOVES_MIME = 'application/vnd.gmm-vae.moves+json';
  const WIDGETS = 'jupyter.widget';
  let scope;
  /** JupyterLab's list of open notebooks. */
  let notebooks;
  let loading;

  /** A module that JupyterLab shares with its extensions: name → version → getter. */
  async function shared(name) {
    const versions = Object.values(scope?.[name] ?? {});
    // Another extension may have brought one of its own; widgets have to be of the kind that the page is made of.
    const version = versions.find(({ loaded }) => loaded) ?? versions[0];
    if (!version) throw new Error(`${NAME}: this JupyterLab shares no ${name}`);
    return (await version.get())();
  }

  function figures() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = drawing;
      script.onload = () => resolve(window.gmmVaeFigures);
      script.onerror = () => reject(new Error(`could not load ${drawing}`));
      document.head.appendChild(script);
    });
    return loading;
  }

  function kernelOf(node) {
    let kernel;
    notebooks?.forEach(({ node: panel, sessionContext }) => {
      if (panel.contains(node)) kernel = sessionContext.session?.kernel;
    });
    return kernel;
  }

  /** The widget that a handle moves, drawn by ipywidgets' manager, which hears of moves from the kernel. */
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
          const { draw } = await figures();
          const ofNotebook = (id) => this.#isAttached.then(() => modelOf(id, this.node));
          const { data, metadata } = model;
          const drawing = draw(this.node, data[MIME], { metadata, modelOf: ofNotebook });
          this.#drawn = await drawing;
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
        if (this.#drawn && this.isVisible) this.#drawn.Plotly.Plots.resize(this.#drawn.plot);
      }
    };
  }

  async function extension() {
    const { Widget } = await shared('@lumino/widgets');
    const Figure = figureOf(Widget);
    const renderer = (mime, rank, name) => ({
      id: `${NAME}:${name}`,
      description: 'Draws plotly figures without a network.',
      rank,
      dataType: 'json',
      rendererFactory: { safe: true, mimeTypes: [mime], createRenderer: () => new Figure() },
    });
    // Before HTML (50), behind plotly's own renderer (0), which knows more kinds of traces; before it for what moves.
    return [renderer(MIME, 1, 'plotly'), renderer(MOVES_MIME, -1, 'moves')];
  }

  /** Learns of the open notebooks: what draws an output is not told in which one it is. */
  async function handles() {
    const { INotebookTracker } = await shared('@jupyterlab/notebook');
    return {
      id: `${NAME}:handles`,
      description: 'Lets handles of a live figure reach the kernel of their notebook.',
      autoStart: true,
      optional: [INotebookTracker],
      activate: (_, tracker) => {
        notebooks = tracker;
      },
    };
  }

  const MODULES = { './figures': extension, './handles': handles };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init(shareScope) {
      scope = shareScope;
    },
    async get(name) {
      const module = { __esModule: true, default: await MODULES[name]() };
      return () => module;
    },
  };
})();
