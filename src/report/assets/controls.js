// The controls of live cells, as the browser's own: they work by keyboard, by touch and with a screen reader.
(() => {
  const { make } = window.gmmVae;

  /** A label, the value beside it and the control below, as the figures' own sliders have them. */
  function labelled(name, spec, control, reading) {
    const words = make('span', { className: 'reading', textContent: spec.label ?? name });
    const show = (text) => {
      if (reading) words.textContent = `${spec.label ?? name} = ${text}`;
      if (reading) control.setAttribute('aria-valuetext', words.textContent);
    };
    return { label: make('label', {}, words, control), show };
  }

  // As decimalsOf in live/control-checks.ts has it: 0.25 is not 0.3.
  const decimalsOf = (step, from) => {
    const isShown = (value, decimals) =>
      Math.abs(Number(value.toFixed(decimals)) - value) <= 1e-9 * Math.max(step, Math.abs(value));
    for (let decimals = 0; decimals <= 8; decimals++)
      if ([step, ...from].every((value) => isShown(value, decimals))) return decimals;
    return Math.min(8, Math.max(2, Math.ceil(-Math.log10(step)) + 2));
  };
  /** `0.3` where sums of steps are 0.30000000000000004. */
  const short = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(12))) : String(value));
  const CONTROLS = {
    slider(cell, name, spec) {
      const input = make('input', { type: 'range' });
      Object.assign(input, { min: spec.min, max: spec.max, step: spec.step });
      input.value = spec.value;
      const { label, show } = labelled(name, spec, input, true);
      // Where the notebook starts between two steps, the figure is computed there, and no place of the browser's control.
      let at = spec.value;
      const decimals = decimalsOf(spec.step, [spec.min, spec.value]);
      const text = () => at.toFixed(decimals).replace('-', '−');
      const to = (value) => {
        // The browser takes the nearest value that the steps reach.
        input.value = value;
        at = Number(input.value);
        show(text());
        cell.move(name, at);
      };
      show(text());
      input.addEventListener('input', () => to(input.value));
      const words = () => `${spec.label ?? name} = ${text()}`;
      const state = () => ({ value: at, min: spec.min, max: spec.max, step: spec.step });
      return { element: label, to, words, state };
    },
    steps(cell, name, spec) {
      const { positions } = spec;
      const input = make('input', { type: 'range' });
      Object.assign(input, { min: 0, max: positions.length - 1, step: 1 });
      input.value = positions.indexOf(spec.value);
      const { label, show } = labelled(name, spec, input, true);
      const value = () => positions[Number(input.value)];
      const to = (given) => {
        const distances = positions.map((position) => Math.abs(position - given));
        input.value = distances.indexOf(Math.min(...distances));
        show(short(value()));
        cell.move(name, value());
      };
      show(short(value()));
      input.addEventListener('input', () => to(value()));
      const words = () => `${spec.label ?? name} = ${short(value())}`;
      const step = Math.abs(positions[1] - positions[0]);
      return {
        element: label,
        to,
        words,
        state: () => ({ value: value(), min: positions[0], max: positions.at(-1), step }),
      };
    },
    select(cell, name, spec) {
      const input = make('select', {}, ...spec.options.map((option) => new Option(String(option))));
      input.selectedIndex = spec.options.indexOf(spec.value);
      input.addEventListener('change', () => cell.move(name, spec.options[input.selectedIndex]));
      return labelled(name, spec, input).label;
    },
    checkbox(cell, name, spec) {
      const input = make('input', { type: 'checkbox', checked: spec.value });
      input.addEventListener('change', () => cell.move(name, input.checked));
      return labelled(name, spec, input).label;
    },
    text(cell, name, spec) {
      const input = make('input', { type: 'text', value: spec.value, placeholder: spec.placeholder });
      input.addEventListener('input', () => cell.move(name, input.value));
      return labelled(name, spec, input).label;
    },
    button(cell, name, spec) {
      const input = make('button', { type: 'button', textContent: spec.label ?? name });
      input.addEventListener('click', () => cell.move(name, cell.values[name] + 1));
      return input;
    },
    play(cell, name, spec) {
      const input = make('input', { type: 'range' });
      Object.assign(input, { min: spec.min, max: spec.max, step: spec.step });
      input.value = spec.value;
      const { label, show } = labelled(name, spec, input, true);
      const button = make('button', { type: 'button' });
      let timer;
      const to = (value) => {
        input.value = value;
        show(input.value);
        cell.move(name, Number(input.value));
      };
      const run = (is) => {
        clearInterval(timer);
        timer = is ? setInterval(tick, spec.interval) : undefined;
        button.textContent = is ? 'Pause' : 'Play';
      };
      const tick = () => {
        const next = Number(input.value) + spec.step;
        if (next > spec.max) run(false);
        else to(next);
      };
      input.addEventListener('input', () => to(Number(input.value)));
      button.addEventListener('click', () => {
        if (timer === undefined && Number(input.value) + spec.step > spec.max) to(spec.min);
        run(timer === undefined);
      });
      show(input.value);
      run(false);
      return make('span', { className: 'play' }, label, button);
    },
  };

  /** The control of that name: its `element`; of a slider also `to`, which moves it, its `state`, and the `words` that say where it is. */
  const controlOf = (cell, name, spec) => {
    const control = CONTROLS[spec.kind](cell, name, spec);
    return control instanceof Element ? { element: control } : control;
  };
  window.gmmVae = { ...window.gmmVae, controlOf };
})();
