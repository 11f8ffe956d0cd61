// Draws a figure whole. What was asked for stays as it was, and what the reader has done to the figure stays, too.
(() => {
  const isRecord = (value) => typeof value === 'object' && value !== null;

  /** A copy of all records; lists of values, which are long, are shared. */
  function copied(value) {
    if (Array.isArray(value)) return isRecord(value[0]) ? value.map(copied) : value;
    if (!isRecord(value) || ArrayBuffer.isView(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copied(part)]));
  }

  /**
   * Draws `data`, `layout`, `frames` and, the first time, `config`, as plotly takes them, in the place of what the plot shows.
   * Plotly writes into layout and traces what it has found out and what the reader hides, so it is given copies: were it asked for what the
   * reader has hidden, it would no longer know it for the reader's choice, and undo it with the next figure.
   */
  async function drawWhole(plot, { data, layout, frames, config }) {
    // What a reader has zoomed to or hidden by a click on the legend stays so while this revision does.
    const given = { data: copied(data), layout: structuredClone({ uirevision: 'moves', ...layout }), frames };
    const library = window.gmmVae.loadPlotly();
    // Given its configuration again, plotly would measure its own drawing for the room that it has: none, once the window is resized.
    if (plot.classList.contains('js-plotly-plot')) await library.react(plot, given);
    else {
      await library.newPlot(plot, { ...given, config });
      // A line that is hidden or shown may move the axes, too: what lies over the figure follows both.
      plot.on('plotly_restyle', () => plot.emit('plotly_relayout', {}));
    }
  }
  window.gmmVae = { ...window.gmmVae, drawWhole };
})();
