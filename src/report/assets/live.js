// Makes live cells live: their controls as the browser's own, their functions in a web worker, so that the page stays smooth.
(() => {
  const source = document.querySelector('script#live-worker');
  if (!source) return;

  /** A cell that computes longer than this is given up, and the worker with it. */
  const PATIENCE_MS = 10_000;
  const QUIET_MS = 600;
  const address = URL.createObjectURL(new Blob([source.textContent], { type: 'text/javascript' }));
  let worker;
  let lastId = 0;
  const waiting = new Map();

  function start() {
    worker = new Worker(address);
    worker.onmessage = ({ data }) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
    worker.onerror = ({ message }) => giveUp(message);
  }

  /** Ends what is under way; the next move begins anew. */
  function giveUp(error) {
    worker.terminate();
    worker = undefined;
    for (const answer of waiting.values()) answer({ error });
    waiting.clear();
  }

  function ask(cell, values) {
    if (!worker) start();
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => giveUp(`Error: this took longer than ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      worker.postMessage({ id, cell, values });
    });
  }

  const make = (tag, attributes = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), attributes);
    element.append(...children);
    return element;
  };

  class LiveCell {
    #isComputing = false;
    /** When the move was made that is not computed yet. */
    #waitingSince;

    constructor(element) {
      const { cell, controls } = JSON.parse(element.querySelector('.live-data').textContent);
      this.cell = cell;
      this.shown = element.querySelector('.live-shown');
      this.values = Object.fromEntries(Object.entries(controls).map(([name, { value }]) => [name, value]));
      this.box = make('div', { className: 'controls live-controls' });
      this.box.setAttribute('role', 'group');
      this.box.setAttribute('aria-label', 'Controls of this figure');
      for (const [name, spec] of Object.entries(controls)) this.box.append(CONTROLS[spec.kind](this, name, spec));
      this.error = make('p', { className: 'live-error' });
      this.error.setAttribute('role', 'alert');
      this.status = make('p', { className: 'visually-hidden' });
      this.status.setAttribute('role', 'status');
      this.shown.before(this.box);
      this.shown.after(this.error, this.status);
    }

    /** Moves that come faster than they are computed count but for the last one. */
    move(name, value) {
      this.values[name] = value;
      this.#waitingSince ??= performance.now();
      if (!this.#isComputing) this.#follow();
    }

    async #follow() {
      this.#isComputing = true;
      let next = this.#ask();
      while (next) {
        const { bundle, error, since } = await next;
        // The worker computes the next move while the page draws this one.
        next = this.#ask();
        try {
          if (bundle) await this.show(bundle);
          this.error.textContent = error ?? '';
        } catch ({ name, message }) {
          this.error.textContent = `${name}: ${message}`;
        }
        this.shown.dataset.ms = String(performance.now() - since);
        this.shown.dataset.answers = String(Number(this.shown.dataset.answers ?? 0) + 1);
        next ??= this.#ask();
      }
      this.#isComputing = false;
    }

    /** The answer to the moves made since the last one; undefined where none was. */
    #ask() {
      const since = this.#waitingSince;
      if (since === undefined) return undefined;
      this.#waitingSince = undefined;
      return ask(this.cell, { ...this.values }).then((answer) => ({ ...answer, since }));
    }

    async show(bundle) {
      const figure = this.shown.querySelector('.figure');
      const json = bundle['application/vnd.plotly.v1+json'];
      if (figure && json) await window.gmmVae.showFigure(figure, json);
      else this.showText(bundle['text/plain'] ?? '');
      clearTimeout(this.saying);
      // What a reader hears: the end of a move, not every step of it.
      this.saying = setTimeout(() => {
        this.status.textContent = bundle['text/plain'] ?? '';
      }, QUIET_MS);
    }

    showText(text) {
      let place = this.shown.querySelector('pre');
      if (!place) {
        place = make('pre', { className: 'output result' });
        this.shown.replaceChildren(place);
      }
      place.textContent = text;
    }
  }

  /** A label, the value beside it and the control below, as the figures' own sliders have them. */
  function labelled(name, spec, control, reading) {
    const words = make('span', { className: 'reading', textContent: spec.label ?? name });
    const show = (text) => {
      if (reading) words.textContent = `${spec.label ?? name} = ${text}`;
      if (reading) control.setAttribute('aria-valuetext', words.textContent);
    };
    return { label: make('label', {}, words, control), show };
  }

  const decimals = (step) => Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  const CONTROLS = {
    slider(cell, name, spec) {
      const input = make('input', { type: 'range' });
      Object.assign(input, { min: spec.min, max: spec.max, step: spec.step });
      input.value = spec.value;
      const { label, show } = labelled(name, spec, input, true);
      const text = () => Number(input.value).toFixed(decimals(spec.step));
      show(text());
      input.addEventListener('input', () => {
        show(text());
        cell.move(name, Number(input.value));
      });
      return label;
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

  for (const element of document.querySelectorAll('.live:has(> .live-data)')) new LiveCell(element);
})();
