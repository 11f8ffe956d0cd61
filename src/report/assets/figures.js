// Draws the figures when they come near, with real controls, in the page's colours, and all of them for paper.
(() => {
  const narrow = () => window.innerWidth < 600;
  // An output may call its elements what it likes; data to draw lies in figures of this page's making alone.
  const figures = [...document.querySelectorAll('.figure:has(> script.plot-data)')].map((element) => ({
    element,
    drawn: false,
    json: undefined,
    steps: new Map(),
  }));

  // Plotly lies in the page as text and becomes a script when the first figure comes near.
  let plotly;
  function loadPlotly() {
    if (!plotly) {
      const script = document.createElement('script');
      script.textContent = document.querySelector('script#plotly').textContent;
      document.head.append(script);
      plotly = window.Plotly;
    }
    return plotly;
  }

  function colours() {
    const style = getComputedStyle(document.body);
    return { ink: style.color, paper: style.backgroundColor };
  }

  /** The figure's own template with the page's ink; figures with another paper keep their colours. */
  function themed(layout, printing) {
    const { template = {} } = layout;
    const own = template.layout ?? {};
    if (own.paper_bgcolor !== 'rgba(0,0,0,0)') return template;
    const ink = printing ? 'rgb(29, 31, 35)' : colours().ink;
    const axis = (given) => ({ ...given, linecolor: ink, tickcolor: ink });
    const font = { ...own.font, color: ink };
    // Where there is no ink the paper shows, and all between is ink seen through in part.
    const none = ink.replace(/^rgb\((.*)\)$/, 'rgba($1, 0)');
    const coloraxis = {
      ...own.coloraxis,
      colorscale: [
        [0, none],
        [1, ink],
      ],
    };
    return { ...template, layout: { ...own, font, coloraxis, xaxis: axis(own.xaxis), yaxis: axis(own.yaxis) } };
  }

  /** Puts panels that stand side by side below each other on a phone. */
  function stacked({ data, layout }) {
    const keys = Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key) && layout[key].domain);
    const beside = keys.length > 1 && keys.every((key) => !layout[`y${key.slice(1)}`]?.domain);
    if (!beside) return { data, layout };
    const order = [...keys].sort((a, b) => layout[a].domain[0] - layout[b].domain[0]);
    const share = 1 / order.length;
    const domains = order.map((_, i) => [
      1 - (i + 1) * share + (i < order.length - 1 ? 0.18 * share : 0),
      1 - i * share - 0.06 * share,
    ]);
    const changed = { ...layout, height: Math.round((layout.height ?? 400) * (0.4 + 0.5 * order.length)) };
    order.forEach((key, i) => {
      const yKey = `y${key.slice(1)}`;
      changed[key] = { ...layout[key], domain: [0, 1] };
      changed[yKey] = { ...layout[yKey], domain: domains[i] };
    });
    const moved = data.map((trace) => {
      const panel = order.indexOf(`xaxis${(trace.xaxis ?? 'x').slice(1)}`);
      if (!trace.colorbar || panel < 0) return trace;
      const [low, high] = domains[panel];
      return { ...trace, colorbar: { ...trace.colorbar, x: 1.01, y: (low + high) / 2, len: high - low } };
    });
    return { data: moved, layout: changed };
  }

  /** Moves a legend of more than a word a line below the axes on a phone, where it leaves no room beside it. */
  function legendBelow({ data, layout }) {
    const entries = data.filter((trace) => trace.name && trace.showlegend !== false && trace.visible !== false);
    const long = entries.some(({ name }) => name.length > 4);
    if (!(layout.legend?.x > 1) || !long) return { data, layout };
    const legend = { ...layout.legend, orientation: 'h', x: 0, y: -0.22, xanchor: 'left', yanchor: 'top' };
    return { data, layout: { ...layout, legend, height: (layout.height ?? 400) + 20 * entries.length } };
  }

  /** Breaks words in the cells of a map at their hyphens on a phone, and puts its scale below it. */
  function roomForWords({ data, layout }) {
    if (!data.some(({ type, texttemplate }) => type === 'heatmap' && texttemplate)) return { data, layout };
    const broken = (text) => (Array.isArray(text) ? text.map(broken) : String(text).replace(/-/g, '-<br>'));
    const scale = { orientation: 'h', x: 0.5, y: -0.22, yanchor: 'top', len: 1, thickness: 12 };
    const fitted = data.map((trace) =>
      trace.type === 'heatmap' && trace.texttemplate
        ? { ...trace, text: broken(trace.text), textfont: { size: 9 }, colorbar: { ...trace.colorbar, ...scale } }
        : trace,
    );
    return { data: fitted, layout: { ...layout, height: (layout.height ?? 400) + 60 } };
  }

  /** A title as wide as a phone at most, less the page's edges and the axis it begins at: plotly cuts off what does not fit. */
  function brokenTitle(text) {
    const limit = Math.floor((window.innerWidth - 112) / 7.5);
    const lines = [''];
    for (const word of String(text).split(' ')) {
      const line = lines.at(-1);
      if (line === '') lines[lines.length - 1] = word;
      else if (line.length + 1 + word.length <= limit) lines[lines.length - 1] = `${line} ${word}`;
      else lines.push(word);
    }
    return lines.join('<br>');
  }

  function titleWithin({ data, layout }) {
    if (!layout.title?.text) return { data, layout };
    return { data, layout: { ...layout, title: { ...layout.title, text: brokenTitle(layout.title.text) } } };
  }

  /** The lines of the longest title that a figure has at any step. */
  function linesOfTitles(layout, sliders) {
    const steps = sliders.flatMap((slider) => slider.steps ?? []).flatMap(({ args = [] }) => args);
    const titles = [layout.title?.text, ...steps.map((change) => change?.['title.text'])].filter(Boolean);
    return Math.max(1, ...titles.map((title) => brokenTitle(title).split('<br>').length));
  }

  /** The rows of a legend between title and axes, from how wide its words are on a phone. Plotly makes room for them, not for the title above. */
  function rowsOfLegend({ data, layout }) {
    if (!layout.title?.text || layout.legend || layout.showlegend === false) return 1;
    const room = window.innerWidth - 96;
    let [rows, used] = [1, 0];
    for (const { name, showlegend, visible } of data) {
      if (!name || showlegend === false || visible === false) continue;
      const width = 48 + 6.5 * name.length;
      if (used > 0 && used + width > room) [rows, used] = [rows + 1, 0];
      used += width;
    }
    return rows;
  }

  /** What a control changes, with a title that fits. */
  const fitted = (change) =>
    typeof change?.['title.text'] === 'string'
      ? { ...change, 'title.text': brokenTitle(change['title.text']) }
      : change;

  const isPhone = (figure) => narrow() && !figure.printing;

  function prepare(figure) {
    figure.json ??= JSON.parse(figure.element.querySelector('.plot-data').textContent);
    const { data, layout, frames } = figure.json;
    const { sliders = [], updatemenus = [], ...rest } = layout;
    if (sliders.length > 0 && rest.height) rest.height = Math.max(280, rest.height - 70 * sliders.length);
    if (!figure.controls) figure.controls = controlsOf(figure, sliders, updatemenus);
    if (figure.printing || narrow()) rest.height = Math.min(rest.height ?? 400, 420);
    const phone = isPhone(figure);
    const given = { data, layout: rest };
    const drawn = phone ? titleWithin(roomForWords(legendBelow(stacked(given)))) : given;
    const width = figure.printing ? { width: 650 } : {};
    const touch = matchMedia('(pointer: coarse)').matches ? { dragmode: false } : {};
    const above = 24 * (linesOfTitles(layout, sliders) - 1) + 20 * (rowsOfLegend(drawn) - 1);
    const margin = { l: 40, r: 8, t: 44, b: 40, ...drawn.layout.margin };
    // Plotly lets a title of several lines begin above the top of the figure.
    const { title } = drawn.layout;
    const lowered = title?.text
      ? { title: { ...title, pad: { ...title.pad, t: 9 * (linesOfTitles(layout, sliders) - 1) } } }
      : {};
    const compact = phone ? { margin: { ...margin, t: margin.t + above }, ...lowered } : {};
    const template = themed(rest, figure.printing);
    return { data: drawn.data, layout: { ...drawn.layout, ...compact, ...touch, ...width, template }, frames };
  }

  // One for desk and phone, since plotly takes it with the first drawing only. The style hides its buttons on a phone.
  const CONFIG = {
    responsive: true,
    displaylogo: false,
    displayModeBar: 'hover',
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'zoomIn2d', 'zoomOut2d'],
  };

  /** One drawing of a figure after the other: plotly takes no second one before the first has ended. */
  function draw(figure) {
    figure.drawn = true;
    figure.drawing = Promise.resolve(figure.drawing)
      .catch(() => {})
      .then(() => drawNow(figure));
    return figure.drawing;
  }

  async function drawNow(figure) {
    const plot = figure.element.querySelector('.plot');
    const isDrawn = plot.classList.contains('js-plotly-plot');
    if (!isDrawn) plot.replaceChildren();
    figure.narrow = narrow();
    const { data, layout, frames } = prepare(figure);
    plot.style.minHeight = '';
    await window.gmmVae.drawWhole(plot, { data, layout, frames, config: CONFIG });
    if (!isDrawn) plot.on('plotly_relayout', () => tellDrawn(figure));
    // Without a width of its own it would keep that of the paper.
    else if (!figure.printing) await loadPlotly().Plots.resize(plot);
    for (const step of figure.steps.values()) await apply(figure, step);
    const [first, ...others] = plot.querySelectorAll('svg.main-svg');
    first?.setAttribute('role', 'img');
    first?.setAttribute('aria-label', plot.dataset.alt);
    for (const svg of others) svg.setAttribute('aria-hidden', 'true');
    tellDrawn(figure);
  }

  /** What lies over a figure follows it. */
  function tellDrawn({ element, json }) {
    element.dispatchEvent(new CustomEvent('drawn', { detail: json }));
  }

  function apply(figure, { method, args = [] }) {
    const plot = figure.element.querySelector('.plot');
    const fitting = isPhone(figure) ? args.map(fitted) : args;
    return method && method !== 'skip' ? window.Plotly[method](plot, ...fitting) : undefined;
  }

  function choose(figure, control, step) {
    figure.steps.set(control, step);
    return apply(figure, step);
  }

  /** Plotly draws sliders and menus as pictures; as real controls they work with keyboard, touch and screen reader. */
  function controlsOf(figure, sliders, menus) {
    const box = document.createElement('div');
    box.className = 'controls';
    box.append(...sliders.map((slider) => sliderOf(figure, slider)), ...menus.map((menu) => menuOf(figure, menu)));
    if (box.childElementCount > 0) figure.element.querySelector('.plot').before(box);
    return box;
  }

  function sliderOf(figure, { steps = [], active = 0, currentvalue = {} }) {
    const label = document.createElement('label');
    const reading = document.createElement('span');
    const input = document.createElement('input');
    reading.className = 'reading';
    Object.assign(input, { type: 'range', min: '0', max: String(steps.length - 1), step: '1', value: String(active) });
    const show = () => {
      const text = `${currentvalue.prefix ?? ''}${steps[Number(input.value)]?.label ?? ''}`;
      reading.textContent = text;
      input.setAttribute('aria-valuetext', text);
    };
    input.addEventListener('input', () => {
      show();
      choose(figure, label, steps[Number(input.value)]);
    });
    show();
    label.append(reading, input);
    return label;
  }

  function menuOf(figure, menu) {
    const buttons = menu.buttons ?? [];
    if (menu.type === 'buttons') {
      const group = document.createElement('span');
      for (const step of buttons) {
        const button = document.createElement('button');
        Object.assign(button, { type: 'button', textContent: step.label ?? '' });
        button.addEventListener('click', () => choose(figure, group, step));
        group.append(button, ' ');
      }
      return group;
    }
    const select = document.createElement('select');
    select.setAttribute('aria-label', 'What this figure shows');
    select.append(...buttons.map((step) => new Option(step.label ?? '')));
    select.selectedIndex = menu.active ?? 0;
    select.addEventListener('change', () => choose(figure, select, buttons[select.selectedIndex]));
    return select;
  }

  const near = new IntersectionObserver(
    (entries) => {
      // On paper every figure is drawn at once, and once only.
      if (matchMedia('print').matches) return;
      for (const entry of entries) {
        const figure = figures.find(({ element }) => element === entry.target);
        if (entry.isIntersecting && figure && !figure.drawn) draw(figure);
      }
    },
    { rootMargin: '700px 0px' },
  );
  for (const { element } of figures) near.observe(element);

  async function repaint() {
    for (const figure of figures) {
      if (!figure.drawn) continue;
      const plot = figure.element.querySelector('.plot');
      await window.Plotly.relayout(plot, { template: themed(plot.layout, figure.printing) });
    }
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
  addEventListener('resize', () => {
    for (const figure of figures) if (figure.drawn && !figure.printing && figure.narrow !== narrow()) draw(figure);
  });

  /** Paper is light and narrow, and shows every figure. */
  async function preparePrint(printing) {
    for (const figure of figures) {
      if (figure.printing === printing) continue;
      figure.printing = printing;
      if (printing || figure.drawn) await draw(figure);
    }
  }
  addEventListener('beforeprint', () => preparePrint(true));
  addEventListener('afterprint', () => preparePrint(false));

  /** Puts another figure in the place of one: a live cell has computed it. It moves where it is drawn already. */
  async function showFigure(element, json) {
    const figure = figures.find((it) => it.element === element);
    figure.json = json;
    const plot = element.querySelector('.plot');
    const { alt } = json.layout?.meta ?? {};
    if (alt) plot.dataset.alt = alt;
    if (!figure.drawn) return draw(figure);
    await figure.drawing;
    const { data, layout, frames } = prepare(figure);
    figure.drawing = window.gmmVae.redraw(plot, { data, layout, frames, config: CONFIG });
    await figure.drawing;
    plot.querySelector('svg.main-svg')?.setAttribute('aria-label', plot.dataset.alt);
    tellDrawn(figure);
  }
  window.gmmVae = { ...window.gmmVae, preparePrint, repaint, showFigure, loadPlotly };
})();
