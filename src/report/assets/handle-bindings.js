// What a handle of a live figure moves: the sliders of its cell.
(() => {
  const SQRT_TWO_PI = Math.sqrt(2 * Math.PI);

  /** The value of an axis's control where the handle is at this coordinate: that of a peak is the width of its normal. */
  function valueAt({ peak }, coordinate, { min, max }) {
    const value = peak ? (coordinate > 0 ? peak / (coordinate * SQRT_TWO_PI) : max) : coordinate;
    return Math.min(max, Math.max(min, value));
  }

  /**
   * A handle for `Handles`, of what a figure says about it.
   * @param controls the cell's, by name
   * @returns undefined where the cell has no such sliders
   */
  function bound({ label, colour, x, y, sets }, controls) {
    if (sets) {
      const move = () => {
        for (const [name, value] of Object.entries(sets)) controls.get(name)?.to?.(value);
      };
      return { label, colour, x, y, click: move };
    }
    const axes = [x, y].map((axis) => ({ axis, control: controls.get(axis?.control) }));
    const moved = axes.filter(({ control }) => control?.to);
    if (moved.length === 0) return undefined;
    const [{ control }] = moved;
    const { value, min, max } = control.state();
    return {
      label,
      colour,
      x: x.at ?? x,
      y: y.at ?? y,
      value,
      min,
      max,
      text: moved.map((one) => one.control.words()).join(', '),
      move: (...coordinates) => {
        for (const [i, { axis, control }] of axes.entries())
          if (control?.to) control.to(valueAt(axis, coordinates[i], control.state()));
      },
      nudge: (...steps) => {
        for (const [i, { axis, control }] of axes.entries()) {
          if (!control?.to || steps[i] === 0) continue;
          const { value, step } = control.state();
          // Higher is narrower.
          control.to(value + (axis.peak ? -1 : 1) * steps[i] * step);
        }
      },
    };
  }
  window.gmmVae = { ...window.gmmVae, bound };
})();
