// Draws plotly figures in Jupyter's front ends, with the plotly library that lies beside this file: nothing comes from
// the network. `kernel.js` loads it in classic Notebook, `jupyterlab.js` in JupyterLab and Notebook 7. When it is installed, what it
// shares with the reports stands before it in one file.
(() => {
  const library = new URL('plotly-cartesian.min.js', document.currentScript.src).href;
  const style = new URL('handles.css', document.currentScript.src).href;
  let loading;

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const others = window.Plotly;
      const script = document.createElement('script');
      script.src = library;
      script.onload = () => {
        const ours = window.Plotly;
        window.gmmVae.loadPlotly = () => ours;
        resolve(ours);
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

  /** The element in which a figure is drawn: handles lie beside it. */
  function placeIn(host) {
    const there = host.querySelector(':scope > .gmm-vae-plot');
    if (there) return there;
    const plot = window.gmmVae.make('div', { className: 'gmm-vae-plot' });
    host.replaceChildren(plot);
    return plot;
  }

  let styled;
  /** Loads the style of handles. Without it they would be put beside their places. */
  function addStyle() {
    styled ??= new Promise((resolve, reject) => {
      const link = window.gmmVae.make('link', { rel: 'stylesheet', href: style, onload: resolve });
      link.onerror = () => reject(new Error(`could not load ${style}`));
      document.head.append(link);
    });
    return styled;
  }

  /**
   * Draws a figure into an element, or says there why not. A figure that is drawn there already moves to what the new one shows, without
   * a flicker.
   * @param live the sliders that handles of the figure move, by the output's metadata, and `modelOf`, which gives the widget of an id
   * @returns where it is drawn, with plotly, for what a front end does with the figure afterwards; null where nothing was drawn
   */
  async function draw(host, figure, { metadata = {}, modelOf } = {}) {
    // What plotly adds to a figure is not to be saved in the notebook.
    const { data, layout = {}, frames, config } = structuredClone(figure);
    const plot = placeIn(host);
    const alt = layout.meta?.alt;
    if (alt) {
      plot.setAttribute('role', 'img');
      plot.setAttribute('aria-label', alt);
    }
    try {
      const Plotly = await load();
      refuseOtherTraces(Plotly, data);
      await window.gmmVae.redraw(plot, { data, layout, config });
      if (frames) await Plotly.addFrames(plot, frames);
      const specs = metadata['gmm-vae']?.controls;
      if (specs && modelOf) {
        const { handles = [] } = layout.meta ?? {};
        const show = () => window.gmmVae.showHandles(plot, { handles, specs, modelOf });
        // The kernel answers when it has time; the figure stands by then.
        addStyle()
          .then(show)
          .catch((error) => console.warn(error));
      }
      return { Plotly, plot };
    } catch (error) {
      host.textContent = error.message;
      return null;
    }
  }

  window.gmmVaeFigures = { draw };
})();
