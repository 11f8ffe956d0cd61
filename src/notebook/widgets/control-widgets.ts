import { type ControlSpec, type Controls, canStandAt } from '../../live/controls';
import { modelOf } from './models';
import type { OpenedWidgets } from './opened';
import type { Widget, WidgetState } from './widget';

interface Opened {
  readonly widget: Widget;
  readonly write: (value: unknown) => WidgetState;
}

/** The widgets of a live cell's controls: they tell what a reader moves, and follow what code sets. */
export class ControlWidgets {
  readonly #opened: ReadonlyMap<string, Opened>;

  /**
   * @param values what the controls stand at; read, never written
   * @param onMove is told of each value that a front end has set, once it is one that the control can stand at
   */
  constructor(
    widgets: OpenedWidgets,
    controls: Controls,
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly onMove: (name: string, value: unknown) => void,
  ) {
    this.#opened = new Map(Object.entries(controls).map(([name, { spec }]) => [name, this.#open(widgets, name, spec)]));
  }

  /** Stand in the order of the controls. */
  get all(): readonly Widget[] {
    return [...this.#opened.values()].map(({ widget }) => widget);
  }

  idOf(name: string): string | undefined {
    return this.#opened.get(name)?.widget.id;
  }

  /** Moves a widget to a value that code has set. */
  set(name: string, value: unknown): void {
    const opened = this.#opened.get(name);
    opened?.widget.set(opened.write(value));
  }

  #open(widgets: OpenedWidgets, name: string, spec: ControlSpec): Opened {
    const { name: model, style, state, read, write } = modelOf(spec);
    const events = {
      onState: (given: WidgetState): WidgetState | undefined => {
        const touched = Object.keys(write(this.values[name])).some((key) => key in given);
        if (!touched) return undefined;
        const value = read(given);
        if (!canStandAt(spec, value)) return write(this.values[name]);
        if (value !== this.values[name]) this.onMove(name, value);
        return undefined;
      },
      onCustom: (content: unknown): void => {
        const isClick = spec.kind === 'button' && (content as { event?: unknown } | null)?.event === 'click';
        if (isClick) this.onMove(name, Number(this.values[name]) + 1);
      },
    };
    const words = { description: spec.label ?? name, description_allow_html: false, disabled: false };
    const first = { ...state, ...write(spec.value), ...words };
    return { widget: widgets.open(model, style, first, { events, layout: { width: 'auto' } }), write };
  }
}
