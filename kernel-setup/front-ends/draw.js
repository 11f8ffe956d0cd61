// Draws plotly figures in Jupyter's front ends, with the plotly library that lies beside this file: nothing comes from
// the network. `kernel.js` loads it in classic Notebook, `jupyterlab.js` in JupyterLab and Notebook 7.
(() => {
  const library = new URL('plotly-cartesian.min.js', document.currentScript.src).href;
  let loading;

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const others = window.Plotly;
      const script = document.createElement('script');
      script.src = library;
      script.onload = () => {
        resolve(window.Plotly);
        // Another one on the page may know more kinds of traces.
        if (others) window.Plotly = others;
      };
      script.onerror = () => reject(new Error(`could not load ${library}`));
      document.head.appendChild(script);
    });
    return loading;
  }

  /** A figure of some other library may need more than the cartesian kinds of traces. */
  function refuseOtherTraces(Plotly, data) {
    const known = Plotly.PlotSchema.get().traces;
    const other = data.find(({ type = 'scatter' }) => !(type in known))?.type;
    if (other)
      throw new Error(
        `gmm-vae draws no plotly traces of type ${other}; pip install plotly brings a renderer that does`,
      );
  }

  /**
   * Draws a figure, or says in its place why not. A figure that is drawn there already moves to what the new one shows, without a flicker.
   * @returns plotly, for what a front end does with the figure afterwards; null where nothing was drawn
   */
  async function draw(element, figure) {
    // What plotly adds to a figure is not to be saved in the notebook.
    const { data, layout = {}, frames, config } = structuredClone(figure);
    const alt = layout.meta?.alt;
    if (alt) {
      element.setAttribute('role', 'img');
      element.setAttribute('aria-label', alt);
    }
    try {
      const Plotly = await load();
      refuseOtherTraces(Plotly, data);
      const isThere = element.classList.contains('js-plotly-plot');
      const drawn = await Plotly[isThere ? 'react' : 'newPlot'](element, data, layout, config);
      if (frames) await Plotly.addFrames(drawn, frames);
      return Plotly;
    } catch (error) {
      element.textContent = error.message;
      return null;
    }
  }

  window.gmmVaeFigures = { draw };
})();
