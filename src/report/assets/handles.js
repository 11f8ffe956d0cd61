// Handles on a figure: dots that a reader drags with the mouse or a finger, or moves by the arrow keys.
(() => {
  const { make } = window.gmmVae;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  /** Steps of an arrow key with Shift held. */
  const LEAP = 10;

  /** The handles of one plot, which lie over it. */
  class Handles {
    #all = [];
    #box = make('div', { className: 'handles' });

    constructor(plot) {
      this.plot = plot;
      this.#box.setAttribute('role', 'group');
      this.#box.setAttribute('aria-label', 'Handles in the figure');
      // A key moves a handle and nothing else: Jupyter's front ends take arrows for their own.
      this.#box.dataset.lmSuppressShortcuts = 'true';
      this.#box.addEventListener('keydown', (event) => event.stopPropagation());
      plot.after(this.#box);
      plot.parentElement.classList.add('has-handles');
    }

    /**
     * Shows handles in the places that `given` names, in the figure's own coordinates: each with its `label`, the `text` that says where it
     * stands, its `value` from `min` to `max` for screen readers, and what happens when it is moved to a place or by steps; or what a
     * `click` does.
     */
    set(given) {
      while (this.#all.length > given.length) this.#all.pop().element.remove();
      given.forEach((handle, i) => {
        this.#all[i] ??= this.#add(i);
        const one = this.#all[i];
        const { element } = one;
        one.given = handle;
        // The one that is held stays under the pointer.
        one.handle = one.isHeld ? { ...handle, x: one.handle.x, y: one.handle.y } : handle;
        if (handle.colour) element.style.setProperty('--handle', handle.colour);
        element.setAttribute('aria-label', handle.label);
        element.title = handle.label;
        element.setAttribute('role', handle.click ? 'button' : 'slider');
        element.classList.toggle('jump', handle.click !== undefined);
        if (handle.click) return;
        for (const [name, value] of [
          ['now', handle.value],
          ['min', handle.min],
          ['max', handle.max],
          ['text', handle.text],
        ])
          element.setAttribute(`aria-value${name}`, value);
      });
      this.place();
    }

    /** Puts the handles where the axes are. */
    place() {
      const { plot } = this;
      const { xaxis, yaxis } = plot._fullLayout ?? {};
      this.#box.hidden = !xaxis || !yaxis;
      if (this.#box.hidden) return;
      Object.assign(this.#box.style, { left: `${plot.offsetLeft}px`, top: `${plot.offsetTop}px` });
      for (const { element, handle, isHeld } of this.#all) {
        const [x, y] = [xaxis.d2p(handle.x), yaxis.d2p(handle.y)];
        // An element that is hidden lets the pointer go.
        element.hidden = !isHeld && !(x >= -1 && x <= xaxis._length + 1 && y >= -1 && y <= yaxis._length + 1);
        Object.assign(element.style, { left: `${xaxis._offset + x}px`, top: `${yaxis._offset + y}px` });
      }
    }

    #add(i) {
      const element = make('span', { className: 'handle', tabIndex: 0 });
      const one = { element, isHeld: false };
      const hold = (is) => {
        one.isHeld = is;
        // A pointer may go where nothing follows it.
        if (!is) one.handle = one.given;
        this.place();
        this.plot.classList.toggle('held', is);
        element.classList.toggle('held', is);
      };
      element.addEventListener('pointerdown', (event) => {
        if (event.button !== 0 || one.handle.click) return;
        element.setPointerCapture(event.pointerId);
        element.focus();
        hold(true);
        event.preventDefault();
      });
      element.addEventListener('pointermove', (event) => {
        if (one.isHeld) this.#drag(one, event);
      });
      for (const end of ['pointerup', 'pointercancel']) element.addEventListener(end, () => hold(false));
      element.addEventListener('click', () => one.handle.click?.());
      element.addEventListener('keydown', (event) => {
        if (one.handle.click) {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          one.handle.click();
          return;
        }
        const arrow = ARROWS[event.key];
        if (!arrow) return;
        event.preventDefault();
        const [right, up] = arrow.map((step) => (event.shiftKey ? LEAP * step : step));
        one.handle.nudge(right, up);
      });
      const before = this.#all[i - 1]?.element;
      if (before) before.after(element);
      else this.#box.prepend(element);
      return one;
    }

    #drag({ handle }, { clientX, clientY }) {
      const { xaxis, yaxis } = this.plot._fullLayout;
      const { left, top } = this.plot.getBoundingClientRect();
      Object.assign(handle, {
        x: xaxis.p2d(clientX - left - xaxis._offset),
        y: yaxis.p2d(clientY - top - yaxis._offset),
      });
      this.place();
      handle.move(handle.x, handle.y);
    }
  }
  window.gmmVae = { ...window.gmmVae, Handles };
})();
