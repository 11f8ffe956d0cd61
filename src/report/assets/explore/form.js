// The controls of the page to play with.
(() => {
  const { make, explore } = window.gmmVae;

  /** `0.50`, `0.123`, `1.0e-9`: two decimals, or as many figures as the number needs to four. */
  explore.shown = (value) => {
    const fixed = value.toFixed(2);
    const isWhole = Math.abs(Number(fixed) - value) <= 1e-9 * Math.abs(value);
    const text = isWhole ? fixed : String(Number(value.toPrecision(4)));
    return text.replace('-', '−');
  };

  class Form {
    /** Sliders by what they set: `p.1.mean.0`. A handle of the figure moves them. */
    sliders = new Map();

    /** @param changed is called when a reader has moved something in `state` */
    constructor(element, state, changed) {
      Object.assign(this, { element, state, changed });
      element.addEventListener('change', ({ target }) => this.#take(target));
      element.addEventListener('submit', (event) => event.preventDefault());
      for (const button of element.querySelectorAll('.add'))
        button.addEventListener('click', () => this.#add(button.closest('fieldset').dataset.of));
    }

    /** Shows all of a state. */
    show(state) {
      this.state = state;
      const { element } = this;
      element.hidden = false;
      element.elements.dimension.value = String(state.q[0].mean.length);
      this.#offer(String(state.draws));
      element.elements.draws.value = String(state.draws);
      element.elements.seed.value = String(state.seed);
      for (const of of ['q', 'p']) this.#showComponents(of);
    }

    /** A number of draws that only an address names is one to choose, too: else the field would be empty. */
    #offer(draws) {
      const { options } = this.element.elements.draws;
      if (![...options].some(({ value }) => value === draws)) options.add(new Option(draws, draws));
    }

    #take({ name, value }) {
      const { state } = this;
      if (name === 'draws') state.draws = Number(value);
      else if (name === 'seed' && Number.isSafeInteger(Number(value))) state.seed = Number(value);
      else if (name === 'dimension') {
        explore.state.resize(state, Number(value));
        this.show(state);
      } else return;
      this.changed();
    }

    #add(of) {
      const components = this.state[of];
      const [first] = components;
      components.push({ weight: 0.5, mean: first.mean.map((mean) => mean + 1), stddev: [...first.stddev], rho: 0 });
      this.#showComponents(of);
      this.changed();
    }

    #remove(of, k) {
      this.state[of].splice(k, 1);
      this.#showComponents(of);
      this.changed();
    }

    #showComponents(of) {
      const components = this.state[of];
      const place = this.element.querySelector(`[data-of=${of}] .components`);
      place.replaceChildren(...components.map((component, k) => this.#controlsOf(of, k, component)));
      this.element.querySelector(`[data-of=${of}] .add`).disabled = components.length >= explore.state.MOST;
    }

    #controlsOf(of, k, component) {
      const isOneOfMany = this.state[of].length > 1;
      const dimension = component.mean.length;
      const label = (word) => (isOneOfMany ? `${word} of component ${k + 1}` : word);
      const slider = (key, word, value, range, set) =>
        this.#slider(`${of}.${k}.${key}`, label(word), value, range, set);
      const controls = make('div', { className: 'controls' });
      const single = (key, word, name, range) =>
        controls.append(slider(key, word, component[name], range, (to) => Object.assign(component, { [name]: to })));
      if (isOneOfMany) single('weight', 'weight', 'weight', [0.01, 1, 0.01]);
      for (let i = 0; i < dimension; i++) {
        const axis = dimension > 1 ? ` ${i + 1}` : '';
        const one = (name, range) =>
          slider(`${name}.${i}`, `${name}${axis}`, component[name][i], range, (to) => {
            component[name][i] = to;
          });
        controls.append(one('mean', [-6, 6, 0.05]), one('stddev', [0.1, 3, 0.05]));
      }
      if (dimension > 1) single('correlation', 'correlation', 'rho', [-0.95, 0.95, 0.05]);
      if (isOneOfMany) {
        const remove = make('button', { type: 'button', textContent: `Remove component ${k + 1} of ${of}` });
        remove.addEventListener('click', () => this.#remove(of, k));
        controls.append(remove);
      }
      return controls;
    }

    #slider(key, name, value, [min, max, step], set) {
      const input = make('input', { type: 'range' });
      // An address may set what lies beyond the ends: the slider reaches as far.
      Object.assign(input, { min: Math.min(min, value), max: Math.max(max, value), step });
      const reading = make('span', { className: 'reading' });
      // Says what is computed, also where that lies between two steps, as numbers of an address may.
      const show = (given) => {
        input.value = given;
        reading.textContent = `${name} = ${explore.shown(given)}`;
        input.setAttribute('aria-valuetext', reading.textContent);
      };
      const to = (given) => {
        input.value = given;
        show(Number(input.value));
        set(Number(input.value));
        this.changed();
      };
      show(value);
      input.addEventListener('input', () => to(input.value));
      const state = () => ({ value: Number(input.value), min, max, step });
      this.sliders.set(key, { to, words: () => reading.textContent, state });
      return make('label', {}, reading, input);
    }
  }
  window.gmmVae.explore = { ...window.gmmVae.explore, Form };
})();
