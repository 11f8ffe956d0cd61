// Classic Notebook loads this file with the kernel. It teaches it plotly's MIME type, which classic Notebook does not know.
define(['module', 'base/js/namespace', 'notebook/js/outputarea'], (module, Jupyter, outputarea) => {
  const MIME = 'application/vnd.plotly.v1+json';
  const drawing = module.uri.replace(/kernel\.js(\?.*)?$/, 'draw.js');

  const figures = new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = drawing;
    script.onload = () => resolve(window.gmmVaeFigures);
    script.onerror = () => reject(new Error(`could not load ${drawing}`));
    document.head.appendChild(script);
  });

  /** Called by Notebook with the output area as `this`. */
  function append(figure, metadata, element) {
    const area = this.create_output_subarea(metadata, 'output_plotly', MIME);
    element.append(area);
    figures.then(
      ({ draw }) => draw(area[0], figure),
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
