// What JupyterLab and Notebook 7 learn: to draw this project's figures, other plotly figures where nothing else draws them, and the
// controls of live cells where ipywidgets is not installed.
(() => {
  const NAME = 'gmm-vae-figures';
  /** Stands beside each figure of this project. */
  const FIGURE_MIME = 'application/vnd.gmm-vae.figure+json';
  const { drawWidgets, figureOf, init, inNotebooks, PLOTLY_MIME, shared } = window.gmmVaeLab;

  async function figureFactory(mime) {
    const { Widget } = await shared('@lumino/widgets');
    const Figure = figureOf(Widget);
    return { safe: true, mimeTypes: [mime], createRenderer: () => new Figure() };
  }

  /** A MIME type of our own, since of two renderers of one type the last to come counts, whatever their ranks. */
  async function ownFigures() {
    return {
      id: `${NAME}:figures`,
      description: 'Draws figures of gmm-vae without a network.',
      // Before plotly's own renderer (0 to 2), which has no handles and ignores updates.
      rank: -1,
      dataType: 'json',
      rendererFactory: await figureFactory(FIGURE_MIME),
    };
  }

  async function otherFigures() {
    const { IRenderMimeRegistry } = await shared('@jupyterlab/rendermime');
    const factory = await figureFactory(PLOTLY_MIME);
    return {
      id: `${NAME}:plotly`,
      description: 'Draws other plotly figures where pip has installed no plotly, which knows more kinds of traces.',
      autoStart: true,
      requires: [IRenderMimeRegistry],
      activate: (_, rendermime) => {
        // One that comes later takes the place of this. Before HTML (50).
        if (!rendermime.getFactory(PLOTLY_MIME)) rendermime.addFactory(factory, 1);
      },
    };
  }

  async function liveCells() {
    const { INotebookTracker } = await shared('@jupyterlab/notebook');
    const { IRenderMimeRegistry } = await shared('@jupyterlab/rendermime');
    const { Widget } = await shared('@lumino/widgets');
    return {
      id: `${NAME}:live`,
      description: 'Lets handles of a live figure reach their kernel, and draws controls where ipywidgets does not.',
      autoStart: true,
      requires: [INotebookTracker, IRenderMimeRegistry],
      activate: (_, tracker, rendermime) => {
        inNotebooks(tracker);
        drawWidgets({ tracker, rendermime, Widget });
      },
    };
  }

  const MODULES = {
    './figures': ownFigures,
    './plugins': () => Promise.all([otherFigures(), liveCells()]),
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB[NAME] = {
    init,
    async get(name) {
      const module = { __esModule: true, default: await MODULES[name]() };
      return () => module;
    },
  };
})();
