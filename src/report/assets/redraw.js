// Draws a figure that moves. While it moves, no more is drawn than has changed; once it rests, it is drawn whole.
(() => {
  /** A figure that has not moved for so long rests. */
  const REST_MS = 250;
  /** An axis that its data fill less than this is drawn anew. */
  const LEAST_FILLED = 0.55;
  /** The figure that was asked for last, by plot, and plotly's own list of traces that shows it. */
  const shown = new WeakMap();

  const { drawWhole } = window.gmmVae;
  const plotly = () => window.gmmVae.loadPlotly();
  const isRecord = (value) => typeof value === 'object' && value !== null;

  /** Whether two values are alike but for the keys named. */
  function alike(a, b, free = []) {
    if (a === b) return true;
    if (!isRecord(a) || !isRecord(b) || Array.isArray(a) !== Array.isArray(b)) return false;
    const keys = (of) => Object.keys(of).filter((key) => !free.includes(key));
    const names = keys(a);
    return names.length === keys(b).length && names.every((key) => key in b && alike(a[key], b[key]));
  }

  const AXIS = /^[xy]axis\d*$/;

  const axesOf = (layout) => Object.keys(layout).filter((key) => AXIS.test(key));
  /** The titles of a layout and of its axes, by the places that plotly knows them by. */
  const titlesOf = (layout) =>
    new Map([['title', layout.title], ...axesOf(layout).map((key) => [`${key}.title`, layout[key].title])]);
  const alikeTitle = (a, b) => isRecord(a) === isRecord(b) && (!isRecord(a) || alike(a, b, ['text']));

  /** Whether two layouts differ in what they and their axes are called, and in nothing else. */
  function alikeLayout(a, b) {
    const [axes, others] = [axesOf(a), titlesOf(b)];
    return (
      alike(a, b, ['meta', 'title', ...axes]) &&
      axes.every((key) => key in b && alike(a[key], b[key], ['title'])) &&
      [...titlesOf(a)].every(([place, title]) => alikeTitle(title, others.get(place)))
    );
  }

  /** The titles that have another text now, as plotly takes them. */
  function renamed(layout, last) {
    const before = titlesOf(last);
    const changed = [...titlesOf(layout)].filter(([place, title]) => title?.text !== before.get(place)?.text);
    return Object.fromEntries(changed.map(([place, title]) => [`${place}.text`, title?.text]));
  }

  const isLine = ({ type, stackgroup }) => (type ?? 'scatter') === 'scatter' && !stackgroup;
  const hasPoints = ({ x, y }) => Array.isArray(x) && Array.isArray(y);

  /** Whether the two figures are the same lines and dots in other places. */
  function isMove(last, next) {
    return (
      last.data.length === next.data.length &&
      next.data.every((trace, i) => isLine(trace) && hasPoints(trace) && alike(trace, last.data[i], ['x', 'y'])) &&
      alikeLayout(next.layout, last.layout)
    );
  }

  function extent(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }

  /** Whether the axes that follow their data can stay as they are. */
  function fits(plot, data) {
    const axes = new Map();
    for (const trace of data) {
      for (const way of ['x', 'y']) {
        const axis = plot._fullLayout[`${way}axis${(trace[`${way}axis`] ?? way).slice(1)}`];
        if (!axis) return false;
        if (!axis.autorange) continue;
        if (axis.type !== 'linear') return false;
        const [low, high] = extent(trace[way]);
        const [lowest, highest] = axes.get(axis) ?? [axis.rangemode === 'tozero' ? 0 : Infinity, -Infinity];
        axes.set(axis, [Math.min(low, lowest), Math.max(high, highest)]);
      }
    }
    return [...axes].every(([{ range }, [low, high]]) => {
      const [from, to] = extent(range);
      return from <= low && high <= to && high - low >= LEAST_FILLED * (to - from);
    });
  }

  /**
   * Margins that follow the words beside the axes are measured with every drawing, and then it is drawn again. Labels are measured, too, to
   * hide those that would stick out: that is half of what a drawing costs. While a figure moves, both stay as they are; so do axes while a
   * handle is held, which would move under its pointer.
   */
  function unmeasured(plot, layout) {
    const { l, r, t, b } = plot._fullLayout._size;
    const axes = axesOf(plot._fullLayout);
    const held = plot.classList.contains('held');
    const kept = (key) => (held ? { range: [...plot._fullLayout[key].range], autorange: false } : {});
    const steady = axes.map((key) => [
      key,
      { ...layout[key], automargin: false, ticklabeloverflow: 'allow', ...kept(key) },
    ]);
    return { ...layout, ...Object.fromEntries(steady), margin: { l, r, t, b, autoexpand: false } };
  }

  const AT_ONCE = { transition: { duration: 0 }, frame: { duration: 0, redraw: false }, mode: 'immediate' };

  async function move(plot, { data, layout }, last) {
    const texts = renamed(layout, last.layout);
    if (Object.keys(texts).length > 0) await plotly().relayout(plot, texts);
    await plotly().animate(plot, { data: data.map(({ x, y }) => ({ x, y })), traces: [...data.keys()] }, AT_ONCE);
  }

  async function rest(plot) {
    const last = shown.get(plot);
    // Somebody else has drawn it since.
    if (plot.data !== last.list) return;
    // Axes do not move under a pointer that holds something.
    if (plot.classList.contains('held')) {
      last.timer = setTimeout(() => rest(plot), REST_MS);
      return;
    }
    await drawWhole(plot, last.figure);
    // A figure that was shown meanwhile is the last one.
    if (shown.get(plot) === last) shown.set(plot, { list: plot.data, figure: last.figure });
    plot.emit('plotly_relayout', {});
  }

  /** Shows a figure, in the place of one that is drawn where there is one: `data`, `layout` and `config`, as plotly takes them. */
  async function redraw(plot, figure) {
    if (!plot.classList.contains('js-plotly-plot')) {
      await drawWhole(plot, figure);
      return;
    }
    const last = shown.get(plot);
    clearTimeout(last?.timer);
    const isDrawnHere = last !== undefined && last.list === plot.data;
    // Axes that moved under a pointer that holds something would move what it holds.
    const mayStay = () => plot.classList.contains('held') || fits(plot, figure.data);
    if (isDrawnHere && isMove(last.figure, figure) && mayStay()) await move(plot, figure, last.figure);
    else await drawWhole(plot, { ...figure, layout: unmeasured(plot, figure.layout) });
    shown.set(plot, { list: plot.data, figure, timer: setTimeout(() => rest(plot), REST_MS) });
  }
  window.gmmVae = { ...window.gmmVae, redraw };
})();
