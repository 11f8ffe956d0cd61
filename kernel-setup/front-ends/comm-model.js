// A widget of the kernel, as a front end has it.
(() => {
  /** A widget: its state here, and the comm by which it is the same in the kernel. */
  class Model {
    views = new Set();
    /** What is to be done once the kernel has closed it. */
    leaving = new Set();
    /** What the kernel is to hear next; later moves take the place of earlier ones while it computes. */
    #next = null;
    #isWaiting = false;

    /** @param comm sends data, and calls `done` once the kernel has dealt with it */
    constructor(comm, state) {
      this.comm = comm;
      this.state = state;
    }

    /** Sets the state from the kernel. */
    take(state) {
      Object.assign(this.state, state);
      for (const show of this.views) show(this.state);
    }

    /** Sets the state from a control, and tells the kernel. */
    move(state) {
      this.take(state);
      this.#next = { ...this.#next, ...state };
      this.#tell();
    }

    /** Whether the kernel has not dealt with all moves yet. */
    get isAhead() {
      return this.#isWaiting;
    }

    custom(content) {
      this.comm.send({ method: 'custom', content }, () => {});
    }

    #tell() {
      if (this.#isWaiting || this.#next === null) return;
      const state = this.#next;
      this.#next = null;
      this.#isWaiting = true;
      this.comm.send({ method: 'update', state, buffer_paths: [] }, () => {
        this.#isWaiting = false;
        this.#tell();
      });
    }
  }
  window.gmmVae = { ...window.gmmVae, Model };
})();
