// Draws the widgets of a live cell where no widget manager does: as the browser's own controls, which work by keyboard, by touch and
// with a screen reader. It knows the models that `interact` opens and takes from any other the words that say what is missing.
(() => {
  const { make, Model } = window.gmmVae;

  class Manager {
    #models = new Map();
    #awaited = new Map();

    /** Takes a widget that the kernel has opened. `receive` is to be given each message of its comm. */
    add(id, comm, state) {
      const model = new Model(comm, state);
      this.#models.set(id, model);
      for (const use of this.#awaited.get(id) ?? []) use(model);
      this.#awaited.delete(id);
      return {
        receive: (data) => {
          // An echo of this page's own move may be older than where the control stands by now.
          if (data.method === 'update' || (data.method === 'echo_update' && !model.isAhead)) model.take(data.state);
        },
        close: () => {
          this.#models.delete(id);
          for (const leave of model.leaving) leave();
        },
      };
    }

    /** Draws a widget into an element, now or when it comes. */
    draw(id, element) {
      this.#with(id, (model) => {
        // A control that its kernel has closed would move nothing.
        model.leaving.add(() => element.replaceChildren());
        const { _model_name: name } = model.state;
        const make = Object.hasOwn(VIEWS, name) ? VIEWS[name] : null;
        if (make) element.replaceChildren(make(model, this));
        else
          element.textContent = `gmm-vae draws no widget of the kind ${name}; pip install ipywidgets brings one that does`;
      });
    }

    /** The widget of that id; undefined where the kernel has not opened it. */
    find(id) {
      return this.#models.get(id);
    }

    #with(id, use) {
      const model = this.#models.get(id);
      if (model) use(model);
      else this.#awaited.set(id, [...(this.#awaited.get(id) ?? []), use]);
    }
  }

  /** Shows the state now and whenever it changes. */
  function follow(model, show) {
    model.views.add(show);
    show(model.state);
  }

  /** A control with its label before it. */
  const labelled = (model, control, ...more) => {
    const name = make('span', { className: 'gmm-vae-label' });
    follow(model, ({ description }) => {
      name.textContent = description;
    });
    return make('label', { className: 'gmm-vae-control' }, name, control, ...more);
  };

  const decimals = (format) => Number(/\.(\d+)f/.exec(format ?? '')?.[1] ?? 2);

  function slider(model) {
    const { min, max, step, readout_format } = model.state;
    const input = make('input', { type: 'range' });
    Object.assign(input, { min, max, step });
    const shown = make('output');
    follow(model, ({ value }) => {
      const text = value.toFixed(decimals(readout_format));
      if (Number(input.value) !== value) input.value = String(value);
      shown.textContent = text;
      input.setAttribute('aria-valuetext', text);
    });
    input.addEventListener('input', () => model.move({ value: Number(input.value) }));
    return labelled(model, input, shown);
  }

  function dropdown(model) {
    const options = model.state._options_labels.map((label) => make('option', { textContent: label }));
    const input = make('select', {}, ...options);
    follow(model, ({ index }) => {
      input.selectedIndex = index ?? -1;
    });
    input.addEventListener('change', () => model.move({ index: input.selectedIndex }));
    return labelled(model, input);
  }

  function checkbox(model) {
    const input = make('input', { type: 'checkbox' });
    follow(model, ({ value }) => {
      input.checked = value;
    });
    input.addEventListener('change', () => model.move({ value: input.checked }));
    return labelled(model, input);
  }

  function text(model) {
    const input = make('input', { type: 'text', placeholder: model.state.placeholder ?? '' });
    follow(model, ({ value }) => {
      if (input.value !== value) input.value = value;
    });
    input.addEventListener('input', () => model.move({ value: input.value }));
    return labelled(model, input);
  }

  function button(model) {
    const input = make('button', { type: 'button' });
    follow(model, ({ description, disabled }) => {
      input.textContent = description;
      input.disabled = disabled === true;
    });
    input.addEventListener('click', () => model.custom({ event: 'click' }));
    return input;
  }

  function play(model) {
    const { min, max, step, interval } = model.state;
    const input = make('button', { type: 'button' });
    const reset = make('button', { type: 'button', textContent: 'Back to the start' });
    const shown = make('output');
    let timer;
    const set = (playing) => {
      clearInterval(timer);
      timer = playing ? setInterval(tick, interval) : undefined;
      input.textContent = playing ? 'Pause' : 'Play';
    };
    const tick = () => {
      // A cell that has been cleared plays to nobody.
      if (!input.isConnected || model.state.value + step > max) return set(false);
      model.move({ value: model.state.value + step });
    };
    follow(model, ({ value }) => {
      shown.textContent = String(value);
    });
    set(false);
    input.addEventListener('click', () => {
      if (timer === undefined && model.state.value + step > max) model.move({ value: min });
      set(timer === undefined);
    });
    reset.addEventListener('click', () => {
      set(false);
      model.move({ value: min });
    });
    const name = make('span', { className: 'gmm-vae-label', textContent: model.state.description });
    return make(
      'div',
      { className: 'gmm-vae-control', role: 'group', ariaLabel: model.state.description },
      name,
      input,
      reset,
      shown,
    );
  }

  function progress(model) {
    const bar = make('progress');
    follow(model, ({ value, min, max }) => {
      bar.max = max - min;
      bar.value = value - min;
    });
    return labelled(model, bar);
  }

  function html(model) {
    const box = make('div', { ariaLive: 'polite' });
    follow(model, ({ value }) => {
      box.innerHTML = value;
    });
    return box;
  }

  /** Words that may change many times a second: they are not read out each time. */
  function words(model) {
    const shown = make('span');
    follow(model, ({ value }) => {
      shown.textContent = value;
    });
    return shown;
  }

  const box = (direction) => (model, manager) => {
    const element = make('div', { className: `gmm-vae-box gmm-vae-${direction}` });
    follow(model, ({ children }) => {
      const views = children.map((child) => {
        const place = make('div');
        manager.draw(child.replace(/^IPY_MODEL_/, ''), place);
        return place;
      });
      element.replaceChildren(...views);
    });
    return element;
  };

  const VIEWS = {
    FloatSliderModel: slider,
    IntSliderModel: slider,
    DropdownModel: dropdown,
    CheckboxModel: checkbox,
    TextModel: text,
    ButtonModel: button,
    PlayModel: play,
    FloatProgressModel: progress,
    IntProgressModel: progress,
    HTMLModel: html,
    LabelModel: words,
    VBoxModel: box('rows'),
    HBoxModel: box('columns'),
  };

  const STYLE = `.gmm-vae-box { display: flex; gap: 0.4em; margin: 0.4em 0; }
.gmm-vae-rows { flex-direction: column; }
.gmm-vae-columns { flex-wrap: wrap; }
.gmm-vae-control { display: flex; align-items: center; gap: 0.6em; max-width: 40em; font-weight: normal; margin: 0; }
.gmm-vae-control input[type=range] { flex: 1; min-width: 8em; }
.gmm-vae-label { min-width: 6em; }
.gmm-vae-control output { min-width: 4em; font-variant-numeric: tabular-nums; }`;
  document.head.append(make('style', { textContent: STYLE }));

  window.gmmVaeWidgets = { Manager };
})();
