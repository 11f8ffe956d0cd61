// Classic Notebook loads this file with the kernel. It draws plotly figures, which classic Notebook does not know, with
// the plotly library that lies beside this file: nothing comes from the network. JupyterLab never loads it.
define(['module', 'base/js/namespace', 'notebook/js/outputarea'], (module, Jupyter, outputarea) => {
  const MIME = 'application/vnd.plotly.v1+json';
  const library = module.uri.replace(/kernel\.js(\?.*)?$/, 'plotly-cartesian.min.js');

  const plotly = new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = library;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error(`could not load ${library}`));
    document.head.appendChild(script);
  });

  /** Called by Notebook with the output area as `this`. */
  function append(figure, metadata, element) {
    const area = this.create_output_subarea(metadata, 'output_plotly', MIME);
    const alt = figure.layout?.meta?.alt;
    if (alt) area.attr({ role: 'img', 'aria-label': alt });
    element.append(area);
    plotly.then(
      (Plotly) =>
        Plotly.newPlot(area[0], figure.data, figure.layout, figure.config).then((drawn) => {
          if (figure.frames) Plotly.addFrames(drawn, figure.frames);
        }),
      (error) => area.text(error.message),
    );
    return area;
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

  return {
    onload() {
      const OutputArea = outputarea.OutputArea;
      if (!OutputArea.prototype.mime_types().includes(MIME)) {
        OutputArea.prototype.register_mime_type(MIME, append, { safe: true, index: 0 });
      }
      redrawStored();
    },
  };
});
