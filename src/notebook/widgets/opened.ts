import type { CommHost } from '../host';
import { drawnState, layoutState, reference, styleState } from './models';
import { Widget, type WidgetEvents, type WidgetState } from './widget';

/** The widgets that one output is made of, each with its layout and style; they are closed together. */
export class OpenedWidgets {
  readonly #all: Widget[] = [];

  constructor(private readonly comms: CommHost) {}

  /**
   * Opens a widget.
   * @param name of its class in ipywidgets, without `Model` and `View`
   * @param style the name of its style's class; null for a box, which has none
   */
  open(
    name: string,
    style: string | null,
    state: WidgetState,
    { events = {}, layout = {} }: { readonly events?: WidgetEvents; readonly layout?: WidgetState } = {},
  ): Widget {
    const laidOut = this.#one(layoutState(layout));
    const styled = style === null ? {} : { style: reference(this.#one(styleState(style))) };
    return this.#one(drawnState(name, laidOut, { ...styled, ...state }), events);
  }

  close(): void {
    for (const widget of this.#all.toReversed()) widget.close();
    this.#all.length = 0;
  }

  #one(state: WidgetState, events: WidgetEvents = {}): Widget {
    const widget = new Widget(this.comms, state, events);
    this.#all.push(widget);
    return widget;
  }
}
