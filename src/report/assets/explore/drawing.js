// The figure of the page to play with, in the page's ink, and its handles.
(() => {
  const { bound, Handles } = window.gmmVae;
  const COLOURS = { line: { q: '#2a7ab8', p: '#767c86' }, plane: { q: '#cf5a1b', p: '#2a7ab8' } };

  /** The figure with the page's own ink. */
  function inked(layout) {
    const ink = getComputedStyle(document.body).color;
    const { template = {} } = layout;
    const axis = (given) => ({ ...given, linecolor: ink, tickcolor: ink });
    const own = template.layout ?? {};
    const font = { ...own.font, color: ink };
    // A phone has no room for plotly's own margins.
    const margin = innerWidth < 600 ? { l: 44, r: 8, t: 70, b: 40 } : layout.margin;
    return {
      ...layout,
      margin,
      template: { ...template, layout: { ...own, font, xaxis: axis(own.xaxis), yaxis: axis(own.yaxis) } },
    };
  }

  const isPlane = (state) => state.q[0].mean.length > 1;

  /** A handle for each component: on a line at its peak, in a plane at its mean. */
  function handlesOf(state) {
    const plane = isPlane(state);
    return ['p', 'q'].flatMap((of) => {
      const total = state[of].reduce((sum, { weight }) => sum + weight, 0);
      return state[of].map(({ weight, mean, stddev }, k) => {
        const peak = weight / total;
        const height = peak / (stddev[0] * Math.sqrt(2 * Math.PI));
        const axis = (name, i, at) => ({ control: `${of}.${k}.${name}.${i}`, at });
        return {
          label: state[of].length > 1 ? `component ${k + 1} of ${of}` : of,
          colour: COLOURS[plane ? 'plane' : 'line'][of],
          x: axis('mean', 0, mean[0]),
          y: plane ? axis('mean', 1, mean[1]) : { ...axis('stddev', 0, height), peak },
        };
      });
    });
  }

  class Drawing {
    constructor(plot) {
      this.plot = plot;
      this.handles = new Handles(plot);
    }

    /** Shows a figure of this state; its handles move `sliders`. */
    async show({ data, layout }, state, sliders) {
      const { plot, handles } = this;
      const isFirst = !plot.classList.contains('js-plotly-plot');
      const drawn = { data, layout: inked(layout), config: { responsive: true, displayModeBar: false } };
      await window.gmmVae.redraw(plot, drawn);
      if (isFirst) plot.on('plotly_relayout', () => handles.place());
      handles.set(handlesOf(state).flatMap((handle) => bound(handle, sliders) ?? []));
      const words = 'Contours of p, and the ellipses of q two standard deviations wide.';
      plot.setAttribute('aria-label', isPlane(state) ? words : layout.meta.alt);
    }
  }
  window.gmmVae.explore = { ...window.gmmVae.explore, Drawing };
})();
