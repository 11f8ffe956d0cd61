import { decimalsOf } from '../../live/control-checks';
import { type ControlSpec, canStandAt } from '../../live/controls';
import type { Widget, WidgetState } from './widget';

/** The version of ipywidgets' protocol that the widgets speak, and of the classes that front ends draw them by. */
export const PROTOCOL_VERSION = '2.1.0';
/** The MIME type by which an output names the widget that it shows. */
export const VIEW_MIME = 'application/vnd.jupyter.widget-view+json';
const CLASSES_VERSION = '2.0.0';
const CONTROLS = '@jupyter-widgets/controls';
const BASE = '@jupyter-widgets/base';

/** Views that are not called as their models are. */
const VIEWS: Readonly<Record<string, string>> = { FloatProgress: 'Progress' };

/** What every model says of itself. */
function classOf(name: string, module: string = CONTROLS): WidgetState {
  const hasView = module === CONTROLS && !name.endsWith('Style');
  return {
    _model_module: module,
    _model_module_version: CLASSES_VERSION,
    _model_name: `${name}Model`,
    _view_module: hasView ? module : BASE,
    _view_module_version: CLASSES_VERSION,
    _view_name: hasView ? `${VIEWS[name] ?? name}View` : module === BASE ? `${name}View` : 'StyleView',
    _view_count: null,
  };
}

export function layoutState(layout: WidgetState): WidgetState {
  return { ...classOf('Layout', BASE), ...layout };
}

export function styleState(name: string): WidgetState {
  return classOf(name);
}

/** A model with what every drawn widget has; `layout` and `style` are references. */
export function drawnState(name: string, layout: Widget, state: WidgetState): WidgetState {
  return {
    ...classOf(name),
    _dom_classes: [],
    layout: reference(layout),
    tabbable: null,
    tooltip: null,
    ...state,
  };
}

/** How a state names another widget. */
export function reference({ id }: Widget): string {
  return `IPY_MODEL_${id}`;
}

interface Model {
  /** The class's name in ipywidgets, without `Model` and `View`. */
  readonly name: string;
  readonly style: string;
  readonly state: WidgetState;
  /** What the control stands at after the front end has set this state; undefined where it says nothing of it or nothing valid. */
  readonly read: (state: WidgetState) => unknown;
  /** The state that shows this value. */
  readonly write: (value: unknown) => WidgetState;
}

type Models = { readonly [Kind in ControlSpec['kind']]: (spec: ControlSpec & { readonly kind: Kind }) => Model };

const value = {
  read: (state: WidgetState): unknown => state.value,
  write: (set: unknown): WidgetState => ({ value: set }),
};

const MODELS: Models = {
  slider: ({ min, max, step, value: at }) => ({
    name: 'FloatSlider',
    style: 'SliderStyle',
    state: {
      behavior: 'drag-tap',
      continuous_update: true,
      max,
      min,
      orientation: 'horizontal',
      readout: true,
      readout_format: readoutFormat(step, [min, at]),
      step,
    },
    ...value,
  }),
  select: ({ options }) => ({
    name: 'Dropdown',
    style: 'DescriptionStyle',
    state: { _options_labels: options.map(String) },
    read: ({ index }) => (Number.isInteger(index) ? options[index as number] : undefined),
    write: (choice) => ({ index: options.indexOf(choice as string) }),
  }),
  checkbox: () => ({ name: 'Checkbox', style: 'CheckboxStyle', state: { indent: true }, ...value }),
  play: ({ min, max, step, interval }) => ({
    name: 'Play',
    style: 'DescriptionStyle',
    state: { interval, max, min, playing: false, repeat: false, show_repeat: true, step },
    ...value,
  }),
  text: ({ placeholder }) => ({
    name: 'Text',
    style: 'TextStyle',
    state: { continuous_update: true, placeholder },
    ...value,
  }),
  button: () => ({
    name: 'Button',
    style: 'ButtonStyle',
    state: { button_style: '', icon: '' },
    read: () => undefined,
    write: () => ({}),
  }),
};

/** How a control is said to a widget manager. */
export function modelOf(spec: ControlSpec): Model {
  const model = (MODELS[spec.kind] as (of: ControlSpec) => Model)(spec);
  return {
    ...model,
    read: (state) => {
      const read = model.read(state);
      return canStandAt(spec, read) ? read : undefined;
    },
  };
}

/** Writes a number with as many decimals as the step has, and the places that it starts from: 0.25, 0.5 and 1 are not 0.3, 0.5 and 1.0. */
const readoutFormat = (step: number, from: readonly number[]): string => `.${decimalsOf(step, from)}f`;
