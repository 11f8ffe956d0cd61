// Handles on the figure of a live cell in Jupyter: they move the sliders of their cell, by the comms of its widgets, whoever draws those.
(() => {
  const { bound, Handles } = window.gmmVae;
  const decimals = (step) => Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));

  /** A slider, as handle-bindings.js wants it. */
  class Slider {
    constructor(spec, model) {
      Object.assign(this, { ...spec, model });
    }

    state() {
      const { value, min, max, step } = this;
      return { value, min, max, step };
    }

    words() {
      return `${this.label} = ${this.value.toFixed(decimals(this.step))}`;
    }

    to(given) {
      const { min, max, step } = this;
      const onGrid = min + Math.round((Math.min(max, Math.max(min, given)) - min) / step) * step;
      const value = Math.min(max, Number(onGrid.toFixed(decimals(step) + 2)));
      if (value === this.value) return;
      this.value = value;
      this.model.move({ value });
    }

    /** Takes what the figure was computed from, unless this page has moved on since. */
    take({ value }) {
      if (!this.model.isAhead) this.value = value;
    }
  }

  /** What lies over each plot. */
  const shown = new WeakMap();
  /** Counts what is shown: sliders of an older figure that are found late are not. */
  let newest = 0;

  /** Sliders by name; those whose comms the kernel has closed are left out. */
  async function slidersOf(specs, modelOf) {
    const found = new Map();
    for (const [name, { comm, ...spec }] of Object.entries(specs)) {
      const model = await modelOf(comm);
      if (model) found.set(name, new Slider(spec, model));
    }
    return found;
  }

  const idsOf = (specs) =>
    Object.values(specs)
      .map(({ comm }) => comm)
      .join();

  /**
   * Shows the handles that a figure names.
   * @param specs the sliders of the cell, as the output's metadata names them
   * @param modelOf gives the widget of a comm's id, or nothing where the kernel has none
   */
  async function showHandles(plot, { handles, specs, modelOf }) {
    const place = shown.get(plot) ?? {};
    if (handles.length === 0 && !place.over) return;
    shown.set(plot, place);
    newest += 1;
    const mine = newest;
    place.newest = mine;
    const ids = idsOf(specs);
    // A cell that has run again has other widgets.
    if (place.ids !== ids) Object.assign(place, { ids, sliders: slidersOf(specs, modelOf) });
    const sliders = await place.sliders;
    if (place.newest !== mine) return;
    if (!place.over) {
      place.over = new Handles(plot);
      plot.on('plotly_relayout', () => place.over.place());
    }
    for (const [name, slider] of sliders) slider.take(specs[name]);
    place.over.set(handles.flatMap((handle) => bound(handle, sliders) ?? []));
  }
  window.gmmVae = { ...window.gmmVae, showHandles };
})();
