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
   * Draws `data`, `layout`, `frames` and `config`, as plotly takes them, in the place of what the plot shows where it shows something.
   * Plotly writes into layout and traces what it has found out and what the reader hides, so it is given copies: were it asked for what the
   * reader has hidden, it would no longer know it for the reader's choice, and undo it with the next figure.
   */
  function drawWhole(plot, { data, layout, ...others }) {
    // What a reader has zoomed to or hidden by a click on the legend stays so while this revision does.
    const given = { ...others, data: copied(data), layout: structuredClone({ uirevision: 'moves', ...layout }) };
    const library = window.gmmVae.loadPlotly();
    return plot.classList.contains('js-plotly-plot') ? library.react(plot, given) : library.newPlot(plot, given);
  }
  window.gmmVae = { ...window.gmmVae, drawWhole };
})();
