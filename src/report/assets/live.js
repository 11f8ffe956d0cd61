// Makes live cells live: their controls as the browser's own, their functions in a web worker, so that the page stays smooth.
(() => {
  /** A cell that computes longer than this is given up, and the worker with it. */
  const PATIENCE_MS = 10_000;
  const QUIET_MS = 600;
  let address;
  let worker;
  let lastId = 0;
  const waiting = new Map();

  function start() {
    const source = document.querySelector('script#live-worker').textContent;
    address ??= URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
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

  const { make, controlOf, bound, Handles } = window.gmmVae;

  /** The frame that was computed for these values: the last control's places follow each other. */
  async function frameOf({ steps, shown }, values) {
    const at = steps.reduce((sum, { name, positions }) => sum * positions.length + positions.indexOf(values[name]), 0);
    const { error, ...bundle } = shown[at];
    return error === undefined ? { bundle } : { error };
  }

  class LiveCell {
    #isComputing = false;
    /** When the move was made that is not computed yet. */
    #waitingSince;

    constructor(element) {
      const { cell, frames, controls } = JSON.parse(element.querySelector('.live-data').textContent);
      this.answer = (values) => (frames ? frameOf(frames, values) : ask(cell, values));
      this.shown = element.querySelector('.live-shown');
      this.values = Object.fromEntries(Object.entries(controls).map(([name, { value }]) => [name, value]));
      this.box = make('div', { className: 'controls live-controls' });
      this.box.setAttribute('role', 'group');
      this.box.setAttribute('aria-label', 'Controls of this figure');
      this.controls = new Map(Object.entries(controls).map(([name, spec]) => [name, controlOf(this, name, spec)]));
      this.box.append(...[...this.controls.values()].map(({ element: control }) => control));
      this.error = make('p', { className: 'live-error' });
      this.error.setAttribute('role', 'alert');
      this.status = make('p', { className: 'visually-hidden' });
      this.status.setAttribute('role', 'status');
      this.shown.before(this.box);
      this.shown.after(this.error, this.status);
      const figure = this.shown.querySelector('.figure');
      figure?.addEventListener('drawn', ({ detail }) => this.#showHandles(figure, detail.layout.meta?.handles ?? []));
    }

    /** The handles by which a reader drags what the figure shows. */
    #showHandles(figure, handles) {
      if (handles.length === 0 && !this.handles) return;
      this.handles ??= new Handles(figure.querySelector('.plot'));
      this.handles.set(handles.flatMap((handle) => bound(handle, this.controls) ?? []));
    }

    /** Moves that come faster than they are computed count but for the last one. */
    move(name, value) {
      this.values[name] = value;
      this.#waitingSince ??= performance.now();
      if (this.#isComputing) return;
      this.#isComputing = true;
      // A handle moves two controls at once.
      queueMicrotask(() => this.#follow());
    }

    async #follow() {
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
      return this.answer({ ...this.values }).then((answer) => ({ ...answer, since }));
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

  for (const element of document.querySelectorAll('.live:has(> .live-data)')) new LiveCell(element);
})();
