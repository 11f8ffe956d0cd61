// JupyterLab and Notebook 7 load this file as a prebuilt extension: a module-federation container, which is small enough to
// be written by hand. It teaches them plotly's MIME type, which they do not know.
(() => {
  const NAME = 'gmm-vae-figures';
  const MIME = 'application/vnd.plotly.v1+json';
  const drawing = new URL('draw.js', document.currentScript.src).href;
  let scope;
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

  function figureOf(Widget) {
    return class extends Widget {
      #plotly = null;

      async renderModel(model) {
        try {
          const { draw } = await figures();
          this.#plotly = await draw(this.node, model.data[MIME]);
          this.#fit();
        } catch (error) {
          this.node.textContent = error.message;
        }
      }

      onAfterAttach() {
        this.#fit();
      }

      onAfterShow() {
        this.#fit();
      }

      onResize() {
        this.#fit();
      }

      dispose() {
        if (!this.isDisposed) this.#plotly?.purge(this.node);
        super.dispose();
      }

      /** Plotly sees changes of the window by itself, but not those of a side bar. */
      #fit() {
        if (this.#plotly && this.isVisible) this.#plotly.Plots.resize(this.node);
      }
    };
  }

  async function extension() {
    const { Widget } = await shared('@lumino/widgets');
    const Figure = figureOf(Widget);
    return {
      id: `${NAME}:plotly`,
      description: 'Draws plotly figures without a network.',
      // Before HTML (50), behind plotly's own renderer (0), which knows more kinds of traces.
      rank: 1,
      dataType: 'json',
      rendererFactory: { safe: true, mimeTypes: [MIME], createRenderer: () => new Figure() },
    };
  }

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init(shareScope) {
      scope = shareScope;
    },
    async get() {
      const module = { __esModule: true, default: await extension() };
      return () => module;
    },
  };
})();
